// Base layers from files that the person named when starting the server. All are offline.

import type BaseLayer from 'ol/layer/Base';
import ImageLayer from 'ol/layer/Image';
import LayerGroup from 'ol/layer/Group';
import VectorImageLayer from 'ol/layer/VectorImage';
import type RenderEvent from 'ol/render/Event';
import VectorSource from 'ol/source/Vector';
import { ask, get, type Layer, Refusal } from '../server';
import { features } from './chart';
import { siteStyle } from './styles';
import type { Pyramid } from './tiles';

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
    clip(layer, () => [0, this.swipe]);
  }
}

/** Draws a layer only between two shares of the map's width. */
export function clip(layer: BaseLayer, between: () => [number, number]): void {
  const context = (event: RenderEvent) => event.context as CanvasRenderingContext2D | undefined;
  layer.addEventListener('prerender', (event) => {
    const drawn = context(event as RenderEvent);
    if (!drawn) return;
    const [from, to] = between();
    drawn.save();
    drawn.beginPath();
    const { width, height } = drawn.canvas;
    drawn.rect(width * from, 0, width * (to - from), height);
    drawn.clip();
  });
  layer.addEventListener('postrender', (event) => context(event as RenderEvent)?.restore());
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
      const { opened } = await import('./pmtiles');
      const { tiledLayer } = await import('./tiles');
      return tiledLayer(await opened(layer.url));
    }
    case 'mbtiles': {
      const { tiledLayer } = await import('./tiles');
      return tiledLayer(mbtiles(layer));
    }
  }
}

function mbtiles({ id, tiles }: Layer): Pyramid {
  const bytes = async (z: number, x: number, y: number) => {
    const path = `/api/tiles/${encodeURIComponent(id)}/${z}/${x}/${y}`;
    try {
      return await (await ask(path)).arrayBuffer();
    } catch (error) {
      // A tile that the archive lacks is nothing, not a failure.
      if (error instanceof Refusal && error.status === 404) return undefined;
      throw error;
    }
  };
  return {
    minZoom: tiles?.min_zoom ?? 0,
    maxZoom: tiles?.max_zoom ?? 22,
    isVector: tiles?.vector ?? false,
    bytes,
  };
}
