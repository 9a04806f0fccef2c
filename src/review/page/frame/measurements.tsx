// Measurements that are not yet saved: their values, and what else could be assumed.

import { useState } from 'preact/hooks';
import { text } from '../acts';
import { parameters, saveMeasurements } from '../decide';
import { now, say, set, type State, useStore, useWords } from '../store';
import { useMay, whyNot } from '../triage/may';
import { measure, type Measurement, profile } from './measure';
import { fetchRaster, type Parameters } from './raster';

const measurementsOf = (state: State) => state.measurements;

export function Measurements() {
  const w = useWords();
  const measurements = useStore(measurementsOf);
  const allowed = useMay('comment');
  if (measurements.length === 0) return null;
  return (
    <section class="measurements" aria-label={w.measurements}>
      <ul>
        {measurements.map((each) => <Row key={each.number} measurement={each} />)}
      </ul>
      <button type="button" class="primary" disabled={!allowed} title={whyNot(allowed)}
        onClick={() => void saveMeasurements()}>
        {w.saveMeasurements}
      </button>
    </section>
  );
}

function Row({ measurement }: { measurement: Measurement }) {
  const w = useWords();
  const [open, setOpen] = useState(false);
  const { number, shape, values, was } = measurement;
  return (
    <li>
      <span class="measured">
        <strong>{number}: {w.tools[shape]}</strong>
        {shape === 'spot' ? ` ${values.mean_c.toFixed(2)} °C` : (
          ` ${w.minimum} ${values.min_c.toFixed(2)} · ${w.maximum} ${values.max_c.toFixed(2)}` +
          ` · ${w.mean} ${values.mean_c.toFixed(2)} · ΔT ${values.delta_k.toFixed(2)}`
        )}
        {was && <em> ({w.was} {was.max_c.toFixed(2)} °C)</em>}
      </span>
      {shape === 'line' && <Profile measurement={measurement} />}
      <button type="button" class="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        {w.parameters}
      </button>
      <button type="button" class="quiet" aria-label={`${w.remove} ${number}`} title={w.remove}
        onClick={() => set({
          measurements: now().measurements.filter((each) => each.number !== number),
        })}>
        ✕
      </button>
      {open && <Assumed measurement={measurement} />}
    </li>
  );
}

/** Temperatures along the line, as a small curve. */
function Profile({ measurement }: { measurement: Measurement }) {
  const raster = useStore((state) => state.raster);
  if (raster?.frame !== measurement.frame) return null;
  const along = profile(raster, measurement.points_px);
  const { min_c, delta_k } = measurement.values;
  const points = along.map((value, at) => {
    const x = (at / Math.max(1, along.length - 1)) * 100;
    const y = 22 - ((value - min_c) / Math.max(delta_k, 1e-6)) * 20;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg class="profile" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}

const FIELDS = [
  ['emissivity', 'emissivity', '0.01', ['emissivity']],
  ['reflected_c', 'reflected', '0.5', ['reflected_c']],
  ['distance_m', 'distance', '0.5', ['distance_m']],
  ['humidity', 'humidity', '1', ['humidity', 'humidity_percent']],
] as const;

/** Other parameters for this measurement; the server works the frame out again. */
function Assumed({ measurement }: { measurement: Measurement }) {
  const w = useWords();
  const frame = useStore((state) => state.frame);
  const known = parameters(frame?.parameters);
  const inFile: Parameters = {};
  for (const [name, , , names] of FIELDS) {
    const value = names.map(known).find((each) => each !== null);
    if (value !== undefined && value !== null) inFile[name] = value;
  }
  const [wanted, setWanted] = useState<Parameters>({ ...inFile, ...measurement.parameters });
  const [refused, setRefused] = useState('');
  if (!frame?.recomputable) return <p class="fine assumed">{w.notRecomputable}</p>;
  return (
    <form class="assumed" onSubmit={(event) => {
      event.preventDefault();
      void assume(measurement, changed(wanted, inFile)).then(setRefused);
    }}>
      {FIELDS.map(([name, word, step]) => (
        <label key={name}>
          <span>{w[word]}</span>
          <input type="number" step={step} value={wanted[name] ?? ''} onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            const fresh = { ...wanted };
            if (Number.isFinite(value)) fresh[name] = value;
            else delete fresh[name];
            setWanted(fresh);
          }} />
        </label>
      ))}
      <button type="submit">{w.apply}</button>
      <p class="error" role="alert">{refused}</p>
    </form>
  );
}

/** What differs from the file: what is left as it is must not be refused for being ignored. */
function changed(wanted: Parameters, inFile: Parameters): Parameters {
  const all = Object.entries(wanted).filter(([name, value]) =>
    value !== inFile[name as keyof Parameters]);
  return Object.fromEntries(all);
}

/** Works the measurement out again; says why that cannot be. */
async function assume(measurement: Measurement, wanted: Parameters): Promise<string> {
  try {
    const raster = await fetchRaster(measurement.frame, wanted);
    const values = measure(raster, measurement.shape, measurement.points_px);
    if (!values) return '';
    const was = measurement.was ?? measurement.values;
    const fresh: Measurement = { ...measurement, values, parameters: wanted, was };
    const replaced = now().measurements.map((each) =>
      each.number === measurement.number ? fresh : each);
    set({ measurements: replaced });
    return '';
  } catch (error) {
    say(text(error), true);
    return text(error);
  }
}
