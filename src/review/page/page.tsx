// The whole page: bar, list, frame, map and facts, and whatever dialog is open.

import { useEffect } from 'preact/hooks';
import { Bar } from './bar';
import { Dialogs } from './dialogs';
import { FramePane } from './frame/pane';
import { MapPane } from './map/pane';
import { type State, useStore, useWords } from './store';
import { Facts } from './triage/facts';
import { Filters } from './triage/filters';
import { List } from './triage/list';

const said = (state: State) => state.said;
const languageOf = (state: State) => state.language;

export function Page() {
  const language = useStore(languageOf);
  const w = useWords();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <>
      <Bar />
      <main class="panes">
        <section class="pane list-pane" aria-label={w.findings}>
          <Filters />
          <List />
        </section>
        <FramePane />
        <MapPane />
        <Facts />
      </main>
      <Outcome />
      <Dialogs />
    </>
  );
}

/** The latest outcome, in words: read aloud, and seen for as long as nothing newer is. */
function Outcome() {
  const { text, bad, number } = useStore(said);
  return (
    <div class="outcome-place" role="status" aria-live={bad ? 'assertive' : 'polite'}>
      {text && (
        <p key={number} class={`outcome ${bad ? 'bad' : ''}`} data-number={number}>
          <span aria-hidden="true">{bad ? '!' : '✓'}</span> {text}
        </p>
      )}
    </div>
  );
}
