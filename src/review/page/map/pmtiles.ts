// A layer from a PMTiles archive, pictures or vectors, read by ranges.

import MVT from 'ol/format/MVT';
import type BaseLayer from 'ol/layer/Base';
import TileLayer from 'ol/layer/Tile';
import VectorTileLayer from 'ol/layer/VectorTile';
import ImageTile from 'ol/source/ImageTile';
import VectorTile from 'ol/source/VectorTile';
import type OlVectorTile from 'ol/VectorTile';
import type RenderFeature from 'ol/render/Feature';
import { FetchSource, PMTiles, TileType } from 'pmtiles';
import { credentials } from '../server';
import { siteStyle } from './styles';

export async function tilesOf(url: string): Promise<BaseLayer> {
  const address = new URL(url, location.href).href;
  const archive = new PMTiles(new FetchSource(address, new Headers(credentials())));
  const { tileType, minZoom, maxZoom } = await archive.getHeader();
  const bytes = async (z: number, x: number, y: number) => (await archive.getZxy(z, x, y))?.data;
  if (tileType !== TileType.Mvt) {
    const loader = async (z: number, x: number, y: number) => {
      const found = await bytes(z, x, y);
      // A tile that the archive lacks is nothing, not a failure.
      return found ? createImageBitmap(new Blob([found])) : document.createElement('canvas');
    };
    return new TileLayer({ source: new ImageTile({ loader, minZoom, maxZoom }) });
  }
  const format = new MVT<RenderFeature>();
  const source = new VectorTile({
    format,
    minZoom,
    maxZoom,
    url: '{z}/{x}/{y}',
    tileLoadFunction: (tile) => load(tile as OlVectorTile<RenderFeature>, format, bytes),
  });
  return new VectorTileLayer({ source, style: siteStyle });
}

type Bytes = (z: number, x: number, y: number) => Promise<ArrayBuffer | undefined>;

function load(tile: OlVectorTile<RenderFeature>, format: MVT<RenderFeature>, bytes: Bytes): void {
  const [z = 0, x = 0, y = 0] = tile.getTileCoord();
  tile.setLoader((extent, _resolution, projection) => {
    bytes(z, x, y).then(
      (found) => tile.setFeatures(found
        ? format.readFeatures(found, { extent, featureProjection: projection })
        : []),
      () => tile.onError(),
    );
  });
}
