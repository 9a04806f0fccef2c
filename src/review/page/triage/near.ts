// How far findings are apart, and which one of another run is the same.

import type { Finding } from '../server';

/** Mean radius of the Earth in metres (IUGG). */
const EARTH_RADIUS_M = 6_371_008.8;
/** As far as a run may move a finding that people still take for the same. */
const SAME_M = 3;

type Place = Pick<Finding, 'lat' | 'lon'>;

export function metresBetween(a: Place, b: Place): number {
  if (a.lat === null || a.lon === null || b.lat === null || b.lon === null) return Infinity;
  const radians = Math.PI / 180;
  const north = (b.lat - a.lat) * radians;
  const east = (b.lon - a.lon) * radians * Math.cos(a.lat * radians);
  return Math.hypot(north, east) * EARTH_RADIUS_M;
}

/** The finding of a new run that lies where `before` lay: runs number their findings anew. */
export function counterpart(before: Finding, findings: Finding[]): Finding | undefined {
  const near = findings
    .filter((each) => each.polarity === before.polarity)
    .map((each): [Finding, number] => [each, metresBetween(each, before)])
    .sort(([, a], [, b]) => a - b)[0];
  const reach = Math.max(SAME_M, before.ellipse95_major_m ?? 0);
  return near && near[1] <= reach ? near[0] : undefined;
}
