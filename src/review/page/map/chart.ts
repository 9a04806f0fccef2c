// The map itself, outside Preact: it listens to the state and moves features, so that neither
// a pan nor a decision draws the page again.

import Feature from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import VectorLayer from 'ol/layer/Vector';
import VectorImageLayer from 'ol/layer/VectorImage';
import OlMap from 'ol/Map';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj';
import VectorSource from 'ol/source/Vector';
import View from 'ol/View';
import ScaleLine from 'ol/control/ScaleLine';
import { choose } from '../acts';
import { type Case, type Compared, type Finding, get } from '../server';
import { listen, now } from '../store';
import { Bases, clip } from './bases';
import { EarlierFindings } from './earlier';
import { gridLines } from './grid';
import { knowRd } from './projections';
import { chosenStyle, ellipseStyle, findingStyle, footprintStyle, gridStyle, siteStyle,
  trackStyle } from './styles';

export type Shown = Record<'footprints' | 'track' | 'site' | 'grid' | 'ellipses' | 'earlier',
  boolean>;

/** Vertices of a drawn ellipse: its edge is within 1 % of the true one. */
const ELLIPSE_VERTICES = 24;
const ELLIPSES_AT_A_TIME = 300;
/** Ellipses are drawn when a metre is at least this many pixels; before, they are dots. */
const ELLIPSE_PX_PER_M = 1.5;

/** A picture this much larger than the map, so that a short pan shows no bare edge. */
const PICTURE_RATIO = 1.5;
/** Longer than the time between two presses of a held key. */
const FOLLOW_MS = 120;

/** What of the state was drawn last. */
interface Seen {
  run?: string | undefined;
  findings?: Finding[];
  pairs?: Compared[];
  chosen?: string | null;
  frame?: number | undefined;
}

const vectors = () => new VectorSource<Feature>();

export class Chart {
  failed: (error: unknown) => void = () => undefined;
  private readonly map: OlMap;
  private readonly bases: Bases;
  private readonly earlier = new EarlierFindings();
  /** Left of this share of the width is the earlier case, right of it the one of now. */
  private divide: number | null = null;
  private readonly sources = {
    points: vectors(),
    ellipses: vectors(),
    chosen: vectors(),
    track: vectors(),
    site: vectors(),
    footprints: vectors(),
    grid: vectors(),
  };
  private readonly layers: Record<keyof Shown, VectorLayer | VectorImageLayer>;
  private readonly features = new Map<string, { finding: Finding; made: Feature[] }>();
  private readonly stop: () => void;
  private seen: Seen = {};
  private footprints: Promise<void> | null = null;
  private readonly undrawn = new Set<string>();
  private hasLooked = false;
  private drawing: ReturnType<typeof setTimeout> | undefined;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(
    box: HTMLElement,
    about: Case,
    shown: Shown,
    private readonly cursor: (lonLat: [number, number] | null) => void,
  ) {
    knowRd();
    this.bases = new Bases(about.layers, (error) => this.failed(error));
    this.layers = this.makeLayers(about);
    // A picture too: choosing another finding must not draw all dots again.
    const points = new VectorImageLayer({ source: this.sources.points, style: findingStyle,
      imageRatio: PICTURE_RATIO });
    for (const layer of [points, this.layers.ellipses]) clip(layer, () => [this.divide ?? 0, 1]);
    clip(this.earlier.layer, () => [0, this.divide ?? 1]);
    this.map = new OlMap({
      target: box,
      controls: [new ScaleLine({ minWidth: 60 })],
      layers: [
        ...this.bases.layers,
        this.layers.grid, this.layers.site, this.layers.footprints, this.layers.track,
        this.layers.earlier, this.layers.ellipses, points,
        new VectorLayer({ source: this.sources.chosen, style: chosenStyle }),
      ],
      view: new View({ center: [0, 0], zoom: 2, maxZoom: 24, enableRotation: false }),
    });
    this.listenToMap();
    this.stop = listen(() => this.followSoon());
    this.follow();
    void this.show(shown);
  }

