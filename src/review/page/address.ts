// Keeps the filters and the chosen finding in the address bar, a little after they changed:
// browsers refuse an address that changes with every repeat of a held key.

import { now } from './store';
import { writeAddress } from './triage/filter';

const WAIT_MS = 150;

let waiting: ReturnType<typeof setTimeout> | undefined;

function write(): void {
  waiting = undefined;
  const { filters, chosen } = now();
  history.replaceState(null, '', writeAddress(filters, chosen));
}

export function keepAddress(): void {
  clearTimeout(waiting);
  waiting = setTimeout(write, WAIT_MS);
}

addEventListener('pagehide', () => {
  if (waiting === undefined) return;
  clearTimeout(waiting);
  write();
});
