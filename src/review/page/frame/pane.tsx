// The frame in the middle: what it is, the picture, its scale, tools, filmstrip and decisions.

import { Decisions } from '../triage/decisions';
import { type State, useStore, useWords } from '../store';
import type { FrameRow, Integrity } from '../server';
import { EarlierFrame } from './earlier';
import { Film } from './film';
import { Measurements } from './measurements';
import { Scale } from './scale';
import { Stage } from './stage';
import { Tools, ViewTools } from './tools';
import { Visible } from './visible';
import { valueAt } from './raster';

const frameOf = (state: State) => state.frame;
const rasterOf = (state: State) => state.raster;
const errorOf = (state: State) => state.frameError;
const visibleOf = (state: State) => state.visible;
const earlierOf = (state: State) => state.earlier;
const chosenOf = (state: State) => state.chosen;
const cursorOf = (state: State) => state.cursor;

export function FramePane() {
  const w = useWords();
  const frame = useStore(frameOf);
  const raster = useStore(rasterOf);
  const error = useStore(errorOf);
  const visible = useStore(visibleOf);
  const earlier = useStore(earlierOf);
  const chosen = useStore(chosenOf);
  return (
    <section class="pane frame-pane" aria-label={w.frame}>
      <div class="frame-head">
        {frame && <About frame={frame} />}
        <span class="grow" />
        <Cursor />
      </div>
      <ViewTools />
      <div class={`frame-body ${visible || earlier ? 'beside' : ''}`}>
        {raster && !error ? <Stage raster={raster} />
          : <p class="empty stage-empty">{error ?? (chosen ? w.loading : w.choose)}</p>}
        {visible && <Visible frame={frame} />}
        {earlier && <EarlierFrame />}
        {raster && !error && <Scale raster={raster} />}
      </div>
      <Measurements />
      <Tools />
      <Film />
      <Decisions />
    </section>
  );
}

function About({ frame }: { frame: FrameRow }) {
  const w = useWords();
  const name = frame.file.split('/').at(-1);
  return (
    <>
      <strong>{w.frame} {frame.frame}</strong>
      <Badge integrity={frame.integrity} />
      <span class="file" title={frame.file}>{name}</span>
      <span class="fine">{frame.taken_at?.replace('T', ' ').replace(/\.\d+/, '')}</span>
    </>
  );
}

const SIGNS: Record<Integrity, string> = { intact: '✓', changed: '✕', missing: '?' };

function Badge({ integrity }: { integrity: Integrity }) {
  const w = useWords();
  return (
    <span class={`badge ${integrity}`} title={w.integrity[integrity]}>
      <span aria-hidden="true">{SIGNS[integrity]}</span> {w.integrityShort[integrity]}
    </span>
  );
}

/** The exact value under the cursor, from the counts. */
function Cursor() {
  const w = useWords();
  const raster = useStore(rasterOf);
  const cursor = useStore(cursorOf);
  const value = raster && cursor ? valueAt(raster, cursor[0], cursor[1]) : null;
  const unit = raster?.unit === 'grey' ? '' : ' °C';
  return (
    <output class="cursor" aria-label={w.cursor}>
      {cursor && <span class="fine">{Math.floor(cursor[0])}, {Math.floor(cursor[1])}</span>}
      <strong>{value === null ? '–' : `${value.toFixed(2)}${unit}`}</strong>
    </output>
  );
}
