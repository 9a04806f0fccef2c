// The scale beside the picture: colours, the frame's histogram, and the two ends of the span,
// each a slider that a mouse drags and arrow keys move.

import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { setSpan } from '../acts';
import { now, type State, useStore, useWords } from '../store';
import { colours } from './palette';
import { bins, extremes, type Raster, type Span } from './raster';

const STEPS = 96;
/** Values are shown and set in steps of this many degrees. */
const STEP_C = 0.1;

const paletteOf = (state: State) => state.palette;
const invertedOf = (state: State) => state.inverted;
const spanOf = (state: State) => state.span;
const isothermOf = (state: State) => state.isotherm;

export function Scale({ raster }: { raster: Raster }) {
  const w = useWords();
  const span = useStore(spanOf);
  const isotherm = useStore(isothermOf);
  const box = useRef<HTMLDivElement>(null);
  const range = useMemo(() => rangeOf(raster, span), [raster, span[0], span[1]]);
  const shares = useMemo(() => bins(raster, range, STEPS), [raster, range[0], range[1]]);
  const at = (value: number) => `${(100 * (range[1] - value)) / (range[1] - range[0])}%`;
  const drag = useDrag(box, range);
  return (
    <div class="scale" ref={box}>
      <svg class="histogram" viewBox={`0 0 100 ${STEPS}`} preserveAspectRatio="none" role="img"
        aria-label={w.histogram}>
        <path d={shape(shares)} />
      </svg>
      <Colours range={range} span={span} />
      {isotherm.mode !== 'off' && isotherm.mode !== 'below' &&
        <i class="iso" style={{ top: at(isotherm.low_c) }} />}
      {(isotherm.mode === 'below' || isotherm.mode === 'between') &&
        <i class="iso" style={{ top: at(isotherm.high_c) }} />}
      <End end={1} label={w.scaleHigh} span={span} range={range} top={at(span[1])} drag={drag} />
      <End end={0} label={w.scaleLow} span={span} range={range} top={at(span[0])} drag={drag} />
    </div>
  );
}

/** What the scale covers: the frame and the span, with a little room. */
function rangeOf(raster: Raster, [low, high]: Span): Span {
  const [coldest, hottest] = extremes(raster);
  const [from, to] = [Math.min(coldest, low), Math.max(hottest, high)];
  const room = Math.max((to - from) * 0.04, 0.2);
  return [from - room, to + room];
}

/** The square root shows a hot spot of twenty pixels beside a field of three hundred thousand. */
function shape(shares: number[]): string {
  const most = Math.sqrt(Math.max(...shares, 1));
  const steps = shares.map((share, step) => {
    const x = 100 - (96 * Math.sqrt(share)) / most;
    return `L${x.toFixed(1)} ${STEPS - step}L${x.toFixed(1)} ${STEPS - step - 1}`;
  });
  return `M100 ${STEPS}${steps.join('')}L100 0Z`;
}

function Colours({ range, span }: { range: Span; span: Span }) {
  const palette = useStore(paletteOf);
  const inverted = useStore(invertedOf);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const table = colours(palette, inverted);
    const image = context.createImageData(1, 512);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < 512; row++) {
      const value = range[1] - ((row + 0.5) / 512) * (range[1] - range[0]);
      const step = Math.round(((value - span[0]) / (span[1] - span[0])) * 255);
      pixels[row] = table[Math.max(0, Math.min(255, step))] as number;
    }
    context.putImageData(image, 0, 0);
  }, [palette, inverted, range[0], range[1], span[0], span[1]]);
  return <canvas ref={canvas} class="colours" width={1} height={512} aria-hidden="true" />;
}

interface EndProps {
  end: 0 | 1;
  label: string;
  span: Span;
  range: Span;
  top: string;
  drag: (end: 0 | 1) => (event: PointerEvent) => void;
}

function End({ end, label, span, range, top, drag }: EndProps) {
  const value = span[end];
  const move = (by: number) => {
    const fresh: Span = [...span];
    fresh[end] = value + by;
    setSpan(...fresh);
  };
  return (
    <div class={`end ${end === 1 ? 'high' : 'low'}`} role="slider" tabIndex={0} aria-label={label}
      aria-orientation="vertical" aria-valuenow={Number(value.toFixed(1))}
      aria-valuemin={Number(range[0].toFixed(1))} aria-valuemax={Number(range[1].toFixed(1))}
      aria-valuetext={`${value.toFixed(1)} °C`} style={{ top }} onPointerDown={drag(end)}
      onKeyDown={(event) => {
        const by = { ArrowUp: STEP_C, ArrowDown: -STEP_C, PageUp: 1, PageDown: -1 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        move(by);
      }}>
      {value.toFixed(1)}
    </div>
  );
}

/** Drags an end; the range stays as it was at the start, or the end would run from the hand. */
function useDrag(box: { current: HTMLDivElement | null }, range: Span) {
  return (end: 0 | 1) => (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    const frozen = range;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => {
      const area = box.current?.getBoundingClientRect();
      if (!area) return;
      const share = Math.min(1, Math.max(0, (moved.clientY - area.top) / area.height));
      const value = frozen[1] - share * (frozen[1] - frozen[0]);
      const fresh: Span = [...now().span];
      fresh[end] = Math.round(value / STEP_C) * STEP_C;
      setSpan(...fresh);
    };
    const stop = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', stop);
      handle.removeEventListener('pointercancel', stop);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', stop);
    handle.addEventListener('pointercancel', stop);
  };
}
