// The map: where things are. OpenLayers draws it; this is the frame around it.

import { useEffect, useRef, useState } from 'preact/hooks';
import { text } from '../acts';
import { say, type State, useStore, useWords } from '../store';
import { isInRd, rdFrom } from './rd';
import { Chart, type Shown } from './chart';

const aboutOf = (state: State) => state.about;

const START: Shown = { footprints: false, track: true, site: true, grid: false, ellipses: true,
  earlier: true };

export function MapPane() {
  const w = useWords();
  const about = useStore(aboutOf);
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<Chart | null>(null);
  const [at, setAt] = useState<[number, number] | null>(null);
  const hasBase = (about?.layers.length ?? 0) > 0;
  useEffect(() => {
    if (!about || !box.current) return;
    const made = new Chart(box.current, about, { ...START, grid: !hasBase }, setAt);
    made.failed = (error) => say(text(error), true);
    setChart(made);
    return () => made.close();
  }, [about?.name, hasBase]);
  return (
    <section class="pane map-pane" aria-label={w.map}>
      <div class="map" ref={box} tabIndex={0} role="application" aria-label={w.mapHint} />
      {chart && about && <Layers chart={chart} start={{ ...START, grid: !hasBase }} />}
      <output class="place">{at ? place(at) : ' '}</output>
    </section>
  );
}

/** RD New where it is in use, and WGS 84. */
function place([lon, lat]: [number, number]): string {
  const degrees = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
  if (!isInRd(lon, lat)) return `WGS 84 ${degrees}`;
  const [x, y] = rdFrom(lon, lat);
  return `RD ${x.toFixed(1)}, ${y.toFixed(1)} · WGS 84 ${degrees}`;
}

function Layers({ chart, start }: { chart: Chart; start: Shown }) {
  const w = useWords();
  const about = useStore(aboutOf);
  const [shown, setShown] = useState(start);
  const [hidden, setHidden] = useState(new Set<string>());
  const [swipe, setSwipe] = useState(1);
  const [divide, setDivide] = useState(0.5);
  const isOffered = (name: keyof Shown) => name !== 'earlier' || about?.earlier;
  const toggle = (name: keyof Shown) => {
    const fresh = { ...shown, [name]: !shown[name] };
    setShown(fresh);
    void chart.show(fresh);
  };
  const toggleBase = (id: string) => {
    const fresh = new Set(hidden);
    if (!fresh.delete(id)) fresh.add(id);
    setHidden(fresh);
    chart.hideBases(fresh);
  };
  const bases = about?.layers ?? [];
  return (
    <details class="layers">
      <summary>{w.layers}</summary>
      <div class="layer-list">
        {(Object.keys(start) as (keyof Shown)[]).filter(isOffered).map((name) => (
          <label key={name}>
            <input type="checkbox" checked={shown[name]} onChange={() => toggle(name)} />
            {w.layer[name]}
          </label>
        ))}
        {bases.map((base) => (
          <label key={base.id}>
            <input type="checkbox" checked={!hidden.has(base.id)}
              onChange={() => toggleBase(base.id)} />
            {base.title}
          </label>
        ))}
        {about?.earlier && (
          <label class="swipe">
            <span>{w.compareSwipe}</span>
            <input type="range" min="0" max="1" step="0.01" value={divide}
              aria-label={w.compareAt} onInput={(event) => {
                setDivide(event.currentTarget.valueAsNumber);
                chart.divideAt(event.currentTarget.valueAsNumber);
              }} />
          </label>
        )}
        {bases.length > 0 && (
          <label class="swipe">
            <span>{w.swipe}</span>
            <input type="range" min="0" max="1" step="0.01" value={swipe}
              aria-label={w.swipeAt} onInput={(event) => {
                setSwipe(event.currentTarget.valueAsNumber);
                chart.swipeTo(event.currentTarget.valueAsNumber);
              }} />
          </label>
        )}
      </div>
    </details>
  );
}
