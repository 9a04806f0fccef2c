// What the server says, and how it is asked. No other file of the page calls `fetch`.

export type Decision = 'accepted' | 'rejected' | 'unsure';
export type Status = Decision | 'open';
export type Change = 'new' | 'persistent' | 'gone' | 'warmer' | 'cooler';
export type Point = [number, number];

export interface Layer {
  id: string;
  title: string;
  kind: 'geojson' | 'geotiff' | 'pmtiles' | 'mbtiles';
  url: string;
  tiles: { min_zoom: number; max_zoom: number; vector: boolean } | null;
}

export interface Case {
  name: string;
  /** Empty before anything was inspected. */
  run: string;
  /** Reviews of earlier states of this flight whose finding is no more. */
  left_behind: number;
  /** What the role of this person may do. */
  may: string[];
  makes: { export: boolean; report: boolean };
  more_to_come: boolean;
  counts: Record<Status, number>;
  frames: number;
  person: { name: string; role: string };
  roles_on: boolean;
  four_eyes: boolean;
  kinds: string[];
  severities: string[];
  assets: string[];
  flights: string[];
  layers: Layer[];
  earlier: boolean;
  bounds: [number, number, number, number] | null;
}

export interface Finding {
  id: string;
  kind: string;
  polarity: string;
  severity: string;
  confidence: number | null;
  status: Status;
  lat: number | null;
  lon: number | null;
  height_ellipsoidal_m: number | null;
  x_rd: number | null;
  y_rd: number | null;
  height_nap_m: number | null;
  ellipse95_major_m: number | null;
  ellipse95_minor_m: number | null;
  ellipse95_azimuth_deg: number | null;
  peak_c: number | null;
  background_c: number | null;
  delta_k: number | null;
  delta_k_sigma: number | null;
  area_m2: number | null;
  views: number;
  views_possible: number;
  first_seen: string | null;
  last_seen: string | null;
  asset: string | null;
  flight?: string | null;
  reasons: string[] | string | null;
  version: number;
  reviewer: string | null;
  frame_count: number;
  merged_into?: string | null;
}

export interface Review {
  number: number;
  finding: string;
  at: string;
  person: string;
  role: string;
  decision: string | null;
  reason: string;
  view: string | Record<string, unknown> | null;
  withdraws: number | null;
}

export interface Sighting {
  frame: number;
  /** Left, top, width, height. */
  bbox_px: [number, number, number, number];
  area_px: number;
  score: number;
  best: boolean;
}

export interface Detail extends Finding {
  reviews: Review[];
  sightings: Sighting[];
  parts?: string[];
}

export type Integrity = 'intact' | 'changed' | 'missing';

export interface Mask {
  polygon_px: Point[];
  what: 'person' | 'plate';
}

export interface FrameRow {
  frame: number;
  file: string;
  sha256: string;
  camera: string;
  taken_at: string | null;
  width_px: number;
  height_px: number;
  lat: number | null;
  lon: number | null;
  yaw_deg: number | null;
  parameters: unknown;
  integrity: Integrity;
  masks: Mask[];
  visible: string | null;
  recomputable: boolean;
  /** Of all findings that this frame shows. */
  findings_in_it: { finding: string; bbox_px: number[] }[];
}

export interface Compared {
  id: string | null;
  earlier_id: string | null;
  state: Change;
  delta_k_change: number | null;
  earlier: {
    lat: number | null;
    lon: number | null;
    kind: string;
    delta_k: number | null;
  } | null;
  /** The earlier finding's best frame, and left, top, width, height of what shows it. */
  earlier_frame: number | null;
  earlier_bbox_px: number[] | null;
}

export interface LeftBehind {
  number: number;
  finding: string;
  kind: string;
  lat: number | null;
  lon: number | null;
  at: string;
  person: string;
  decision: string;
  reason: string;
}

