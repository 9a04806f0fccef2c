// The bar above: which case, what is left, who decides, and what the whole page can do.

import { openCount } from './acts';
import { set, type State, useStore, useWords } from './store';
import { useMay, whyNot } from './triage/may';

const THEME = 'torenvalk-theme';

/** Light or dark as the system says, unless a person chose. */
export function applyTheme(): void {
  const kept = localStorage.getItem(THEME);
  const dark = kept ? kept === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

function switchTheme(): void {
  const dark = document.documentElement.dataset['theme'] === 'dark';
  localStorage.setItem(THEME, dark ? 'light' : 'dark');
  applyTheme();
}

function switchLanguage(from: string): void {
  const language = from === 'nl' ? 'en' : 'nl';
  localStorage.setItem('torenvalk-language', language);
  set({ language });
}

const aboutOf = (state: State) => state.about;
const findingsOf = (state: State) => state.findings;
const partialOf = (state: State) => state.partial;
const awayOf = (state: State) => state.away;
const languageOf = (state: State) => state.language;
const pairsOf = (state: State) => state.pairs;

export function Bar() {
  const w = useWords();
  const about = useStore(aboutOf);
  const away = useStore(awayOf);
  const gone = useStore(pairsOf).filter((pair) => pair.state === 'gone').length;
  const mayExport = useMay('export');
  const language = useStore(languageOf);
  return (
    <header class="bar">
      <h1>
        <span class="brand">Torenvalk</span>
        <span class="case-name">{about?.name ?? w.loading}</span>
      </h1>
      <Counts />
      {about?.more_to_come && <span class="tag live">● {w.moreToCome}</span>}
      {gone > 0 && <span class="tag">{w.gone(gone)}</span>}
      {!!about?.left_behind && (
        <button class="tag warns" onClick={() => set({ dialog: { what: 'left_behind' } })}>
          {w.leftBehind(about.left_behind)}
        </button>
      )}
      {away && <span class="tag away" title={w.lost}>⚠ {w.lost}</span>}
      <span class="grow" />
      {about && <span class="person">{w.person(about.person.name, about.person.role)}</span>}
      {(['report', 'export'] as const).map((of) => (
        <button key={of} disabled={!mayExport} title={whyNot(mayExport)}
          onClick={() => set({ dialog: { what: 'job', of, job: null } })}>
          {of === 'report' ? w.report : w.package}
        </button>
      ))}
      <button class="quiet" lang={language === 'nl' ? 'en' : 'nl'}
        onClick={() => switchLanguage(language)}>
        {w.language}
      </button>
      <button class="quiet" aria-label={w.theme} title={w.theme} onClick={switchTheme}>◐</button>
      <button class="quiet" aria-label={w.keys} title={w.keys}
        onClick={() => set({ dialog: { what: 'keys' } })}>
        ?
      </button>
    </header>
  );
}

function Counts() {
  const w = useWords();
  const findings = useStore(findingsOf);
  const counts = useStore(aboutOf)?.counts;
  const partial = useStore(partialOf);
  const known = Object.values(counts ?? {}).reduce((a, b) => a + b, 0);
  const all = partial ? known : findings.filter((finding) => !finding.merged_into).length;
  const open = openCount();
  const done = all - open;
  return (
    <div class="counts">
      <strong>{w.left(open)}</strong>
      <progress max={Math.max(all, 1)} value={done} aria-label={w.of(done, all)} />
      <span>{w.of(done, all)}</span>
    </div>
  );
}
