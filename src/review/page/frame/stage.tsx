// The thermal picture, on Canvas2D: no graphics card is needed.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../server';
import { now, set, type State, useStore, useWords } from '../store';
import { zoomBy } from '../keys';
import { addPoint } from './gesture';
import { Overlay } from './overlay';
import { colours } from './palette';
import { paint, type Raster, table } from './raster';
import { type Sight, sight, toFrame } from './sight';

const paletteOf = (state: State) => state.palette;
const invertedOf = (state: State) => state.inverted;
const spanOf = (state: State) => state.span;
const isothermOf = (state: State) => state.isotherm;
const zoomOf = (state: State) => state.zoom;
const middleOf = (state: State) => state.middle;
const toolOf = (state: State) => state.tool;

export function Stage({ raster }: { raster: Raster }) {
  const w = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 640, height: 512 });
  const zoom = useStore(zoomOf);
  const middle = useStore(middleOf);
  const tool = useStore(toolOf);
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    const look = () => setSize({ width: current.clientWidth, height: current.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (tool !== 'pointer') box.current?.focus();
  }, [tool]);
  const seen = sight(raster, size, zoom, middle);
  return (
    <div class={`frame-stage ${tool === 'pointer' ? '' : 'drawing'}`} ref={box} tabIndex={0}
      role="application" aria-label={`${w.frame} ${raster.frame}. ${w.toolHint}`}
      {...useGestures(seen, raster)}>
      <Picture raster={raster} size={size} seen={seen} />
      <Overlay raster={raster} seen={seen} size={size} />
    </div>
  );
}

interface PictureProps {
  raster: Raster;
  size: { width: number; height: number };
  seen: Sight;
}

function Picture({ raster, size, seen }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painted = usePainted(raster);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !canvas.current) return;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.current.width !== width) canvas.current.width = width;
    if (canvas.current.height !== height) canvas.current.height = height;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    // Pixels stay pixels: a smoothed picture would show values that were never measured.
    context.imageSmoothingEnabled = false;
    context.setTransform(seen.scale * ratio, 0, 0, seen.scale * ratio,
      seen.left * ratio, seen.top * ratio);
    context.drawImage(painted.canvas, 0, 0);
    canvas.current.dataset['frame'] = String(raster.frame);
  }, [painted, size, seen.scale, seen.left, seen.top]);
  return <canvas ref={canvas} class="picture" aria-hidden="true" />;
}

interface Painted {
  canvas: HTMLCanvasElement;
}

/** What one repaint leaves for the next: new megabytes at each key press would be collected. */
interface Kept {
  key: unknown[];
  lut: Uint32Array;
  image: ImageData | null;
  painted: Painted;
}

