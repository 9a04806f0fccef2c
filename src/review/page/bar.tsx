// The bar above: which case, what is left, who decides, and what the whole page can do.

import { openCount } from './acts';
import { set, type State, useStore, useWords } from './store';

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
const awayOf = (state: State) => state.away;
const languageOf = (state: State) => state.language;
const goneOf = (state: State) => state.gone;

export function Bar() {
  const w = useWords();
  const about = useStore(aboutOf);
  const away = useStore(awayOf);
  const gone = useStore(goneOf);
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
      {away && <span class="tag away" title={w.lost}>⚠ {w.lost}</span>}
      <span class="grow" />
      {about && <span class="person">{w.person(about.person.name, about.person.role)}</span>}
      <button onClick={() => set({ dialog: { what: 'job', of: 'report', job: null } })}>
        {w.report}
      </button>
      <button onClick={() => set({ dialog: { what: 'job', of: 'export', job: null } })}>
        {w.package}
      </button>
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
  const all = findings.filter((finding) => !finding.merged_into);
  const open = openCount();
  const done = all.length - open;
  return (
    <div class="counts">
      <strong>{w.left(open)}</strong>
      <progress max={Math.max(all.length, 1)} value={done} aria-label={w.of(done, all.length)} />
      <span>{w.of(done, all.length)}</span>
    </div>
  );
}
