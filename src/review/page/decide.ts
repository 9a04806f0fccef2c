// Decisions: each is a record that is added, with what was on the screen. None is ever edited.

import { choose, forget, forgetFrame, latest, list, openCount, refresh, show, text } from './acts';
import { type Detail, post, Refusal, type View } from './server';
import { now, type Opinion, say, set, words } from './store';
import { saysOf, standing } from './triage/says';

/** What was recorded in this tab, newest last, so that undo takes them back in order. */
const recorded: { finding: string; review: number }[] = [];

/**
 * Findings about which this tab is writing. The server tells everyone of the new review, this
 * tab too, and maybe before it answers: that is not someone else.
 */
const writing = new Set<string>();
export const isWriting = (finding: string): boolean => writing.has(finding);

/** What the reviewer has on the screen. */
export function screen(): View {
  const { frame, raster, palette, inverted, span, levelMode, zoom, isotherm } = now();
  const assumed = parameters(frame?.parameters);
  return {
    frame: raster?.frame ?? null,
    palette: inverted ? `${palette}_inverted` : palette,
    span_c: [round(span[0]), round(span[1])],
    level_mode: levelMode,
    zoom: round(zoom),
    emissivity: assumed('emissivity'),
    reflected_c: assumed('reflected_c'),
    ...(isotherm.mode === 'off' ? {} : { isotherm }),
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** A frame's parameters come as JSON or as its text. */
export function parameters(given: unknown): (name: string) => number | null {
  let known: unknown = given;
  if (typeof given === 'string') {
    try {
      known = JSON.parse(given);
    } catch {
      known = null;
    }
  }
  const table = (known ?? {}) as Record<string, unknown>;
  return (name) => (typeof table[name] === 'number' ? (table[name] as number) : null);
}

interface Answer {
  review: { number: number };
}

/** Records an opinion on a finding as it was when it was looked at. */
async function record(finding: string, version: number, opinion: Opinion, view: View) {
  const path = `/api/findings/${encodeURIComponent(finding)}/reviews`;
  writing.add(finding);
  try {
    const body = { ...opinion, view, run: now().about?.run };
    const answer = await post<Answer>(path, body, version);
    recorded.push({ finding, review: answer.review.number });
    return await refresh(finding);
  } finally {
    writing.delete(finding);
  }
}

/** As `record`; a refusal is told, and a conflict shown with both opinions. */
async function tryRecord(opinion: Opinion, finding = now().chosen): Promise<boolean> {
  const { detail } = now();
  if (!finding || detail?.id !== finding) return false;
  const view = screen();
  try {
    await record(finding, latest(detail), opinion, view);
    return true;
  } catch (error) {
    await refused(finding, opinion, error);
    return false;
  }
}

async function refused(finding: string, opinion: Opinion, error: unknown): Promise<void> {
  if (error instanceof Refusal && error.status === 412) {
    const current = await refresh(finding);
    if (now().chosen !== finding) await choose(finding);
    set({ dialog: { what: 'conflict', opinion, now: current, refusal: error } });
    say(words().conflictTitle(finding), true);
  } else {
    say(text(error), true);
  }
}

/** Measurements that are not yet saved go with whatever is recorded next. */
function withMeasurements(opinion: Opinion): Opinion {
  const { measurements } = now();
  return measurements.length > 0 ? { ...opinion, measurements } : opinion;
}

export async function decide(decision: 'accepted' | 'rejected' | 'unsure', reason: string) {
  const { chosen, detail, frame } = now();
  if (!chosen || detail?.id !== chosen) return;
  if (decision === 'accepted' && frame?.integrity === 'changed') {
    say(words().cannotAccept, true);
    return;
  }
  const next = nextOpen(chosen);
  const opinion = withMeasurements({ decision, reason });
  // The next finding is shown at once; the answer is told when it comes.
  const recording = tryRecord(opinion);
  if (next) void choose(next);
  if (!(await recording)) {
    if (now().chosen !== chosen) await choose(chosen);
    return;
  }
  if (now().chosen === chosen) set({ measurements: [] });
  say(words().recorded(chosen, words().statuses[decision], openCount()));
}

function nextOpen(id: string): string | null {
  const all = list();
  const at = all.findIndex((finding) => finding.id === id);
  const ahead = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))];
  return ahead.find((finding) => finding.status === 'open')?.id ?? null;
}

