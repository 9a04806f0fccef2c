// A layer of tiles, pictures or vectors, from whatever archive holds them. Beyond the archive's
// deepest level its tiles are drawn larger.

import MVT from 'ol/format/MVT';
import type BaseLayer from 'ol/layer/Base';
import TileLayer from 'ol/layer/Tile';
import VectorTileLayer from 'ol/layer/VectorTile';
import type RenderFeature from 'ol/render/Feature';
import ImageTile from 'ol/source/ImageTile';
import VectorTile from 'ol/source/VectorTile';
import type OlVectorTile from 'ol/VectorTile';
import { siteStyle } from './styles';

type Bytes = (z: number, x: number, y: number) => Promise<ArrayBuffer | undefined>;

/** An archive of tiles; a tile that it lacks is `undefined`. */
export interface Pyramid {
  minZoom: number;
  maxZoom: number;
  isVector: boolean;
  bytes: Bytes;
}

export function tiledLayer({ minZoom, maxZoom, isVector, bytes }: Pyramid): BaseLayer {
  if (!isVector) {
    const loader = async (z: number, x: number, y: number) => {
      const found = await bytes(z, x, y);
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
