// What the page does about findings and frames: load, choose, show, and be ready for the next.

import { extremes, fetchRaster, type Raster, robustSpan, type Span } from './frame/raster';
import * as server from './server';
import type { Detail, Finding, FrameRow } from './server';
import { type Dialog, now, say, set, words } from './store';
import { keepAddress } from './address';
import { isFiltered, listed } from './triage/filter';
import { counterpart } from './triage/near';

/** How many of each are kept: a raster of 640 × 512 is 0.9 MB with its histogram. */
const KEPT_FRAMES = 48;
const KEPT_DETAILS = 200;
/** Findings ahead of the chosen one that are made ready. */
const AHEAD = 3;

/** Promises by key, the least recently used leaves first. A failure is not kept. */
class Shelf<K, V> {
  private readonly kept = new Map<K, Promise<V>>();
  private readonly ready = new Map<K, V>();
  constructor(
    private readonly room: number,
    private readonly fetch: (key: K) => Promise<V>,
  ) {}

  get(key: K): Promise<V> {
    const found = this.kept.get(key);
    this.kept.delete(key);
    const promise = found ?? this.fetch(key);
    this.kept.set(key, promise);
    if (!found) {
      promise.then(
        (value) => this.kept.get(key) === promise && this.ready.set(key, value),
        () => this.forget(key),
      );
      for (const oldest of this.kept.keys()) {
        if (this.kept.size <= this.room) break;
        this.forget(oldest);
      }
    }
    return promise;
  }

  /** What is already here, without waiting: a key press then shows it in the same turn. */
  peek(key: K): V | undefined {
    return this.ready.get(key);
  }

  put(key: K, value: V): void {
    this.kept.set(key, Promise.resolve(value));
    this.ready.set(key, value);
  }

  forget(key: K): void {
    this.kept.delete(key);
    this.ready.delete(key);
  }

  clear(): void {
    this.kept.clear();
    this.ready.clear();
  }
}

interface Shown {
  row: FrameRow;
  raster: Raster;
}

const details = new Shelf<string, Detail>(KEPT_DETAILS, server.finding);
const frames = new Shelf<number, Shown>(KEPT_FRAMES, async (frame) => {
  const [row, raster] = await Promise.all([
    server.get<FrameRow>(`/api/frames/${frame}`),
    fetchRaster(frame),
  ]);
  return { row, raster };
});

export function list(): Finding[] {
  const { findings, filters, compared } = now();
  return listed(findings, filters, compared);
}

/** Rows that fill the list of any screen. */
const FIRST_ROWS = 60;

export async function load(): Promise<void> {
  const asked = server.get<server.Case>('/api/case');
  if (isPlain()) await loadFirst(asked);
  const [about, findings] = await Promise.all([asked, server.findings()]);
  const chosen = chosenIn(about, findings);
  const isShown = now().partial && chosen !== null;
  set({ about, findings, chosen, partial: false,
    ...(chosen ? {} : { dialog: stillOpen(now().dialog) }) });
  document.title = `${about.name} · Torenvalk`;
  const first = chosen ?? list()[0]?.id;
  if (first && isShown) void prepare(first);
  else if (first) await choose(first);
  if (about.earlier) await compare();
}

/** Whether the page is opened as it is by itself: without a finding or filters in its address. */
function isPlain(): boolean {
  const { about, chosen, filters } = now();
  return about === null && chosen === null && !isFiltered(filters);
}

/** The top of the list and its first picture do not wait for ten thousand rows. */
async function loadFirst(asked: Promise<server.Case>): Promise<void> {
  const [about, findings] = await Promise.all([asked, server.findings(FIRST_ROWS)]);
  set({ about, findings, partial: true });
  const first = list()[0]?.id;
  if (first) await choose(first);
}

/** What was chosen, as it is called now. Another run numbers its findings anew. */
function chosenIn(about: server.Case, findings: Finding[]): string | null {
  const { about: before, findings: known, chosen } = now();
  if (before && before.run !== about.run) {
    const was = known.find((finding) => finding.id === chosen);
    return (was && counterpart(was, findings)?.id) ?? null;
  }
  return findings.some((finding) => finding.id === chosen) ? chosen : null;
}

/** A dialog about a finding that is no more must not end in a word about another one. */
const stillOpen = (dialog: Dialog | null) =>
  dialog && ['keys', 'job', 'left_behind'].includes(dialog.what) ? dialog : null;

async function compare(): Promise<void> {
  const rows = await server.get<server.Compared[]>('/api/compare');
  const compared = new Map(rows.filter((row) => row.id !== null).map((row) => [row.id!, row]));
  set({ compared, pairs: rows });
}

/** After a new run: the findings again, and nothing of the old ones. */
export async function reload(): Promise<void> {
  details.clear();
  frames.clear();
  await load();
}

export function bestFrame(detail: Detail): number | null {
  const best = detail.sightings.find((sighting) => sighting.best) ?? detail.sightings[0];
  return best?.frame ?? null;
}

export async function choose(id: string): Promise<void> {
  const same = now().chosen === id;
  set({ chosen: id, ...(same ? {} : { measurements: [], points: [], tool: 'pointer' as const }) });
  keepAddress();
  try {
    const detail = details.peek(id) ?? (await details.get(id));
    if (now().chosen !== id) return;
    set({ detail });
    const frame = bestFrame(detail);
    if (frame === null) set({ frame: null, raster: null, frameError: null });
    else await show(frame);
  } catch (error) {
    if (now().chosen === id) say(text(error), true);
  }
  if (now().chosen === id) void prepare(id);
}

