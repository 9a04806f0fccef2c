// Two findings that are one, and one that is two.

import { useState } from 'preact/hooks';
import { merge, split } from '../decide';
import { Box, close } from '../dialogs';
import type { Finding } from '../server';
import { now, useWords } from '../store';
import { metresBetween } from './near';

/** The nearest findings are the likeliest to be the same thing. */
const OFFERED = 8;
function offered(chosen: Finding): [Finding, number][] {
  const { findings, marked } = now();
  const others = findings
    .filter((finding) => finding.id !== chosen.id && !finding.merged_into)
    .map((finding): [Finding, number] => [finding, metresBetween(chosen, finding)])
    .sort(([a, near], [b, far]) =>
      Number(marked.has(b.id)) - Number(marked.has(a.id)) || near - far);
  return others.slice(0, Math.max(OFFERED, marked.size));
}

function toggled<T>(set: Set<T>, value: T): Set<T> {
  const fresh = new Set(set);
  if (!fresh.delete(value)) fresh.add(value);
  return fresh;
}

export function MergeDialog() {
  const w = useWords();
  const { chosen, findings, marked } = now();
  const finding = findings.find((each) => each.id === chosen);
  const others = new Set([...marked].filter((id) => id !== chosen));
  const [picked, setPicked] = useState(others);
  const [missing, setMissing] = useState(false);
  if (!finding) return null;
  const done = () => {
    if (picked.size === 0) return setMissing(true);
    close();
    void merge([...picked]);
  };
  return (
    <Box title={w.mergeTitle(finding.id)} done={done} label={w.merge}>
      <fieldset class="radios">
        <legend class="hidden">{w.findings}</legend>
        {offered(finding).map(([other, metres], at) => (
          <label key={other.id}>
            <input type="checkbox" checked={picked.has(other.id)} autofocus={at === 0}
              onChange={() => setPicked(toggled(picked, other.id))} />
            <strong>{other.id}</strong> {w.kinds[other.kind] ?? other.kind}
            {Number.isFinite(metres) && <span>{w.metresAway(metres.toFixed(1))}</span>}
          </label>
        ))}
      </fieldset>
      <p class="error" role="alert">{missing ? w.mergeNone : ''}</p>
    </Box>
  );
}

export function SplitDialog() {
  const w = useWords();
  const { detail } = now();
  const [picked, setPicked] = useState(new Set<number>());
  const [missing, setMissing] = useState(false);
  if (!detail) return null;
  const done = () => {
    if (picked.size === 0 || picked.size >= detail.sightings.length) return setMissing(true);
    close();
    void split([...picked]);
  };
  return (
    <Box title={w.splitTitle(detail.id)} done={done} label={w.split}>
      <fieldset class="radios">
        <legend class="hidden">{w.frames}</legend>
        {detail.sightings.map(({ frame, best }, at) => (
          <label key={frame}>
            <input type="checkbox" checked={picked.has(frame)} autofocus={at === 0}
              onChange={() => setPicked(toggled(picked, frame))} />
            {w.frame} {frame} {best && <span>{w.bestFrame}</span>}
          </label>
        ))}
      </fieldset>
      <p class="error" role="alert">{missing ? w.splitNone : ''}</p>
    </Box>
  );
}
