// Keys. They are dead inside text fields and open dialogs, and every key has a button.

import { levelAuto, levelLocked, list, setSpan, step, stepFrame } from './acts';
import { chooseBest, decide, note, undo } from './decide';
import { PALETTES } from './frame/palette';
import type { Isotherm } from './frame/raster';
import { now, say, set, type Tool, words } from './store';
import { type Act, mayOrSay } from './triage/may';
import type { Words } from './words';

export type Group = keyof Words['keyGroups'];
type Does = keyof Words['does'];

/** What `?` shows, in its order. */
export const KEYS: [Group, string[], Does][] = [
  ['triage', ['j', 'k'], 'next'],
  ['triage', ['J'], 'nextOpen'],
  ['triage', ['a'], 'accept'],
  ['triage', ['r'], 'reject'],
  ['triage', ['u'], 'unsure'],
  ['triage', ['1', '2', '3', '4'], 'severity'],
  ['triage', ['t'], 'kind'],
  ['triage', ['c'], 'comment'],
  ['triage', ['x'], 'mark'],
  ['triage', ['m'], 'merge'],
  ['triage', ['d'], 'split'],
  ['triage', ['z'], 'undo'],
  ['frame', [',', '.'], 'film'],
  ['frame', ['b'], 'best'],
  ['frame', ['[', ']'], 'narrower'],
  ['frame', ['{', '}'], 'level'],
  ['frame', ['='], 'automatic'],
  ['frame', ['l'], 'lock'],
  ['frame', ['p', 'P'], 'palette'],
  ['frame', ['i'], 'isotherm'],
  ['frame', ['v'], 'visible'],
  ['frame', ['e'], 'earlier'],
  ['frame', ['+', '-', '0'], 'zoom'],
  ['measure', ['s'], 'spot'],
  ['measure', ['g'], 'line'],
  ['measure', ['w'], 'area'],
  ['measure', ['o'], 'polygon'],
  ['measure', ['n'], 'draw'],
  ['measure', ['Esc'], 'pointer'],
  ['page', ['/'], 'search'],
  ['page', ['?'], 'keys'],
];

export function nextPalette(): void {
  const at = PALETTES.indexOf(now().palette);
  set({ palette: PALETTES[(at + 1) % PALETTES.length] ?? 'iron' });
}

export function nextIsotherm(): void {
  const modes: Isotherm['mode'][] = ['off', 'above', 'below', 'between'];
  const { isotherm } = now();
  chooseIsotherm(modes[(modes.indexOf(isotherm.mode) + 1) % modes.length] ?? 'off');
}

/** A first isotherm lies at the finding's own threshold, else at the upper third of the span. */
export function chooseIsotherm(mode: Isotherm['mode']): void {
  const { isotherm, span, detail } = now();
  const untouched = isotherm.low_c === 0 && isotherm.high_c === 0;
  const halfway =
    detail && detail.peak_c !== null && detail.background_c !== null
      ? (detail.peak_c + detail.background_c) / 2
      : span[0] + ((span[1] - span[0]) * 2) / 3;
  const tenth = (value: number) => Math.round(value * 10) / 10;
  const start = { low_c: tenth(halfway), high_c: tenth(span[1]) };
  set({ isotherm: { ...isotherm, ...(untouched ? start : {}), mode } });
}

/** Span wider or narrower about its middle, or shifted, by a tenth of itself. */
export function changeSpan(what: 'narrower' | 'wider' | 'down' | 'up'): void {
  const [low, high] = now().span;
  const tenth = Math.max((high - low) / 10, 0.1);
  if (what === 'narrower') setSpan(low + tenth / 2, high - tenth / 2);
  if (what === 'wider') setSpan(low - tenth / 2, high + tenth / 2);
  if (what === 'down') setSpan(low - tenth, high - tenth);
  if (what === 'up') setSpan(low + tenth, high + tenth);
}

export function zoomBy(factor: number): void {
  const { zoom, raster } = now();
  if (!raster) return;
  const fresh = Math.min(32, Math.max(1, zoom * factor));
  const whole: [number, number] = [raster.width / 2, raster.height / 2];
  set(fresh === 1 ? { zoom: 1, middle: whole } : { zoom: fresh, ...aim(zoom) });
}

