// A status as a shape, so that it is not told by colour alone.

import type { Status } from '../server';
import { useWords } from '../store';

const SHAPES: Record<Status, string> = {
  open: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0 -11z',
  accepted: 'M2.5 8.5l3.6 3.6 7.4-8',
  rejected: 'M3.5 3.5l9 9m0-9l-9 9',
  unsure: 'M5 6a3 3 0 1 1 4.4 2.6c-1 .6-1.4 1-1.4 2.2m0 2v.6',
};

export function Sign({ status }: { status: Status }) {
  const w = useWords();
  return (
    <svg class={`sign ${status}`} viewBox="0 0 16 16" role="img" aria-label={w.statuses[status]}>
      <path d={SHAPES[status] ?? SHAPES.open} />
    </svg>
  );
}