/** Records something that decides nothing: a kind, a severity, a comment, a best frame. */
export async function note(change: Partial<Opinion>, outcome: string): Promise<void> {
  const opinion: Opinion = { decision: null, reason: '', ...change };
  if (await tryRecord(opinion)) say(outcome);
}

export async function saveMeasurements(): Promise<void> {
  const { measurements } = now();
  if (measurements.length === 0) return;
  if (await tryRecord({ decision: null, reason: '', measurements })) {
    set({ measurements: [] });
    say(words().measured(measurements.length));
  }
}

export async function chooseBest(): Promise<void> {
  const frame = now().raster?.frame;
  if (frame === undefined) return;
  await note({ best_frame: frame }, words().isBest(frame));
}

export async function merge(others: string[]): Promise<void> {
  const { chosen } = now();
  if (!chosen || others.length === 0) return;
  if (!(await tryRecord({ decision: null, reason: '', merge_with: others }))) return;
  set({ marked: new Set() });
  await Promise.all(others.map((other) => refresh(other).catch(() => null)));
  say(words().merged(chosen, others.join(', ')));
}

export async function split(frames: number[]): Promise<void> {
  const { chosen } = now();
  if (!chosen || frames.length === 0) return;
  if (!(await tryRecord({ decision: null, reason: '', split_of: frames }))) return;
  const parts = now().detail?.parts ?? [];
  await Promise.all(parts.map((part) => refresh(part).catch(() => null)));
  await choose(chosen);
  say(words().wasSplit(chosen));
}

/** Withdraws the last record of this tab, or else the last standing one of the finding shown. */
export async function undo(): Promise<void> {
  const last = recorded.pop() ?? lastStanding();
  if (!last) {
    say(words().nothingToUndo, true);
    return;
  }
  const view = screen();
  try {
    const current = await refresh(last.finding);
    const opinion: Opinion = { decision: null, reason: words().undo, withdraws: last.review };
    await record(last.finding, latest(current), opinion, view);
    // A withdrawal is not itself undone by the next undo.
    recorded.pop();
    const changed = others(current, last.review);
    await Promise.all(changed.map((other) => refresh(other).catch(() => forget(other))));
    await choose(last.finding);
    say(words().withdrawn(last.finding));
  } catch (error) {
    say(text(error), true);
  }
}

/** Findings besides its own that a review changed. */
function others(detail: Detail, number: number): string[] {
  const review = detail.reviews.find((each) => each.number === number);
  const { merge_with = [], parts = [] } = review ? saysOf(review) : {};
  return [...merge_with, ...parts];
}

function lastStanding(): { finding: string; review: number } | null {
  const { detail } = now();
  const last = standing(detail?.reviews ?? []).at(-1);
  return detail && last ? { finding: detail.id, review: last.number } : null;
}

/** The second opinion beside the first: recorded on top of what the other person recorded. */
export async function recordMine(opinion: Opinion): Promise<void> {
  set({ dialog: null });
  const { chosen } = now();
  if (!(await tryRecord(opinion)) || !chosen) return;
  const decision = opinion.decision ? words().statuses[opinion.decision] : words().comment;
  say(words().recorded(chosen, decision, openCount()));
}

export async function draw(
  frame: number,
  polygon: [number, number][],
  kind: string,
  severity: string,
  reason: string,
): Promise<void> {
  const body = { frame, polygon_px: polygon, kind, severity, reason, view: screen() };
  try {
    const made = await post<{ id: string }>('/api/findings', body);
    await refresh(made.id);
    await choose(made.id);
    say(words().drawn(made.id));
  } catch (error) {
    say(text(error), true);
  }
}

export async function mask(
  frame: number,
  polygon: [number, number][],
  what: 'person' | 'plate',
  reason: string,
): Promise<void> {
  try {
    await post(`/api/frames/${frame}/masks`, { polygon_px: polygon, what, reason });
    forgetFrame(frame);
    await show(frame);
    say(words().masked);
  } catch (error) {
    say(text(error), true);
  }
}
