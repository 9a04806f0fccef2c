// A PMTiles archive, read by ranges.

import { FetchSource, PMTiles, TileType } from 'pmtiles';
import { credentials } from '../server';
import type { Pyramid } from './tiles';

export async function opened(url: string): Promise<Pyramid> {
  const address = new URL(url, location.href).href;
  const archive = new PMTiles(new FetchSource(address, new Headers(credentials())));
  const { tileType, minZoom, maxZoom } = await archive.getHeader();
  const bytes = async (z: number, x: number, y: number) => (await archive.getZxy(z, x, y))?.data;
  return { minZoom, maxZoom, isVector: tileType === TileType.Mvt, bytes };
}