/** Brings the frames that a person is likely to look at next. */
async function prepare(id: string): Promise<void> {
  const all = list();
  const at = all.findIndex((finding) => finding.id === id);
  const near = [...all.slice(at + 1, at + 1 + AHEAD), ...all.slice(Math.max(0, at - 1), at)];
  for (const finding of near) {
    if (now().chosen !== id) return;
    try {
      const detail = await details.get(finding.id);
      const frame = bestFrame(detail);
      if (frame !== null) await frames.get(frame);
    } catch {
      // It is asked for again, and the failure shown, when it is chosen.
    }
  }
}

export async function show(frame: number): Promise<void> {
  const { chosen } = now();
  try {
    const { row, raster } = frames.peek(frame) ?? (await frames.get(frame));
    if (now().chosen !== chosen) return;
    set({ frame: row, raster, frameError: null, cursor: null, points: [], ...framing(raster) });
  } catch (error) {
    if (now().chosen !== chosen) return;
    const row = await server.get<FrameRow>(`/api/frames/${frame}`).catch(() => null);
    set({ frame: row, raster: null, frameError: text(error) });
  }
}

/** The span of a frame by the way that the level is chosen, and the whole of it in sight. */
function framing(raster: Raster): { span?: Span; zoom: number; middle: [number, number] } {
  const { zoom, middle: looked, raster: shown } = now();
  // The same frame again, as after a reload: what is looked at stays where it is.
  const isSame = shown?.frame === raster.frame;
  const whole: [number, number] = [raster.width / 2, raster.height / 2];
  const place = isSame ? { zoom, middle: looked } : { zoom: 1, middle: whole };
  if (now().levelMode !== 'auto') return place;
  return { ...place, span: robustSpan(raster) };
}

export function levelAuto(): void {
  const { raster } = now();
  set({ levelMode: 'auto', ...(raster ? { span: robustSpan(raster) } : {}) });
}

/** Locks the span to what all frames of the flight need. */
export async function levelLocked(): Promise<void> {
  const rows = await server.frameRows();
  const sorted = (values: (number | null)[]) =>
    values.filter((value) => value !== null).sort((a, b) => a - b);
  const lows = sorted(rows.map((row) => row.min_c));
  const highs = sorted(rows.map((row) => row.max_c));
  // One frame of the sky must not take the scale from all others.
  const low = lows[Math.floor(lows.length * 0.05)];
  const high = highs[Math.ceil(highs.length * 0.95) - 1];
  const { raster } = now();
  const span: Span | undefined =
    low !== undefined && high !== undefined && high > low
      ? [low, high]
      : raster ? extremes(raster) : undefined;
  set({ levelMode: 'locked', ...(span ? { span } : {}) });
}

export function setSpan(low: number, high: number): void {
  if (high - low >= 0.1) set({ levelMode: 'dragged', span: [low, high] });
}

export function step(by: 1 | -1, open = false): void {
  const all = list();
  const at = all.findIndex((finding) => finding.id === now().chosen);
  for (let next = at + by; next >= 0 && next < all.length; next += by) {
    const finding = all[next];
    if (finding && (!open || finding.status === 'open')) return void choose(finding.id);
  }
}

export function stepFrame(by: 1 | -1): void {
  const { detail, frame } = now();
  const order = detail?.sightings ?? [];
  const at = order.findIndex((sighting) => sighting.frame === frame?.frame);
  const next = order[at + by];
  if (next) void show(next.frame);
}

/** Takes the server's newest word on one finding into the list, and into sight if asked. */
export function takeIn(detail: Detail, intoSight = true): void {
  if (intoSight) details.put(detail.id, detail);
  const { findings, chosen } = now();
  const at = findings.findIndex((finding) => finding.id === detail.id);
  const row = { ...findings[at], ...detail, version: latest(detail) };
  const fresh = at < 0 ? [...findings, row] : findings.with(at, row);
  set({ findings: fresh, ...(intoSight && chosen === detail.id ? { detail } : {}) });
}

export const latest = (detail: Detail): number =>
  detail.reviews.reduce((most, review) => Math.max(most, review.number), 0);

export async function refresh(id: string): Promise<Detail> {
  details.forget(id);
  const detail = await server.finding(id);
  takeIn(detail);
  return detail;
}

/** A finding that is no more, as the part of a split that was taken back. */
export function forget(id: string): void {
  details.forget(id);
  set({ findings: now().findings.filter((finding) => finding.id !== id) });
}

export function forgetFrame(frame: number): void {
  frames.forget(frame);
}

export const rasterOf = async (frame: number): Promise<Raster> => (await frames.get(frame)).raster;

export const openCount = (): number => now().partial ? now().about?.counts.open ?? 0 :
  now().findings.filter((finding) => finding.status === 'open' && !finding.merged_into).length;

export function text(error: unknown): string {
  if (error instanceof server.Refusal) {
    return [error.message, error.remedy].filter(Boolean).join('; ');
  }
  return error instanceof Error ? error.message : words().lost;
}
