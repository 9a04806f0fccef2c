// Measurements that earlier reviews of a finding hold and that nobody withdrew.

import type { Detail } from '../server';
import type { Measurement } from './measure';

export function savedMeasurements(detail: Detail | null, frame: number): Measurement[] {
  if (!detail) return [];
  const withdrawn = new Set(detail.reviews.map((review) => review.withdraws));
  return detail.reviews
    .filter((review) => !withdrawn.has(review.number))
    .flatMap((review) => measurementsOf(review as unknown as Record<string, unknown>))
    .filter((each) => each.frame === frame && Array.isArray(each.points_px));
}

/** They lie in the review or in its view, which may be text. */
function measurementsOf(review: Record<string, unknown>): Measurement[] {
  let view = review['view'];
  if (typeof view === 'string') {
    try {
      view = JSON.parse(view);
    } catch {
      view = null;
    }
  }
  const known = view as Record<string, unknown> | null;
  const found = review['measurements'] ?? known?.['measurements'];
  return Array.isArray(found) ? (found as Measurement[]) : [];
}
