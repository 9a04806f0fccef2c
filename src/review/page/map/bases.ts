// Base layers from files that the person named when starting the server. All are offline.

import type BaseLayer from 'ol/layer/Base';
import ImageLayer from 'ol/layer/Image';
import LayerGroup from 'ol/layer/Group';
import TileLayer from 'ol/layer/Tile';
import VectorImageLayer from 'ol/layer/VectorImage';
import type RenderEvent from 'ol/render/Event';
import ImageTile from 'ol/source/ImageTile';
import VectorSource from 'ol/source/Vector';
import { ask, get, type Layer } from '../server';
import { features } from './chart';
import { siteStyle } from './styles';

export class Bases {
  /** One group a layer, bottom first, in the order in which they were given. */
  readonly layers: LayerGroup[];
  /** Where the top picture ends, as a share of the map's width. */
  swipe = 1;

  constructor(
    private readonly given: Layer[],
    failed: (error: unknown) => void,
  ) {
    this.layers = given.map((layer) => {
      const group = new LayerGroup({ properties: { id: layer.id } });
      // A file that cannot be read is told; the others are shown.
      make(layer).then((made) => {
        group.getLayers().push(made);
        if (layer.id === this.top()) this.clip(made);
      }, failed);
      return group;
    });
  }

  hide(hidden: Set<string>): void {
    for (const group of this.layers) group.setVisible(!hidden.has(String(group.get('id'))));
  }

  /** The topmost picture: lines of GeoJSON are not swiped. */
  private top(): string | undefined {
    return this.given.findLast((layer) => layer.kind !== 'geojson')?.id;
  }

  private clip(layer: BaseLayer): void {
    const context = (event: RenderEvent) => event.context as CanvasRenderingContext2D | undefined;
    layer.addEventListener('prerender', (event) => {
      const drawn = context(event as RenderEvent);
      if (!drawn) return;
      drawn.save();
      drawn.beginPath();
      drawn.rect(0, 0, drawn.canvas.width * this.swipe, drawn.canvas.height);
      drawn.clip();
    });
    layer.addEventListener('postrender', (event) => context(event as RenderEvent)?.restore());
  }
}

async function make(layer: Layer): Promise<BaseLayer> {
  switch (layer.kind) {
    case 'geojson': {
      const source = new VectorSource({ features: features(await get(layer.url)) });
      return new VectorImageLayer({ source, style: siteStyle });
    }
    case 'geotiff': {
      const { pictureOf } = await import('./geotiff');
      return new ImageLayer({ source: await pictureOf(layer.url) });
    }
    case 'pmtiles': {
      const { tilesOf } = await import('./pmtiles');
      return tilesOf(layer.url);
    }
    case 'mbtiles':
      return new TileLayer({ source: mbtiles(layer.id) });
  }
}

function mbtiles(id: string): ImageTile {
  return new ImageTile({
    loader: async (z, x, y) => {
      const answer = await ask(`/api/tiles/${encodeURIComponent(id)}/${z}/${x}/${y}`);
      return createImageBitmap(await answer.blob());
    },
    maxZoom: 22,
  });
}
