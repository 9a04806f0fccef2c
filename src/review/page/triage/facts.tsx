// What is known of the chosen finding, and who said what about it.

import { note } from '../decide';
import { giveSeverity } from '../keys';
import type { Detail, Review } from '../server';
import { type State, useStore, useWords } from '../store';
import { useMay, whyNot } from './may';
import { saysOf, viewOf } from './says';
import { Sign } from './sign';

const detailOf = (state: State) => state.detail;
const aboutOf = (state: State) => state.about;
const chosenOf = (state: State) => state.chosen;
const comparedOf = (state: State) => state.compared;

export function Facts() {
  const w = useWords();
  const detail = useStore(detailOf);
  const chosen = useStore(chosenOf);
  return (
    <section class="pane facts" aria-label={w.facts} tabIndex={0}>
      {detail && detail.id === chosen ? <Known detail={detail} /> : <p class="empty">{w.choose}</p>}
    </section>
  );
}

function Known({ detail }: { detail: Detail }) {
  const w = useWords();
  const compared = useStore(comparedOf).get(detail.id);
  return (
    <>
      <h2>
        <Sign status={detail.status} /> {detail.id}
        <span class="status-word">{w.statuses[detail.status]}</span>
      </h2>
      {detail.merged_into && <p class="tag">{w.mergedInto(detail.merged_into)}</p>}
      <Choices detail={detail} />
      <dl>
        {rows(detail, w).map(([name, value]) => (
          <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
        ))}
        {compared && (
          <div>
            <dt>{w.changed}</dt>
            <dd>
              {w.changes[compared.state]}
              {compared.delta_k_change !== null && ` (${signed(compared.delta_k_change)} K)`}
              {compared.earlier_id && `, ${compared.earlier_id}`}
            </dd>
          </div>
        )}
      </dl>
      <h3>{w.reviews}</h3>
      {detail.reviews.length === 0 && <p class="empty">{w.noReviews}</p>}
      <ol class="reviews">
        {[...detail.reviews].reverse().map((review) => (
          <Opinion key={review.number} review={review} all={detail.reviews} />
        ))}
      </ol>
    </>
  );
}

const signed = (value: number, places = 1) => `${value > 0 ? '+' : ''}${value.toFixed(places)}`;

/** In whole percent, of which nothing is ever impossible or certain. */
function chance(value: number): string {
  const percent = Math.round(value * 100);
  if (percent < 1) return '< 1 %';
  return percent > 99 ? '> 99 %' : `${percent} %`;
}

/** Facts that are known; what is not known has no row. */
function rows(detail: Detail, w: ReturnType<typeof useWords>): [string, string][] {
  const degrees = (value: number | null) => (value === null ? null : `${value.toFixed(1)} °C`);
  const made: [string, string | null | undefined][] = [
    [w.contrast, detail.delta_k === null ? null
      : `${signed(detail.delta_k, 2)} K` +
        (detail.delta_k_sigma === null ? '' : ` ± ${(2 * detail.delta_k_sigma).toFixed(2)}`)],
    [w.peak, degrees(detail.peak_c)],
    [w.background, degrees(detail.background_c)],
    [w.area, detail.area_m2 === null ? null : `${detail.area_m2.toFixed(2)} m²`],
    [w.views, w.viewsOf(detail.views, detail.views_possible)],
    [w.confidence, detail.confidence === null ? null : chance(detail.confidence)],
    [w.asset, detail.asset],
    ['RD', detail.x_rd === null || detail.y_rd === null ? null
      : `${detail.x_rd.toFixed(1)}, ${detail.y_rd.toFixed(1)}`],
    ['WGS 84', detail.lat === null || detail.lon === null ? null
      : `${detail.lat.toFixed(6)}, ${detail.lon.toFixed(6)}`],
    [w.height, detail.height_nap_m === null ? null : `${detail.height_nap_m.toFixed(1)} m NAP`],
    [w.ellipse, detail.ellipse95_major_m === null || detail.ellipse95_minor_m === null ? null
      : `${detail.ellipse95_major_m.toFixed(2)} × ${detail.ellipse95_minor_m.toFixed(2)} m`],
    [w.time, detail.first_seen?.replace('T', ' ').replace(/(:\d\d)\.\d+/, '$1')],
    [w.why, because(detail.reasons)],
  ];
  return made.filter((row): row is [string, string] => !!row[1]);
}

function because(reasons: Detail['reasons']): string | null {
  if (!reasons) return null;
  let list: unknown = reasons;
  if (typeof reasons === 'string' && reasons.startsWith('[')) list = JSON.parse(reasons);
  return (Array.isArray(list) ? list.join(', ') : String(list)).replaceAll('_', ' ');
}

function Choices({ detail }: { detail: Detail }) {
  const w = useWords();
  const about = useStore(aboutOf);
  const kinds = about?.kinds.length ? about.kinds : Object.keys(w.kinds);
  const allowed = useMay('decide');
  const title = whyNot(allowed);
  const severities = about?.severities.length ? about.severities : Object.keys(w.severities);
  return (
    <div class="row fact-choices">
      <label>
        <span>{w.kind}</span>
        <select value={detail.kind} disabled={!allowed} title={title} onChange={(event) => {
          const kind = event.currentTarget.value;
          void note({ kind }, `${detail.id}: ${w.kinds[kind] ?? kind}`);
        }}>
          {kinds.map((kind) => <option value={kind} key={kind}>{w.kinds[kind] ?? kind}</option>)}
        </select>
      </label>
      <label>
        <span>{w.severity}</span>
        <select value={detail.severity} disabled={!allowed} title={title}
          onChange={(event) => giveSeverity(event.currentTarget.value)}>
          {severities.map((each) => (
            <option value={each} key={each}>{w.severities[each] ?? each}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Opinion({ review, all }: { review: Review; all: Review[] }) {
  const w = useWords();
  const isWithdrawn = all.some((each) => each.withdraws === review.number);
  const known = viewOf(review);
  return (
    <li class={isWithdrawn ? 'withdrawn' : ''}>
      <div>
        <strong>{isWithdrawn ? <s>{whatWasSaid(review, w)}</s> : whatWasSaid(review, w)}</strong>
        {' · '}{review.person}, {review.role}
      </div>
      {review.reason && <div>{review.reason}</div>}
      <div class="fine">
        #{review.number} · {review.at.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}
        {known['frame'] != null && ` · ${w.frame} ${known['frame']}`}
        {typeof known['palette'] === 'string' && ` · ${known['palette']}`}
        {Array.isArray(known['span_c']) && ` · ${known['span_c'].join('–')} °C`}
      </div>
    </li>
  );
}

/** A review in a few words: its decision, or what it changed. */
export function whatWasSaid(review: Review, w: ReturnType<typeof useWords>): string {
  if (review.withdraws !== null) return w.withdraws(review.withdraws);
  const decided = w.statuses[review.decision as keyof typeof w.statuses];
  if (decided) return decided;
  const says = saysOf(review);
  const changed = [
    says.drawn && w.tools.finding,
    says.kind && `${w.kind}: ${w.kinds[says.kind] ?? says.kind}`,
    says.severity && `${w.severity}: ${w.severities[says.severity] ?? says.severity}`,
    says.merge_with && `${w.merge}: ${says.merge_with.join(', ')}`,
    says.split_of && `${w.split}: ${says.parts?.join(', ') ?? ''}`,
    says.best_frame !== undefined && `${w.bestFrame}: ${says.best_frame}`,
    says.measurements && `${w.measurements}: ${says.measurements.length}`,
  ].filter(Boolean);
  return changed.join(' · ') || w.comment;
}
