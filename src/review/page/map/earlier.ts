// Findings of the earlier case on the map, and where the earlier state ends and the one of now
// begins.

import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import { fromLonLat } from 'ol/proj';
import VectorSource from 'ol/source/Vector';
import type { Compared } from '../server';
import { earlierStyle } from './styles';

export class EarlierFindings {
  private readonly source = new VectorSource<Feature>();
  readonly layer = new VectorLayer({ source: this.source, style: earlierStyle,
    properties: { id: 'earlier' } });

  /** Each finding that the earlier case had: what became of it is its shape. */
  fill(rows: Compared[]): void {
    this.source.clear(true);
    const made = rows.flatMap(({ earlier, earlier_id, state }) => {
      if (!earlier || earlier.lat === null || earlier.lon === null) return [];
      const geometry = new Point(fromLonLat([earlier.lon, earlier.lat]));
      return [new Feature({ geometry, earlier: earlier_id, state })];
    });
    this.source.addFeatures(made);
  }
}
