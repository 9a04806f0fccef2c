// The finding's best frame in the earlier case, beside the one of now and in the same colours: a
// span of its own would make any two pictures look alike.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { text } from '../acts';
import { ask, type Compared } from '../server';
import { type State, useStore, useWords } from '../store';
import { colours } from './palette';
import { paint, type Raster, readRaster, table } from './raster';

const chosenOf = (state: State) => state.chosen;
const comparedOf = (state: State) => state.compared;
const paletteOf = (state: State) => state.palette;
const invertedOf = (state: State) => state.inverted;
const spanOf = (state: State) => state.span;
const isothermOf = (state: State) => state.isotherm;

export function EarlierFrame() {
  const w = useWords();
  const chosen = useStore(chosenOf);
  const pair = useStore(comparedOf).get(chosen ?? '');
  const [raster, setRaster] = useState<Raster | null>(null);
  const [error, setError] = useState('');
  const id = pair?.earlier_id ?? null;
  useEffect(() => {
    setRaster(null);
    setError('');
    if (id === null) return;
    const stop = new AbortController();
    ask(`/api/compare/${encodeURIComponent(id)}/raw`, stop.signal)
      .then((answer) => readRaster(answer, pair?.earlier_frame ?? 0))
      .then(setRaster)
      .catch((caught: unknown) => !stop.signal.aborted && setError(text(caught)));
    return () => stop.abort();
  }, [id]);
  if (!pair || !raster || error) {
    const nothing = id === null ? w.noEarlier : error || w.loading;
    return <div class="visible"><p class="empty">{nothing}</p></div>;
  }
  return (
    <figure class="visible earlier">
      <Painted raster={raster} pair={pair} label={w.earlierOf(pair.earlier_id ?? '')} />
      <figcaption>{w.earlierOf(pair.earlier_id ?? '')}</figcaption>
    </figure>
  );
}

function Painted({ raster, pair, label }: { raster: Raster; pair: Compared; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useStore(paletteOf);
  const inverted = useStore(invertedOf);
  const span = useStore(spanOf);
  const isotherm = useStore(isothermOf);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(raster.width, raster.height);
    const lut = new Uint32Array(65_536);
    table(raster, colours(palette, inverted), span, isotherm, lut);
    paint(raster, lut, new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
    const [left = 0, top = 0, width = 0, height = 0] = pair.earlier_bbox_px ?? [];
    for (const [colour, line] of [['#000000', 4], ['#ffffff', 2]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(left - 2, top - 2, width + 4, height + 4);
    }
  }, [raster, pair, palette, inverted, span, isotherm]);
  return <canvas ref={canvas} width={raster.width} height={raster.height} role="img"
    aria-label={label} data-frame={raster.frame} />;
}
