// All frames of the finding, each cut around it; the best one is marked. They are fetched when
// the inspector rests on a finding, so that stepping quickly through a list stays quick.

import { useEffect, useRef, useState } from 'preact/hooks';
import { show } from '../acts';
import { now, type State, useStore, useWords } from '../store';
import type { Sighting } from '../server';
import { colours } from './palette';
import { fetchRaster, NO_VALUE, type Raster } from './raster';

/** A pause this long is a rest. */
const REST_MS = 400;
/** A longer strip is cut, the best frame in its middle: nobody looks at a hundred. */
const MOST = 40;
const SIDE = { width: 64, height: 48 };
/** At least this much of the frame around the finding. */
const LEAST_PX = 96;

const detailOf = (state: State) => state.detail;
const frameOf = (state: State) => state.raster?.frame;
const chosenOf = (state: State) => state.chosen;

export function Film() {
  const w = useWords();
  const detail = useStore(detailOf);
  const chosen = useStore(chosenOf);
  const shown = useStore(frameOf);
  const rested = useRest(chosen);
  if (!detail || detail.id !== chosen) return <div class="film" />;
  const sightings = around(detail.sightings);
  return (
    <div class="film" role="group" aria-label={w.frames}>
      {sightings.map((sighting) => (
        <button type="button" key={sighting.frame} onClick={() => void show(sighting.frame)}
          class={sighting.best ? 'best' : ''} aria-current={sighting.frame === shown}
          aria-label={`${w.frame} ${sighting.frame}${sighting.best ? `, ${w.bestFrame}` : ''}`}>
          {rested ? <Cut sighting={sighting} /> : <span class="cut" />}
          <span class="cut-number">{sighting.best ? '★ ' : ''}{sighting.frame}</span>
        </button>
      ))}
      {detail.sightings.length > MOST &&
        <span class="fine">{w.of(MOST, detail.sightings.length)}</span>}
    </div>
  );
}

function around(sightings: Sighting[]): Sighting[] {
  const best = Math.max(0, sightings.findIndex((sighting) => sighting.best));
  const from = Math.max(0, Math.min(best - MOST / 2, sightings.length - MOST));
  return sightings.slice(from, from + MOST);
}

function useRest(chosen: string | null): boolean {
  const [rested, setRested] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(chosen), REST_MS);
    return () => clearTimeout(timer);
  }, [chosen]);
  return rested === chosen;
}

function Cut({ sighting }: { sighting: Sighting }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { current } = canvas;
    if (!current) return;
    let gone = false;
    // Only what comes into sight is fetched.
    const observer = new IntersectionObserver(async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      const { raster } = now();
      const fetched = raster?.frame === sighting.frame ? raster
        : await fetchRaster(sighting.frame).catch(() => null);
      if (fetched && !gone) drawCut(current, fetched, sighting.bbox_px);
    });
    observer.observe(current);
    return () => {
      gone = true;
      observer.disconnect();
    };
  }, [sighting]);
  return <canvas ref={canvas} class="cut" width={SIDE.width} height={SIDE.height} />;
}

function drawCut(canvas: HTMLCanvasElement, raster: Raster, bbox: number[]): void {
  const context = canvas.getContext('2d');
  // Where it lies is not known while frames still come: then the whole frame is shown.
  const whole = [0, 0, raster.width, raster.height];
  const [left = 0, top = 0, width = 0, height = 0] = bbox[2] ? bbox : whole;
  const wide = Math.min(raster.width, Math.max(LEAST_PX, width * 2.5, (height * 2.5 * 4) / 3));
  const high = Math.min(raster.height, (wide * SIDE.height) / SIDE.width);
  const from = (middle: number, size: number, whole: number) =>
    Math.min(Math.max(0, middle - size / 2), whole - size);
  const [x0, y0] = [from(left + width / 2, wide, raster.width),
    from(top + height / 2, high, raster.height)];
  const { palette, inverted, span } = now();
  const table = colours(palette, inverted);
  const image = context?.createImageData(SIDE.width, SIDE.height);
  if (!context || !image) return;
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < SIDE.height; row++) {
    const y = Math.floor(y0 + ((row + 0.5) * high) / SIDE.height);
    for (let column = 0; column < SIDE.width; column++) {
      const x = Math.floor(x0 + ((column + 0.5) * wide) / SIDE.width);
      const count = raster.counts[y * raster.width + x] ?? NO_VALUE;
      const value = count * raster.scale + raster.offset;
      const step = Math.round(((value - span[0]) / (span[1] - span[0])) * 255);
      pixels[row * SIDE.width + column] = table[Math.max(0, Math.min(255, step))] as number;
    }
  }
  context.putImageData(image, 0, 0);
}
