// Measurements on a frame: a spot, a line, an area, a polygon. Each is worked out from the
// counts as they came, never from colours, and is saved with a review.

import type { Point } from '../server';
import { type Parameters, type Raster, valueAt } from './raster';

export type Shape = 'spot' | 'line' | 'area' | 'polygon';

export interface Values {
  min_c: number;
  max_c: number;
  mean_c: number;
  delta_k: number;
  pixels: number;
  /** Where the hottest pixel is, in its middle. */
  hottest_px: Point;
}

export interface Measurement {
  number: number;
  shape: Shape;
  frame: number;
  points_px: Point[];
  values: Values;
  /** What the server was asked to assume instead of what the file says. */
  parameters?: Parameters;
  /** The values with the file's own parameters, kept when others were asked for. */
  was?: Values;
}

/** Points that a shape needs; a polygon takes as many as it gets. */
export const POINTS: Record<Shape, number> = { spot: 1, line: 2, area: 2, polygon: Infinity };

function* pixelsOf(shape: Shape, points: Point[]): Generator<Point> {
  const [first, second] = points;
  if (!first) return;
  if (shape === 'spot') yield first;
  if (shape === 'line' && second) yield* onLine(first, second);
  if (shape === 'area' && second) yield* inArea(first, second);
  if (shape === 'polygon') yield* inPolygon(points);
}

/** One point each pixel along the longer axis. */
export function* onLine([x0, y0]: Point, [x1, y1]: Point): Generator<Point> {
  const steps = Math.max(1, Math.round(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
  for (let step = 0; step <= steps; step++) {
    yield [x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps];
  }
}

function* inArea(a: Point, b: Point): Generator<Point> {
  const [left, right] = [Math.floor(Math.min(a[0], b[0])), Math.floor(Math.max(a[0], b[0]))];
  const [top, bottom] = [Math.floor(Math.min(a[1], b[1])), Math.floor(Math.max(a[1], b[1]))];
  for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) yield [x + 0.5, y + 0.5];
}

/** Pixels whose middle lies inside, by the even-odd rule. */
function* inPolygon(points: Point[]): Generator<Point> {
  const ys = points.map(([, y]) => y);
  for (let row = Math.floor(Math.min(...ys)); row <= Math.max(...ys); row++) {
    const crossings: number[] = [];
    points.forEach(([x0, y0], at) => {
      const [x1, y1] = points[(at + 1) % points.length] as Point;
      const y = row + 0.5;
      if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    });
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const from = Math.ceil((crossings[pair] as number) - 0.5);
      for (let x = from; x + 0.5 < (crossings[pair + 1] as number); x++) yield [x + 0.5, row + 0.5];
    }
  }
}

/** The values of a shape; none if no pixel of it has a value. */
export function measure(raster: Raster, shape: Shape, points: Point[]): Values | null {
  let [min_c, max_c, sum, pixels] = [Infinity, -Infinity, 0, 0];
  let hottest_px: Point = [0, 0];
  for (const [x, y] of pixelsOf(shape, points)) {
    const value = valueAt(raster, x, y);
    if (value === null) continue;
    if (value > max_c) [max_c, hottest_px] = [value, [Math.floor(x) + 0.5, Math.floor(y) + 0.5]];
    min_c = Math.min(min_c, value);
    sum += value;
    pixels += 1;
  }
  if (pixels === 0) return null;
  return { min_c, max_c, mean_c: sum / pixels, delta_k: max_c - min_c, pixels, hottest_px };
}

/** Temperatures along a line. */
export function profile(raster: Raster, points: Point[]): number[] {
  const [first, second] = points;
  if (!first || !second) return [];
  return [...onLine(first, second)]
    .map(([x, y]) => valueAt(raster, x, y))
    .filter((value) => value !== null);
}
