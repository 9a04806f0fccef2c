// How things look on the map. A status is a shape as well as a colour.

import type { FeatureLike } from 'ol/Feature';
import Circle from 'ol/style/Circle';
import Fill from 'ol/style/Fill';
import RegularShape from 'ol/style/RegularShape';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import type { Finding, Status } from '../server';

const COLOURS: Record<Status, string> = {
  open: '#d9480f',
  accepted: '#1d7a3e',
  rejected: '#5c6770',
  unsure: '#9a6700',
};

const edge = new Stroke({ color: '#ffffff', width: 1.5 });

function shape(status: Status, radius: number) {
  const fill = new Fill({ color: COLOURS[status] });
  switch (status) {
    case 'open':
      return new Circle({ radius, fill, stroke: edge });
    case 'accepted':
      return new RegularShape({ points: 4, radius: radius * 1.25, angle: Math.PI / 4, fill,
        stroke: edge });
    case 'rejected':
      return new RegularShape({ points: 4, radius: radius * 1.3, radius2: 1.5, angle: Math.PI / 4,
        fill, stroke: new Stroke({ color: COLOURS.rejected, width: 2 }) });
    case 'unsure':
      return new RegularShape({ points: 3, radius: radius * 1.35, fill, stroke: edge });
  }
}

const points = new Map<string, Style>();

export function findingStyle(feature: FeatureLike): Style {
  const { status, severity } = feature.get('finding') as Finding;
  const radius = { critical: 7.5, high: 6.5, medium: 5.5, low: 4.5 }[severity] ?? 5;
  const key = `${status}-${radius}`;
  const found = points.get(key);
  if (found) return found;
  const made = new Style({ image: shape(status, radius), zIndex: status === 'open' ? 2 : 1 });
  points.set(key, made);
  return made;
}

export const ellipseStyle = new Style({
  stroke: new Stroke({ color: '#d9480f', width: 1 }),
  fill: new Fill({ color: 'rgba(217, 72, 15, 0.10)' }),
});

export const trackStyle = new Style({ stroke: new Stroke({ color: '#2a6fb0', width: 1.5 }) });

export const footprintStyle = new Style({
  stroke: new Stroke({ color: 'rgba(42, 111, 176, 0.45)', width: 1 }),
});

/** A finding of the earlier case: a ring, broken where nothing is there any more. */
const EARLIER = '#7a3ea8';
const ring = (lineDash: number[]) => new Style({
  image: new Circle({ radius: 8,
    stroke: new Stroke({ color: EARLIER, width: 2.5, lineDash }),
    fill: new Fill({ color: 'rgba(122, 62, 168, 0.18)' }) }),
});
const STAYS = ring([]);
const GONE = ring([3, 4]);

export const earlierStyle = (feature: FeatureLike): Style =>
  feature.get('state') === 'gone' ? GONE : STAYS;

/** The chosen finding, and the frame that is shown. */
export function chosenStyle(feature: FeatureLike): Style[] {
  if (feature.get('frame') !== undefined) {
    return [new Style({
      stroke: new Stroke({ color: '#f2b01e', width: 2, lineDash: [6, 4] }),
      fill: new Fill({ color: 'rgba(242, 176, 30, 0.07)' }),
    })];
  }
  return [
    new Style({
      image: new Circle({ radius: 12, stroke: new Stroke({ color: '#ffffff', width: 5 }) }),
    }),
    new Style({
      image: new Circle({ radius: 12, stroke: new Stroke({ color: '#111111', width: 2.5 }) }),
      text: new Text({
        text: String(feature.get('label') ?? ''),
        offsetY: -22,
        font: '600 12px system-ui, sans-serif',
        fill: new Fill({ color: '#111111' }),
        stroke: new Stroke({ color: '#ffffff', width: 4 }),
      }),
    }),
  ];
}

const ZONES: Record<string, [string, string]> = {
  no_fly: ['#b42318', 'rgba(180, 35, 24, 0.10)'],
  no_capture: ['#7a3ea8', 'rgba(122, 62, 168, 0.12)'],
  resident: ['#7a3ea8', 'rgba(122, 62, 168, 0.06)'],
  area: ['#5c6770', 'rgba(92, 103, 112, 0.05)'],
};

/** Site, assets and zones; whatever GeoJSON brings without one of these roles is an asset. */
export function siteStyle(feature: FeatureLike): Style {
  const role = String(feature.get('kind') ?? feature.get('role') ?? feature.get('layer') ?? '');
  const isOutline = feature.get('layer') === 'site' || role === 'area';
  const [line, fill] = ZONES[isOutline ? 'area' : role] ?? ['#3d4d58', 'rgba(61, 77, 88, 0.12)'];
  const name = feature.get('name');
  return new Style({
    stroke: new Stroke({
      color: line,
      width: 1.25,
      ...(role.startsWith('no_') ? { lineDash: [5, 3] } : {}),
    }),
    fill: new Fill({ color: fill }),
    image: new Circle({ radius: 3, fill: new Fill({ color: line }) }),
    ...(name && !isOutline ? { text: label(String(name)) } : {}),
  });
}

function label(text: string): Text {
  return new Text({
    text,
    font: '11px system-ui, sans-serif',
    overflow: false,
    fill: new Fill({ color: '#2b3740' }),
    stroke: new Stroke({ color: 'rgba(255, 255, 255, 0.85)', width: 3 }),
  });
}

export function gridStyle(feature: FeatureLike): Style {
  const text = feature.get('label') as string | undefined;
  if (text === undefined) {
    return new Style({ stroke: new Stroke({ color: 'rgba(92, 103, 112, 0.35)', width: 1 }) });
  }
  return new Style({
    text: new Text({
      text,
      font: '10px system-ui, sans-serif',
      textAlign: 'left',
      textBaseline: 'bottom',
      offsetX: 3,
      offsetY: -3,
      fill: new Fill({ color: '#5c6770' }),
      stroke: new Stroke({ color: 'rgba(255, 255, 255, 0.8)', width: 2 }),
    }),
  });
}
