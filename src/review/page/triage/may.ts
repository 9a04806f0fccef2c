// What the person's role may do. The server decides; the page does not offer what it would refuse.

import { now, say, type State, useStore, words } from '../store';

export type Act = 'decide' | 'comment' | 'draw' | 'export';

const allows = (act: Act) => (state: State) => state.about?.may.includes(act) ?? false;

const PARTS: Record<Act, (state: State) => boolean> = {
  decide: allows('decide'),
  comment: allows('comment'),
  draw: allows('draw'),
  export: allows('export'),
};

export const may = (act: Act): boolean => PARTS[act](now());

export const useMay = (act: Act): boolean => useStore(PARTS[act]);

/** Why something is not offered, or nothing where it is. */
export const whyNot = (isAllowed: boolean): string =>
  isAllowed ? '' : words().mayNot(now().about?.person.role ?? '');

/** Whether it may be done; says why not. */
export function mayOrSay(act: Act): boolean {
  const isAllowed = may(act);
  if (!isAllowed && now().about) say(whyNot(false), true);
  return isAllowed;
}