/** The frame in colours, one canvas pixel a frame pixel; a new object when it was painted anew. */
function usePainted(raster: Raster): Painted {
  const palette = useStore(paletteOf);
  const inverted = useStore(invertedOf);
  const span = useStore(spanOf);
  const isotherm = useStore(isothermOf);
  const kept = useRef<Kept | null>(null);
  const key = [raster, palette, inverted, span, isotherm];
  if (kept.current?.key.every((part, at) => part === key[at])) return kept.current.painted;
  const canvas = kept.current?.painted.canvas ?? document.createElement('canvas');
  const lut = kept.current?.lut ?? new Uint32Array(65_536);
  if (canvas.width !== raster.width) canvas.width = raster.width;
  if (canvas.height !== raster.height) canvas.height = raster.height;
  const context = canvas.getContext('2d');
  const last = kept.current?.image;
  const fits = last?.width === raster.width && last.height === raster.height;
  const image = fits ? last : context?.createImageData(raster.width, raster.height) ?? null;
  if (context && image) {
    table(raster, colours(palette, inverted), span, isotherm, lut);
    paint(raster, lut, new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  }
  kept.current = { key, lut, image, painted: { canvas } };
  return kept.current.painted;
}

/** Mouse, touch, wheel and arrow keys on the picture. */
function useGestures(seen: Sight, raster: Raster) {
  const drag = useRef<{ from: Point; middle: Point; moved: boolean } | null>(null);
  const fingers = useRef(new Map<number, Point>());
  const at = (event: MouseEvent): Point => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return toFrame(seen, [event.clientX - box.left, event.clientY - box.top]);
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      const from: Point = [event.clientX, event.clientY];
      fingers.current.set(event.pointerId, from);
      drag.current = fingers.current.size > 1 ? null
        : { from, middle: shownMiddle(seen), moved: false };
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      if (fingers.current.size > 1) return pinch(event, fingers.current, seen, raster);
      const { current } = drag;
      if (current && now().tool === 'pointer') {
        const [dx, dy] = [event.clientX - current.from[0], event.clientY - current.from[1]];
        current.moved ||= Math.hypot(dx, dy) > 3;
        const [x, y] = current.middle;
        if (current.moved) set({ middle: [x - dx / seen.scale, y - dy / seen.scale] });
      }
      set({ cursor: inside(at(event), raster) });
    },
    onPointerUp: (event: PointerEvent) => {
      const point = inside(at(event), raster);
      const isOne = fingers.current.size < 2;
      fingers.current.delete(event.pointerId);
      if (point && isOne && now().tool !== 'pointer') addPoint(point, raster);
      drag.current = null;
    },
    onPointerCancel: (event: PointerEvent) => {
      fingers.current.delete(event.pointerId);
      drag.current = null;
    },
    onPointerLeave: () => set({ cursor: null }),
    onDblClick: () => now().tool === 'pointer' && zoomBy(now().zoom > 1 ? 0 : 4),
    onWheel: (event: WheelEvent) => {
      event.preventDefault();
      wheel(at(event), event.deltaY < 0 ? 1.25 : 0.8, seen, raster);
    },
    onKeyDown: (event: KeyboardEvent) => arrow(event, raster),
  };

  function shownMiddle({ scale, left, top }: Sight): Point {
    const [x, y] = now().middle;
    const { width, height } = raster;
    const stage = document.querySelector('.frame-stage');
    if (!stage) return [x, y];
    const middle = (room: number, start: number, whole: number) =>
      Math.min(whole, Math.max(0, (room / 2 - start) / scale));
    return [middle(stage.clientWidth, left, width), middle(stage.clientHeight, top, height)];
  }
}

function inside([x, y]: Point, { width, height }: Raster): Point | null {
  return x >= 0 && y >= 0 && x < width && y < height ? [x, y] : null;
}

/** Two fingers: as far as they part, so much closer, about the middle between them. */
function pinch(event: PointerEvent, fingers: Map<number, Point>, seen: Sight, raster: Raster) {
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  const before = fingers.get(event.pointerId);
  if (!other || !before) return;
  const after: Point = [event.clientX, event.clientY];
  fingers.set(event.pointerId, after);
  const apart = ([x, y]: Point) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const middle: Point = [(after[0] + other[0]) / 2 - box.left, (after[1] + other[1]) / 2 - box.top];
  wheel(toFrame(seen, middle), apart(after) / apart(before), seen, raster);
}

/** Closer or farther, with the pixel under the cursor staying where it is. */
function wheel(point: Point, factor: number, seen: Sight, raster: Raster): void {
  const { zoom } = now();
  const fresh = Math.min(32, Math.max(1, zoom * factor));
  const stage = document.querySelector('.frame-stage');
  if (!stage || fresh === zoom) return;
  const scale = (seen.scale * fresh) / zoom;
  const middle = (room: number, start: number, at: number) =>
    at + (room / 2 - (start + at * seen.scale)) / scale;
  set({
    zoom: fresh,
    middle: fresh === 1 ? [raster.width / 2, raster.height / 2]
      : [middle(stage.clientWidth, seen.left, point[0]),
        middle(stage.clientHeight, seen.top, point[1])],
  });
}

/** The cross by keyboard: arrows move it a pixel, with Shift ten; Enter sets a point. */
function arrow(event: KeyboardEvent, raster: Raster): void {
  const by = event.shiftKey ? 10 : 1;
  const moves: Record<string, Point> = {
    ArrowLeft: [-by, 0],
    ArrowRight: [by, 0],
    ArrowUp: [0, -by],
    ArrowDown: [0, by],
  };
  const move = moves[event.key];
  const start: Point = [Math.floor(raster.width / 2) + 0.5, Math.floor(raster.height / 2) + 0.5];
  const [x, y] = now().cursor ?? start;
  if (move) {
    event.preventDefault();
    const clamp = (value: number, whole: number) => Math.min(whole - 0.5, Math.max(0.5, value));
    set({ cursor: [clamp(x + move[0], raster.width), clamp(y + move[1], raster.height)] });
  } else if (event.key === 'Enter' && now().tool !== 'pointer') {
    event.preventDefault();
    addPoint([x, y], raster);
  }
}
