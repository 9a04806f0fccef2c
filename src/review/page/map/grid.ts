// A metric grid: what a map still says when there is no base layer at all.

import Feature from 'ol/Feature';
import type { Extent } from 'ol/extent';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import { toLonLat, transform, transformExtent } from 'ol/proj';
import { RD, utm } from './projections';
import { isInRd } from './rd';

/** Lines stand about this far apart on the screen. */
const APART_PX = 110;
/** A grid of more lines than this would be a grey plane. */
const MOST = 60;

/** 1, 2 or 5 times a power of ten, next above. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

export function gridLines(extent: Extent, resolution: number): Feature[] {
  const [lon = 0, lat = 0] = toLonLat([
    ((extent[0] ?? 0) + (extent[2] ?? 0)) / 2,
    ((extent[1] ?? 0) + (extent[3] ?? 0)) / 2,
  ]);
  const metric = isInRd(lon, lat) ? RD : utm(lon, lat);
  const [west = 0, south = 0, east = 0, north = 0] = transformExtent(extent, 'EPSG:3857', metric);
  // Web Mercator stretches lengths by 1 / cos(latitude).
  const step = roundUp(APART_PX * resolution * Math.cos((lat * Math.PI) / 180));
  if ((east - west) / step > MOST || (north - south) / step > MOST) return [];
  const back = (x: number, y: number) => transform([x, y], metric, 'EPSG:3857');
  const made: Feature[] = [];
  const add = (from: number[], to: number[], label: number) => {
    made.push(new Feature({ geometry: new LineString([from, to]) }));
    made.push(new Feature({ geometry: new Point(from), label: String(label) }));
  };
  for (let x = Math.ceil(west / step) * step; x <= east; x += step) {
    add(back(x, south), back(x, north), x);
  }
  for (let y = Math.ceil(south / step) * step; y <= north; y += step) {
    add(back(west, y), back(east, y), y);
  }
  return made;
}
