// The findings that fit the filters. Only the rows in sight exist, so 10,000 cost what 20 do.

import { useEffect, useRef, useState } from 'preact/hooks';
import { choose, list } from '../acts';
import { toggleMark } from '../keys';
import type { Compared, Finding } from '../server';
import { type State, useStore, useWords } from '../store';
import { Sign } from './sign';

const ROW_PX = 46;
/** Rows drawn beyond each edge, so that a quick scroll shows no gap. */
const BEYOND = 6;

const findingsOf = (state: State) => state.findings;
const chosenOf = (state: State) => state.chosen;
const markedOf = (state: State) => state.marked;
const comparedOf = (state: State) => state.compared;
const aboutOf = (state: State) => state.about;

export function List() {
  const w = useWords();
  const findings = useStore(findingsOf);
  const shown = useStore(list);
  const about = useStore(aboutOf);
  const chosen = useStore(chosenOf);
  const marked = useStore(markedOf);
  const compared = useStore(comparedOf);
  const box = useRef<HTMLDivElement>(null);
  const [top, height] = useWindow(box);
  const at = shown.findIndex((finding) => finding.id === chosen);

  useEffect(() => {
    const { current } = box;
    if (!current || at < 0) return;
    const [upper, lower] = [at * ROW_PX, (at + 1) * ROW_PX];
    if (upper < current.scrollTop) current.scrollTop = upper;
    if (lower > current.scrollTop + current.clientHeight) {
      current.scrollTop = lower - current.clientHeight;
    }
  }, [at, shown]);

  const from = Math.max(0, Math.floor(top / ROW_PX) - BEYOND);
  const to = Math.min(shown.length, Math.ceil((top + height) / ROW_PX) + BEYOND);
  const isDrawn = at >= from && at < to;
  return (
    <div class="list" ref={box} role="listbox" tabIndex={0} aria-label={w.findings}
      aria-activedescendant={isDrawn ? `row-${chosen}` : undefined}>
      {about && shown.length === 0 &&
        <p class="empty" role="option" aria-selected="false">
          {findings.length > 0 ? w.noFindings : about.run ? w.noneAtAll : w.noRun}
        </p>}
      <div class="list-whole" role="presentation" style={{ height: `${shown.length * ROW_PX}px` }}>
        {shown.slice(from, to).map((finding, offset) => (
          <Row key={finding.id} finding={finding} at={from + offset} all={shown.length}
            isChosen={finding.id === chosen} isMarked={marked.has(finding.id)}
            compared={compared.get(finding.id)} />
        ))}
      </div>
    </div>
  );
}

/** Where the box is scrolled to, and how high it is. */
function useWindow(box: { current: HTMLDivElement | null }): [number, number] {
  const [seen, setSeen] = useState<[number, number]>([0, 600]);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const look = () => setSeen([current.scrollTop, current.clientHeight]);
    const observer = new ResizeObserver(look);
    observer.observe(current);
    current.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', look);
    };
  }, []);
  return seen;
}

interface RowProps {
  finding: Finding;
  at: number;
  all: number;
  isChosen: boolean;
  isMarked: boolean;
  compared: Compared | undefined;
}

function Row({ finding, at, all, isChosen, isMarked, compared }: RowProps) {
  const w = useWords();
  const delta = finding.delta_k;
  return (
    <div id={`row-${finding.id}`} class={`row-finding ${isMarked ? 'marked' : ''}`} role="option"
      aria-selected={isChosen} aria-setsize={all} aria-posinset={at + 1}
      style={{ top: `${at * ROW_PX}px` }}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) toggleMark(finding.id);
        else void choose(finding.id);
      }}>
      <Sign status={finding.status} />
      <span class="row-main">
        <span class="row-id">{isMarked ? '☑ ' : ''}{finding.id}</span>
        <span class="row-kind">{w.kinds[finding.kind] ?? finding.kind}</span>
      </span>
      <span class="row-side">
        <span class="row-delta">
          {delta === null ? '–' : `${delta > 0 ? '+' : ''}${delta.toFixed(1)} K`}
        </span>
        <span class={`severity ${finding.severity}`}>
          {w.severities[finding.severity] ?? finding.severity}
        </span>
      </span>
      <span class="row-below">
        {compared && <em>{w.changes[compared.state]}</em>}
        <span>{finding.asset ?? ''}</span>
      </span>
    </div>
  );
}