  close(): void {
    this.stop();
    clearTimeout(this.soon);
    clearTimeout(this.drawing);
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  async show(shown: Shown): Promise<void> {
    for (const name of Object.keys(shown) as (keyof Shown)[]) {
      this.layers[name].setVisible(shown[name]);
    }
    this.drawGrid();
    if (shown.footprints) await this.fetchFootprints();
  }

  hideBases(hidden: Set<string>): void {
    this.bases.hide(hidden);
  }

  /** Null shows both over the whole map. */
  divideAt(share: number | null): void {
    this.divide = share;
    this.map.render();
  }

  swipeTo(share: number): void {
    this.bases.swipe = share;
    this.map.render();
  }

  private makeLayers(about: Case): Record<keyof Shown, VectorLayer | VectorImageLayer> {
    const { sources } = this;
    const lat = about.bounds ? (about.bounds[1] + about.bounds[3]) / 2 : 52;
    const perMetre = 1 / Math.cos((lat * Math.PI) / 180);
    return {
      grid: new VectorLayer({ source: sources.grid, style: gridStyle }),
      site: new VectorLayer({ source: sources.site, style: siteStyle, declutter: true }),
      // Twenty thousand outlines are drawn once into a picture, and the picture is moved.
      footprints: new VectorImageLayer({ source: sources.footprints, style: footprintStyle,
        imageRatio: PICTURE_RATIO }),
      track: new VectorImageLayer({ source: sources.track, style: trackStyle }),
      earlier: this.earlier.layer,
      ellipses: new VectorImageLayer({
        source: sources.ellipses,
        style: ellipseStyle,
        maxResolution: perMetre / ELLIPSE_PX_PER_M,
      }),
    };
  }

  /** The whole case in sight; without bounds, the findings. */
  private look(about: Case): void {
    const placed = now().findings.filter((each) => each.lat !== null && each.lon !== null);
    const of = (pick: (finding: Finding) => number | null) =>
      placed.map((each) => pick(each) ?? 0);
    const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
    const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
    const [lons, lats] = [of((each) => each.lon), of((each) => each.lat)];
    const bounds = about.bounds ??
      (placed.length > 0 ? [least(lons), least(lats), most(lons), most(lats)] : null);
    // A flight that has just begun has no place yet; what comes first is gone to.
    if (!bounds || this.hasLooked) return;
    this.hasLooked = true;
    const extent = transformExtent(bounds, 'EPSG:4326', 'EPSG:3857');
    this.map.getView().fit(extent, { padding: [28, 28, 28, 28], maxZoom: 20 });
  }

  private listenToMap(): void {
    this.map.on('click', (event) => {
      const hit = this.map.forEachFeatureAtPixel(event.pixel,
        (feature) => (feature.get('finding') as Finding | undefined)?.id, { hitTolerance: 5 });
      if (hit) void choose(hit);
    });
    this.map.on('pointermove', (event) => {
      const [lon, lat] = toLonLat(event.coordinate);
      this.cursor(lon === undefined || lat === undefined ? null : [lon, lat]);
    });
    this.map.on('moveend', () => this.drawGrid());
  }

  private drawGrid(): void {
    const { grid } = this.sources;
    grid.clear(true);
    const resolution = this.map.getView().getResolution();
    const size = this.map.getSize();
    if (!this.layers.grid.getVisible() || resolution === undefined || !size) return;
    grid.addFeatures(gridLines(this.map.getView().calculateExtent(size), resolution));
  }

  /**
   * The map follows a little later: ten thousand dots take a while to draw, and an inspector
   * who steps through a list waits for the picture, not for the map.
   */
  private followSoon(): void {
    const { findings, chosen, raster, pairs } = now();
    const { seen } = this;
    const isSameFinding = findings === seen.findings && chosen === seen.chosen;
    if (isSameFinding && raster?.frame === seen.frame && pairs === seen.pairs) return;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.follow(), FOLLOW_MS);
  }

  /** Takes over what changed in the state. */
  private follow(): void {
    const { findings, chosen, raster, frame, about, pairs } = now();
    if (about && about.run !== this.seen.run) {
      this.look(about);
      this.footprints = null;
      void this.fetchGround();
      if (this.layers.footprints.getVisible()) void this.fetchFootprints();
    }
    if (pairs !== this.seen.pairs) this.earlier.fill(pairs);
    if (findings !== this.seen.findings) this.placeFindings(findings);
    const shownFrame = frame?.frame === raster?.frame ? raster?.frame : undefined;
    const isOther = chosen !== this.seen.chosen;
    const isMoved = findings !== this.seen.findings || shownFrame !== this.seen.frame || isOther;
    this.seen = { findings, chosen, pairs, frame: shownFrame, run: about?.run };
    if (isMoved) this.placeChosen(isOther);
  }

  private placeFindings(findings: Finding[]): void {
    const fresh: Feature[] = [];
    const ids = new Set<string>();
    for (const finding of findings) {
      if (finding.lat === null || finding.lon === null || finding.merged_into) continue;
      ids.add(finding.id);
      const known = this.features.get(finding.id);
      if (known?.finding === finding) continue;
      if (known) this.remove(finding.id);
      const point = this.point(finding);
      this.features.set(finding.id, { finding, made: [point] });
      fresh.push(point);
      this.undrawn.add(finding.id);
    }
    for (const id of [...this.features.keys()]) if (!ids.has(id)) this.remove(id);
    this.sources.points.addFeatures(fresh);
    this.drawEllipses();
  }

