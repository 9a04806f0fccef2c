// What narrows the list. The first row is always there; the rest opens.

import { useEffect, useState } from 'preact/hooks';
import { list } from '../acts';
import { now, set, type State, useStore, useWords } from '../store';
import { keepAddress } from '../address';
import { type Filters as Wanted, NO_FILTERS } from './filter';

const filtersOf = (state: State) => state.filters;
const aboutOf = (state: State) => state.about;
const findingsOf = (state: State) => state.findings;

function change(part: Partial<Wanted>): void {
  const filters = { ...now().filters, ...part };
  set({ filters });
  keepAddress();
}

interface ChoiceProps {
  name: keyof Wanted;
  label: string;
  values: string[];
  words?: Record<string, string>;
  any?: boolean;
}

function Choice({ name, label, values, words = {}, any = true }: ChoiceProps) {
  const w = useWords();
  const filters = useStore(filtersOf);
  const id = `filter-${name}`;
  return (
    <label for={id}>
      <span>{label}</span>
      <select id={id} value={String(filters[name])}
        onChange={(event) => change({ [name]: event.currentTarget.value })}>
        {any && <option value="">{w.any}</option>}
        {values.map((value) => <option value={value} key={value}>{words[value] ?? value}</option>)}
      </select>
    </label>
  );
}

function useReviewers(): string[] {
  const findings = useStore(findingsOf);
  return [...new Set(findings.map((finding) => finding.reviewer ?? ''))].filter(Boolean).sort();
}

export function Filters() {
  const w = useWords();
  const about = useStore(aboutOf);
  const filters = useStore(filtersOf);
  const reviewers = useReviewers();
  const [open, setOpen] = useState(false);
  const used = Object.entries(filters).filter(
    ([name, value]) => name !== 'order' && value !== NO_FILTERS[name as keyof Wanted],
  ).length;
  useEffect(() => {
    if (used > 0) setOpen(true);
  }, []);
  return (
    <form class="filters" aria-label={w.filters} onSubmit={(event) => event.preventDefault()}>
      <div class="row">
        <input id="search" type="search" placeholder={w.search} aria-label={w.search}
          value={filters.search}
          onInput={(event) => change({ search: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()} />
        <button type="button" aria-expanded={open} aria-controls="more-filters"
          onClick={() => setOpen(!open)}>
          {w.filters}{used > 0 ? ` (${used})` : ''}
        </button>
      </div>
      <div id="more-filters" class="choices" hidden={!open}>
        <Choice name="status" label={w.status} words={w.statuses}
          values={Object.keys(w.statuses)} />
        <Choice name="severity" label={w.severity} words={w.severities}
          values={about?.severities ?? []} />
        <Choice name="kind" label={w.kind} words={w.kinds} values={about?.kinds ?? []} />
        <label for="filter-least">
          <span>{w.least}</span>
          <input id="filter-least" type="number" min="0" step="0.5" value={filters.least_k || ''}
            onInput={(event) => change({ least_k: Number(event.currentTarget.value) || 0 })} />
        </label>
        <Choice name="asset" label={w.asset} values={about?.assets ?? []} />
        {(about?.flights.length ?? 0) > 1 &&
          <Choice name="flight" label={w.flight} values={about?.flights ?? []} />}
        <Choice name="reviewer" label={w.reviewer} values={reviewers} />
        {about?.earlier &&
          <Choice name="change" label={w.change} words={w.changes}
            values={Object.keys(w.changes).filter((each) => each !== 'gone')} />}
        <Choice name="order" label={w.order} words={w.orders} any={false}
          values={Object.keys(w.orders)} />
        <button type="button" class="quiet" disabled={used === 0}
          onClick={() => change({ ...NO_FILTERS, order: filters.order })}>
          {w.clearFilters}
        </button>
      </div>
      <Shown />
    </form>
  );
}

function Shown() {
  const w = useWords();
  const findings = useStore(findingsOf);
  const shown = useStore((state) => (state.filters, list().length));
  const partial = useStore((state) => state.partial);
  return <p class="shown">{w.findings}: {partial ? '…' : w.of(shown, findings.length)}</p>;
}
