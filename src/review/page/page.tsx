// The whole page: bar, list, frame, map and facts, and whatever dialog is open.

import { type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { text } from './acts';
import { Bar } from './bar';
import { Dialogs } from './dialogs';
import { FramePane } from './frame/pane';
import { say, type State, useStore, useWords } from './store';
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
        <LateMap />
        <Facts />
      </main>
      <Outcome />
      <Dialogs />
    </>
  );
}

/** The first picture is there, or is known not to come. */
const hasPicture = ({ about, raster, frameError, chosen, frame, detail }: State) =>
  raster !== null || frameError !== null || (about !== null && !chosen) ||
  (detail !== null && detail.sightings.length === 0 && frame === null);

/** The map is two thirds of the page's code: list and picture do not wait for it. */
function LateMap() {
  const w = useWords();
  const [Pane, setPane] = useState<{ it: ComponentType } | null>(null);
  const isReady = useStore(hasPicture);
  useEffect(() => {
    if (!isReady) return;
    import('./map/pane').then(
      ({ MapPane }) => setPane({ it: MapPane }),
      (error: unknown) => say(text(error), true),
    );
  }, [isReady]);
  return Pane ? <Pane.it /> : <section class="pane map-pane" aria-label={w.map} />;
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
