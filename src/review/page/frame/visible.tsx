// The visible picture beside the thermal one. The cursor is linked by its share of width and
// height: both cameras look the same way, but how they are mounted is not known to the pixel.

import { useEffect, useRef, useState } from 'preact/hooks';
import { text } from '../acts';
import { ask, type FrameRow } from '../server';
import { type State, useStore, useWords } from '../store';

const cursorOf = (state: State) => state.cursor;
const rasterOf = (state: State) => state.raster;

export function Visible({ frame }: { frame: FrameRow | null }) {
  const w = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [error, setError] = useState('');
  const url = frame?.visible ?? null;
  useEffect(() => {
    if (!url) return;
    const stop = new AbortController();
    setError('');
    ask(url, stop.signal)
      .then((answer) => answer.blob())
      .then(createImageBitmap)
      .then((picture) => {
        if (!canvas.current || stop.signal.aborted) return;
        canvas.current.width = picture.width;
        canvas.current.height = picture.height;
        canvas.current.getContext('2d')?.drawImage(picture, 0, 0);
        picture.close();
      })
      .catch((caught: unknown) => !stop.signal.aborted && setError(text(caught)));
    return () => stop.abort();
  }, [url]);
  if (!url || error) {
    return <div class="visible"><p class="empty">{error || w.noVisible}</p></div>;
  }
  return (
    <div class="visible">
      <div class="visible-fit">
        <canvas ref={canvas} role="img" aria-label={w.visible} />
        <Cross />
      </div>
    </div>
  );
}

function Cross() {
  const cursor = useStore(cursorOf);
  const raster = useStore(rasterOf);
  if (!cursor || !raster) return null;
  const at = {
    left: `${(100 * cursor[0]) / raster.width}%`,
    top: `${(100 * cursor[1]) / raster.height}%`,
  };
  return <i class="visible-cross" style={at} />;
}