/** The first step closer goes to the finding, not to the middle of the frame. */
function aim(zoom: number): { middle?: [number, number] } {
  const { detail, raster } = now();
  const sighting = detail?.sightings.find((each) => each.frame === raster?.frame);
  if (zoom !== 1 || !sighting || sighting.bbox_px[2] === 0) return {};
  const [left, top, width, height] = sighting.bbox_px;
  return { middle: [left + width / 2, top + height / 2] };
}

export function toggleMark(id = now().chosen): void {
  if (!id) return;
  const marked = new Set(now().marked);
  if (!marked.delete(id)) marked.add(id);
  set({ marked });
}

export function giveSeverity(severity: string): void {
  const { chosen } = now();
  const w = words();
  void note({ severity }, `${chosen}: ${w.severities[severity] ?? severity}`);
}

export function toggleEarlier(): void {
  if (now().about?.earlier) set({ earlier: !now().earlier, visible: false });
  else say(words().noEarlierCase, true);
}

export const takeTool = (tool: Tool): void => set({ tool, points: [] });

const SEVERITIES = ['low', 'medium', 'high', 'critical'];

const ACTS: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  J: () => step(1, true),
  K: () => step(-1, true),
  a: () => void decide('accepted', ''),
  r: () => set({ dialog: { what: 'reject' } }),
  u: () => void decide('unsure', ''),
  t: () => set({ dialog: { what: 'kind' } }),
  c: () => set({ dialog: { what: 'comment' } }),
  x: () => toggleMark(),
  m: () => set({ dialog: { what: 'merge' } }),
  d: () => set({ dialog: { what: 'split' } }),
  z: () => void undo(),
  ',': () => stepFrame(-1),
  '.': () => stepFrame(1),
  b: () => void chooseBest(),
  '[': () => changeSpan('narrower'),
  ']': () => changeSpan('wider'),
  '{': () => changeSpan('down'),
  '}': () => changeSpan('up'),
  '=': levelAuto,
  l: () => void levelLocked(),
  p: nextPalette,
  P: () => set({ inverted: !now().inverted }),
  i: nextIsotherm,
  v: () => set({ visible: !now().visible, earlier: false }),
  e: () => toggleEarlier(),
  '+': () => zoomBy(1.5),
  '-': () => zoomBy(1 / 1.5),
  '0': () => zoomBy(0),
  s: () => takeTool('spot'),
  g: () => takeTool('line'),
  w: () => takeTool('area'),
  o: () => takeTool('polygon'),
  n: () => takeTool('finding'),
  Escape: () => takeTool('pointer'),
  '/': () => document.querySelector<HTMLInputElement>('#search')?.focus(),
  '?': () => set({ dialog: { what: 'keys' } }),
};

/** What a role must allow; all other keys only look. */
const NEEDS: Record<string, Act> = {
  a: 'decide', r: 'decide', u: 'decide', t: 'decide', m: 'decide', d: 'decide', z: 'decide',
  c: 'comment', b: 'comment', n: 'draw',
};

/** Acts on nothing without a finding. */
const NEEDS_FINDING = new Set(['a', 'r', 'u', 't', 'c', 'x', 'm', 'd', 'b']);

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (now().dialog || isTyping(event.target)) return;
    const severity = SEVERITIES[Number(event.key) - 1];
    const act = severity && now().chosen ? () => giveSeverity(severity) : ACTS[event.key];
    if (!act || ownsArrows(event)) return;
    const { chosen, detail } = now();
    if (NEEDS_FINDING.has(event.key) && (!chosen || detail?.id !== chosen)) return;
    if (list().length === 0 && NEEDS_FINDING.has(event.key)) return;
    event.preventDefault();
    const needs = severity ? 'decide' : NEEDS[event.key];
    if (!needs || mayOrSay(needs)) act();
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('input:not([type=checkbox], [type=range]), textarea, select');
}

/** Arrow, plus and minus keys belong to the scale, the map and the frame while they have focus. */
function ownsArrows(event: KeyboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.key.startsWith('Arrow')) {
    return !!target?.closest('[role=slider], .map, .frame-stage, input, [role=radiogroup]');
  }
  return (event.key === '+' || event.key === '-') && !!target?.closest('.map');
}
