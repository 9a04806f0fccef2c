// What a review says beside its decision. The case keeps it in the member `says` of the view.

import type { Measurement } from '../frame/measure';
import type { Review } from '../server';

export interface Says {
  kind?: string;
  severity?: string;
  merge_with?: string[];
  split_of?: number[];
  parts?: string[];
  best_frame?: number;
  measurements?: Measurement[];
  comment?: string;
  drawn?: boolean;
}

/** The view as an object; empty where it is not understood, as after an older program. */
export function viewOf(review: Review): Record<string, unknown> {
  if (review.view && typeof review.view === 'object') return review.view;
  try {
    return (JSON.parse(review.view || '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export function saysOf(review: Review): Says {
  const says = viewOf(review)['says'];
  return says && typeof says === 'object' ? (says as Says) : {};
}

/** Reviews that nobody took back. */
export function standing(reviews: Review[]): Review[] {
  const withdrawn = new Set(reviews.map((review) => review.withdraws));
  return reviews.filter((review) => review.withdraws === null && !withdrawn.has(review.number));
}
