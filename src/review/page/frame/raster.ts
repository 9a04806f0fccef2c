// A frame as it came: 16-bit counts, linear in temperature. Colours are made from it through a
// table of 65,536 colours, so a new span or palette costs one table and one pass.

import { ask } from '../server';

/** The count that stands for "no value here". */
export const NO_VALUE = 65_535;
/** A narrower span would show nothing but the sensor's noise. */
const LEAST_SPAN_C = 0.5;
const NOTHING = 0xff808080;
/** Colour of the isotherm: green, which no palette but the rainbow uses. */
const ISOTHERM = 0xff50e020;

export interface Raster {
  frame: number;
  width: number;
  height: number;
  scale: number;
  offset: number;
  /** `C`, or `grey` where the camera does not measure. */
  unit: string;
  counts: Uint16Array;
  /** How many pixels have each count. */
  histogram: Uint32Array;
  valid: number;
  /** The least and the greatest count that a pixel has. */
  lowest: number;
  highest: number;
}

export type Span = [number, number];

export interface Isotherm {
  mode: 'off' | 'above' | 'below' | 'between';
  low_c: number;
  high_c: number;
}

export interface Parameters {
  emissivity?: number;
  reflected_c?: number;
  distance_m?: number;
  humidity?: number;
}

export async function fetchRaster(frame: number, parameters: Parameters = {}): Promise<Raster> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value));
  const suffix = query.size > 0 ? `?${query}` : '';
  return readRaster(await ask(`/api/frames/${frame}/raw${suffix}`), frame);
}

/** A frame from an answer of the server. */
export async function readRaster(answer: Response, frame: number): Promise<Raster> {
  const header = (name: string) => Number(answer.headers.get(name));
  const [width, height] = [header('X-Width'), header('X-Height')];
  const buffer = await answer.arrayBuffer();
  if (!(width > 0 && height > 0) || buffer.byteLength !== width * height * 2) {
    throw new Error(`frame ${frame}: ${buffer.byteLength} bytes for ${width} × ${height} pixels`);
  }
  const counts = new Uint16Array(buffer);
  const histogram = new Uint32Array(65_536);
  for (let at = 0; at < counts.length; at++) histogram[counts[at] as number]!++;
  const lowest = histogram.findIndex((pixels) => pixels > 0);
  const highest = histogram.findLastIndex((pixels, count) => pixels > 0 && count !== NO_VALUE);
  return {
    lowest: Math.min(lowest, Math.max(highest, 0)),
    highest: Math.max(highest, 0),
    frame,
    width,
    height,
    scale: header('X-Scale'),
    offset: header('X-Offset'),
    unit: answer.headers.get('X-Unit') ?? 'C',
    counts,
    histogram,
    valid: counts.length - (histogram[NO_VALUE] ?? 0),
  };
}

/** The value at a pixel; none outside the frame or where the camera gave none. */
export function valueAt(raster: Raster, x: number, y: number): number | null {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= raster.width || row >= raster.height) return null;
  const count = raster.counts[row * raster.width + column] as number;
  return count === NO_VALUE ? null : count * raster.scale + raster.offset;
}

/** The value below which a share of the pixels lies. */
function quantile(raster: Raster, share: number): number {
  const wanted = raster.valid * share;
  let seen = 0;
  for (let count = raster.lowest; count <= raster.highest; count++) {
    seen += raster.histogram[count] as number;
    if (seen > wanted) return count * raster.scale + raster.offset;
  }
  return raster.highest * raster.scale + raster.offset;
}

/** Lowest and highest value of the frame. */
export function extremes(raster: Raster): Span {
  const value = (count: number) => count * raster.scale + raster.offset;
  return [value(raster.lowest), value(raster.highest)];
}

/**
 * A span that a few burning or dead pixels cannot stretch: all but 0.5 % at each end, and beyond
 * that towards the extremes by at most its own width. So a leak of twenty pixels across, a tenth
 * of a percent of the picture, has gradations, and the ground around it is not all black.
 */
export function robustSpan(raster: Raster): Span {
  const [low, high] = [quantile(raster, 0.005), quantile(raster, 0.995)];
  const [coldest, hottest] = extremes(raster);
  const width = Math.max(high - low, LEAST_SPAN_C);
  const top = Math.max(low + LEAST_SPAN_C, Math.min(hottest, high + width));
  return [Math.max(coldest, low - width), top];
}

/** Shares of the frame in equal steps over a range, for the histogram. */
export function bins(raster: Raster, [low, high]: Span, steps: number): number[] {
  const made = new Array<number>(steps).fill(0);
  for (let count = raster.lowest; count <= raster.highest; count++) {
    const seen = raster.histogram[count] as number;
    if (seen === 0) continue;
    const value = count * raster.scale + raster.offset;
    const step = Math.floor(((value - low) / (high - low)) * steps);
    if (step >= 0 && step < steps) made[step]! += seen;
  }
  return made;
}

/** The table from counts to colours. */
export function table(
  raster: Pick<Raster, 'scale' | 'offset'>,
  palette: Uint32Array,
  [low, high]: Span,
  isotherm: Isotherm,
  into: Uint32Array,
): void {
  const per_c = 255 / Math.max(high - low, 1e-6);
  for (let count = 0; count < NO_VALUE; count++) {
    const value = count * raster.scale + raster.offset;
    const step = Math.max(0, Math.min(255, Math.round((value - low) * per_c)));
    into[count] = isInside(isotherm, value) ? ISOTHERM : (palette[step] as number);
  }
  into[NO_VALUE] = NOTHING;
}

function isInside(isotherm: Isotherm, value: number): boolean {
  switch (isotherm.mode) {
    case 'off':
      return false;
    case 'above':
      return value >= isotherm.low_c;
    case 'below':
      return value <= isotherm.high_c;
    case 'between':
      return value >= isotherm.low_c && value <= isotherm.high_c;
  }
}

export function paint(raster: Raster, colours: Uint32Array, pixels: Uint32Array): void {
  const { counts } = raster;
  for (let at = 0; at < counts.length; at++) pixels[at] = colours[counts[at] as number] as number;
}