export interface Job {
  id: string;
  state: 'running' | 'done' | 'failed';
  done: number;
  of: number;
  text: string;
  path: string | null;
  /** Where it is had in one file. */
  file: string | null;
}

export interface View {
  frame: number | null;
  palette: string;
  span_c: [number, number];
  level_mode: string;
  zoom: number;
  emissivity: number | null;
  reflected_c: number | null;
  isotherm?: { mode: string; low_c: number; high_c: number };
}

/** A refusal in the server's words: what is wrong, and what to do about it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

const TOKEN = 'torenvalk-token';

/** Moves the token out of the address, where it would be shown and shared, into this tab. */
export function keepToken(): void {
  const found = /[#&]token=([^&]+)/.exec(location.hash);
  if (!found?.[1]) return;
  sessionStorage.setItem(TOKEN, decodeURIComponent(found[1]));
  history.replaceState(null, '', location.pathname + location.search);
}

export function credentials(): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function refusal(answer: Response): Promise<Refusal> {
  const said = await answer.json().catch(() => ({}));
  const { status, statusText } = answer;
  const text = typeof said.error === 'string' ? said.error : `${status} ${statusText}`;
  return new Refusal(status, text, typeof said.remedy === 'string' ? said.remedy : '');
}

export async function ask(path: string, signal?: AbortSignal): Promise<Response> {
  const answer = await fetch(path, { headers: credentials(), signal: signal ?? null });
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

export async function get<T>(path: string): Promise<T> {
  return (await ask(path)).json() as Promise<T>;
}

export async function post<T>(path: string, body: unknown, version?: number): Promise<T> {
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'X-Torenvalk': '1',
    ...credentials(),
  };
  if (version !== undefined) headers['If-Match'] = `"${version}"`;
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw await refusal(answer);
  return answer.json() as Promise<T>;
}

/** Brings a file to where the browser keeps what is downloaded; a link could not send the token. */
export async function download(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await ask(path)).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Given back once the browser has begun to write it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

interface Table {
  columns: string[];
  rows: unknown[][];
}

/** Objects from the compact form in which the server sends long lists. */
export function fromTable<T>(table: Table): T[] {
  return table.rows.map((row) => {
    const made: Record<string, unknown> = {};
    table.columns.forEach((column, at) => (made[column] = row[at]));
    return made as T;
  });
}

/** All findings, or so many of those that stand out most. */
export const findings = async (first?: number) => fromTable<Finding>(
  await get<Table>(first === undefined ? '/api/findings' : `/api/findings?first=${first}`));
export const frameRows = async () =>
  fromTable<{ frame: number; min_c: number | null; max_c: number | null }>(
    await get<Table>('/api/frames'),
  );
export const finding = (id: string) => get<Detail>(`/api/findings/${encodeURIComponent(id)}`);

export interface Event {
  name: string;
  body: Record<string, unknown>;
}

/**
 * Reads the server's events for as long as the page is open. `EventSource` cannot send the
 * token, so the stream is read by hand; a lost connection is taken up again.
 */
export async function events(heard: (event: Event) => void, lost: (gone: boolean) => void) {
  for (let wait_ms = 500; ; wait_ms = Math.min(wait_ms * 2, 15_000)) {
    try {
      const answer = await ask('/api/events');
      lost(false);
      wait_ms = 500;
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const part = await reader?.read();
        if (!part || part.done) break;
        const blocks = (text + part.value).split(/\r?\n\r?\n/);
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = parseEvent(block);
          if (event) heard(event);
        }
      }
    } catch {
      // The next turn tries again; the bar says that the server is away.
    }
    lost(true);
    await new Promise((done) => setTimeout(done, wait_ms));
  }
}

function parseEvent(block: string): Event | null {
  let name = 'message';
  let body = '';
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    if (line.startsWith('data:')) body += line.slice(5).trim();
  }
  if (!body) return null;
  try {
    return { name, body: JSON.parse(body) as Record<string, unknown> };
  } catch {
    return null;
  }
}
