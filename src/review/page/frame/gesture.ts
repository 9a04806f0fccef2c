// Points that a person sets become a measurement, a finding or a mask.

import type { Point } from '../server';
import { now, set } from '../store';
import { measure, POINTS, type Shape } from './measure';
import type { Raster } from './raster';

/** Closer than this to the last point, in frame pixels, a point ends a polygon. */
const SAME_PX = 2;

export function addPoint(point: Point, raster: Raster): void {
  const { tool, points } = now();
  if (tool === 'pointer') return;
  const last = points.at(-1);
  const isEnd = last !== undefined && Math.hypot(last[0] - point[0], last[1] - point[1]) < SAME_PX;
  if (tool === 'finding' || tool === 'person' || tool === 'plate' || tool === 'polygon') {
    if (!isEnd) set({ points: [...points, point] });
    else if (points.length >= 3) endPolygon(points, raster);
    return;
  }
  const all = [...points, point];
  if (all.length < POINTS[tool]) set({ points: all });
  else keep(tool, all, raster);
}

function endPolygon(points: Point[], raster: Raster): void {
  const { tool } = now();
  const polygon = points.map(([x, y]): Point => [Math.round(x * 10) / 10, Math.round(y * 10) / 10]);
  const { frame } = raster;
  if (tool === 'polygon') return keep('polygon', points, raster);
  set({ points: [], tool: 'pointer' });
  if (tool === 'finding') set({ dialog: { what: 'draw', polygon, frame } });
  if (tool === 'person' || tool === 'plate') {
    set({ dialog: { what: 'mask', polygon, frame, of: tool } });
  }
}

function keep(shape: Shape, points: Point[], raster: Raster): void {
  const values = measure(raster, shape, points);
  const { measurements } = now();
  set({ points: [] });
  if (!values) return;
  const number = (measurements.at(-1)?.number ?? 0) + 1;
  const made = { number, shape, frame: raster.frame, points_px: points, values };
  set({ measurements: [...measurements, made] });
}