  /** Ellipses come a few hundred at a time: a page that is being read must not stand still. */
  private drawEllipses(): void {
    clearTimeout(this.drawing);
    const made: Feature[] = [];
    for (const id of this.undrawn) {
      if (made.length >= ELLIPSES_AT_A_TIME) break;
      this.undrawn.delete(id);
      const known = this.features.get(id);
      const [ellipse] = known ? this.ellipse(known.finding) : [];
      if (!ellipse) continue;
      known?.made.push(ellipse);
      made.push(ellipse);
    }
    this.sources.ellipses.addFeatures(made);
    if (this.undrawn.size > 0) this.drawing = setTimeout(() => this.drawEllipses(), 30);
  }

  private remove(id: string): void {
    const [point, ellipse] = this.features.get(id)?.made ?? [];
    if (point) this.sources.points.removeFeature(point);
    if (ellipse) this.sources.ellipses.removeFeature(ellipse);
    this.features.delete(id);
  }

  private point(finding: Finding): Feature {
    return new Feature({ geometry: new Point(place(finding)), finding });
  }

  private ellipse(finding: Finding): Feature[] {
    const { ellipse95_major_m: major, ellipse95_minor_m: minor } = finding;
    if (major === null || minor === null) return [];
    const [x = 0, y = 0] = place(finding);
    const stretch = 1 / Math.cos(((finding.lat ?? 0) * Math.PI) / 180);
    const azimuth = ((finding.ellipse95_azimuth_deg ?? 0) * Math.PI) / 180;
    const ring = Array.from({ length: ELLIPSE_VERTICES + 1 }, (_, at) => {
      const turn = (2 * Math.PI * at) / ELLIPSE_VERTICES;
      const [along, across] = [major * Math.cos(turn), minor * Math.sin(turn)];
      const east = along * Math.sin(azimuth) + across * Math.cos(azimuth);
      const north = along * Math.cos(azimuth) - across * Math.sin(azimuth);
      return [x + east * stretch, y + north * stretch];
    });
    return [new Feature({ geometry: new Polygon([ring]), finding })];
  }

  private placeChosen(isOther: boolean): void {
    const { chosen: source } = this.sources;
    source.clear(true);
    const { findings, chosen, frame } = now();
    const outline = footprintOf(frame);
    if (outline) source.addFeature(new Feature({ geometry: outline, frame: frame?.frame }));
    const finding = findings.find((each) => each.id === chosen);
    if (!finding || finding.lat === null) return;
    const at = place(finding);
    source.addFeature(new Feature({ geometry: new Point(at), label: finding.id }));
    const size = this.map.getSize();
    if (!isOther || !size) return;
    const [west = 0, south = 0, east = 0, north = 0] = this.map.getView().calculateExtent(size);
    const room = ((east - west) + (north - south)) / 16;
    const [x = 0, y = 0] = at;
    const isInSight = x > west + room && x < east - room && y > south + room && y < north - room;
    // A jump, not a flight: at one finding a second an animation never ends.
    if (!isInSight) this.map.getView().setCenter(at);
  }

  private async fetchGround(): Promise<void> {
    try {
      const [site, track] = await Promise.all([get('/api/site'), get('/api/track')]);
      replace(this.sources.site, site);
      replace(this.sources.track, track);
    } catch (error) {
      this.failed(error);
    }
  }

  private fetchFootprints(): Promise<void> {
    this.footprints ??= get('/api/footprints').then(
      (found) => replace(this.sources.footprints, found),
      (error: unknown) => {
        this.footprints = null;
        this.failed(error);
      },
    );
    return this.footprints;
  }
}

function replace(source: VectorSource<Feature>, found: unknown): void {
  source.clear(true);
  source.addFeatures(features(found));
}

const place = (finding: Finding) => fromLonLat([finding.lon ?? 0, finding.lat ?? 0]);

export const features = (found: unknown): Feature[] =>
  new GeoJSON().readFeatures(found, { featureProjection: 'EPSG:3857' });

/** A frame's outline on the ground: a list of corners, or GeoJSON. */
function footprintOf(frame: object | null): Polygon | LineString | null {
  const found = (frame as { footprint?: unknown } | null)?.footprint;
  const corners = Array.isArray(found) ? found
    : (found as { coordinates?: unknown[][] } | null | undefined)?.coordinates?.[0];
  if (!Array.isArray(corners) || corners.length < 4) return null;
  return new Polygon([corners.map((corner) => fromLonLat(corner as number[]))]);
}
