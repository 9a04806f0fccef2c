// Measurements that earlier reviews of a finding hold and that nobody withdrew.

import type { Detail } from '../server';
import { saysOf, standing } from '../triage/says';
import type { Measurement } from './measure';

export function savedMeasurements(detail: Detail | null, frame: number): Measurement[] {
  return standing(detail?.reviews ?? [])
    .flatMap((review) => saysOf(review).measurements ?? [])
    .filter((each) => each.frame === frame && Array.isArray(each.points_px));
}
