// Tells OpenLayers about RD New. UTM, Web Mercator and WGS 84 it knows.

import { addCoordinateTransforms, addProjection, fromLonLat, Projection, toLonLat } from 'ol/proj';
import { lonLatFrom, rdFrom } from './rd';

export const RD = 'EPSG:28992';

let known = false;

export function knowRd(): void {
  if (known) return;
  known = true;
  // Bounds of the national grid in metres, and in degrees (EPSG registry, area 1275).
  addProjection(new Projection({
    code: RD,
    units: 'm',
    extent: [-7_000, 289_000, 300_000, 629_000],
    worldExtent: [3.2, 50.75, 7.22, 53.7],
  }));
  const two = (at: number[]): [number, number] => [at[0] ?? 0, at[1] ?? 0];
  addCoordinateTransforms('EPSG:4326', RD, (at) => rdFrom(...two(at)),
    (at) => lonLatFrom(...two(at)));
  addCoordinateTransforms('EPSG:3857', RD, (at) => rdFrom(...two(toLonLat(at))),
    (at) => fromLonLat(lonLatFrom(...two(at))));
}

/** The zone of UTM, as its EPSG code: 326 north and 327 south of the equator, then the zone. */
export function utm(lon: number, lat: number): string {
  const zone = Math.min(60, Math.max(1, Math.floor((lon + 180) / 6) + 1));
  return `EPSG:${lat >= 0 ? 326 : 327}${String(zone).padStart(2, '0')}`;
}
