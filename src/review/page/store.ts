// The page's one state. Views are functions of it; only `acts` and the views' own small
// gestures change it, always through `set`.

import { useEffect, useState } from 'preact/hooks';
import type { Measurement } from './frame/measure';
import type { Palette } from './frame/palette';
import type { Isotherm, Raster, Span } from './frame/raster';
import type { Case, Compared, Detail, Finding, FrameRow, Job, Point, Refusal } from './server';
import { type Filters, readAddress } from './triage/filter';
import { type Language, WORDS, type Words } from './words';

export type Tool =
  | 'pointer' | 'spot' | 'line' | 'area' | 'polygon' | 'finding' | 'person' | 'plate';
export type LevelMode = 'auto' | 'locked' | 'dragged';

/** What a review says besides what was on the screen. */
export interface Opinion {
  decision: 'accepted' | 'rejected' | 'unsure' | null;
  reason: string;
  comment?: string;
  kind?: string;
  severity?: string;
  merge_with?: string[];
  split_of?: number[];
  best_frame?: number;
  measurements?: Measurement[];
  withdraws?: number;
}

export type Dialog =
  | { what: 'keys' | 'reject' | 'comment' | 'kind' | 'merge' | 'split' | 'left_behind' }
  | { what: 'draw'; polygon: Point[]; frame: number }
  | { what: 'mask'; polygon: Point[]; frame: number; of: 'person' | 'plate' }
  | { what: 'conflict'; opinion: Opinion; now: Detail; refusal: Refusal }
  | { what: 'job'; of: 'export' | 'report'; job: Job | null };

export interface State {
  /** Null until the server has answered. */
  about: Case | null;
  findings: Finding[];
  /** Only the top of the list is here yet. */
  partial: boolean;
  compared: Map<string, Compared>;
  /** The same, with those that only the earlier case has. */
  pairs: Compared[];
  filters: Filters;
  chosen: string | null;
  detail: Detail | null;
  frame: FrameRow | null;
  raster: Raster | null;
  /** Why the frame cannot be shown. */
  frameError: string | null;
  visible: boolean;
  /** Whether the earlier case's frame stands beside. */
  earlier: boolean;
  palette: Palette;
  inverted: boolean;
  levelMode: LevelMode;
  span: Span;
  isotherm: Isotherm;
  /** Screen pixels a frame pixel, over the size that fits; and the middle, in frame pixels. */
  zoom: number;
  middle: Point;
  tool: Tool;
  points: Point[];
  cursor: Point | null;
  measurements: Measurement[];
  marked: Set<string>;
  dialog: Dialog | null;
  /** The latest outcome, which a screen reader speaks. */
  said: { text: string; bad: boolean; number: number };
  away: boolean;
  language: Language;
}

const first: State = {
  about: null,
  findings: [],
  partial: false,
  compared: new Map(),
  pairs: [],
  ...readAddress(location.search),
  detail: null,
  frame: null,
  raster: null,
  frameError: null,
  visible: false,
  earlier: false,
  palette: 'iron',
  inverted: false,
  levelMode: 'auto',
  span: [0, 1],
  isotherm: { mode: 'off', low_c: 0, high_c: 0 },
  zoom: 1,
  middle: [0, 0],
  tool: 'pointer',
  points: [],
  cursor: null,
  measurements: [],
  marked: new Set(),
  dialog: null,
  said: { text: '', bad: false, number: 0 },
  away: false,
  language: startLanguage(),
};

function startLanguage(): Language {
  const kept = localStorage.getItem('torenvalk-language');
  if (kept === 'nl' || kept === 'en') return kept;
  return navigator.language.startsWith('nl') ? 'nl' : 'en';
}

let state = first;
const listeners = new Set<() => void>();

export const now = (): State => state;

export function set(change: Partial<State>): void {
  state = { ...state, ...change };
  for (const listener of [...listeners]) listener();
}

export function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A part of the state; the view is drawn again only when that part is another one. */
export function useStore<T>(part: (state: State) => T): T {
  const [, redraw] = useState({});
  const value = part(state);
  useEffect(() => {
    let seen = value;
    const look = () => {
      const fresh = part(state);
      if (!Object.is(fresh, seen)) {
        seen = fresh;
        redraw({});
      }
    };
    // The state may have changed between drawing and listening.
    look();
    return listen(look);
  }, [part]);
  return value;
}

const language = (state: State) => state.language;
export const useWords = (): Words => WORDS[useStore(language)];
export const words = (): Words => WORDS[state.language];

export function say(text: string, bad = false): void {
  set({ said: { text, bad, number: state.said.number + 1 } });
}
