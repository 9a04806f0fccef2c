// Which findings are listed, in which order; kept in the address bar, so that a bookmark or a
// reload brings the same list back.

import type { Change, Compared, Finding, Status } from '../server';

export type Order = 'delta' | 'severity' | 'number' | 'time';

export interface Filters {
  status: Status | '';
  kind: string;
  severity: string;
  least_k: number;
  asset: string;
  flight: string;
  reviewer: string;
  change: Change | '';
  search: string;
  order: Order;
}

export const NO_FILTERS: Filters = {
  status: '',
  kind: '',
  severity: '',
  least_k: 0,
  asset: '',
  flight: '',
  reviewer: '',
  change: '',
  search: '',
  order: 'delta',
};

/** Whether anything is left out or in another order than at first. */
export const isFiltered = (filters: Filters): boolean =>
  Object.entries(filters).some(([name, value]) => value !== NO_FILTERS[name as keyof Filters]);

export function readAddress(search: string): { filters: Filters; chosen: string | null } {
  const query = new URLSearchParams(search);
  const filters: Filters = { ...NO_FILTERS };
  for (const name of Object.keys(filters) as (keyof Filters)[]) {
    const text = query.get(name);
    if (text === null) continue;
    if (name === 'least_k') filters.least_k = Math.max(0, Number(text) || 0);
    else Object.assign(filters, { [name]: text });
  }
  if (!['delta', 'severity', 'number', 'time'].includes(filters.order)) filters.order = 'delta';
  return { filters, chosen: query.get('finding') };
}

export function writeAddress(filters: Filters, chosen: string | null): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) {
    if (value !== NO_FILTERS[name as keyof Filters]) query.set(name, String(value));
  }
  if (chosen) query.set('finding', chosen);
  return query.size > 0 ? `?${query}` : location.pathname;
}

const RANK: Record<string, number> = { critical: 4, high: 3, medium: 2, low: 1 };
const naturally = new Intl.Collator('en', { numeric: true });

const ORDERS: Record<Order, (a: Finding, b: Finding) => number> = {
  delta: (a, b) => Math.abs(b.delta_k ?? 0) - Math.abs(a.delta_k ?? 0),
  severity: (a, b) => (RANK[b.severity] ?? 0) - (RANK[a.severity] ?? 0),
  number: () => 0,
  time: (a, b) => (a.first_seen ?? '').localeCompare(b.first_seen ?? ''),
};

function isListed(finding: Finding, filters: Filters, compared: Map<string, Compared>): boolean {
  const { search } = filters;
  const fits = (wanted: string, is: string | null | undefined) => wanted === '' || wanted === is;
  return (
    fits(filters.status, finding.status) &&
    fits(filters.kind, finding.kind) &&
    fits(filters.severity, finding.severity) &&
    fits(filters.asset, finding.asset) &&
    fits(filters.flight, finding.flight) &&
    fits(filters.reviewer, finding.reviewer) &&
    (filters.least_k === 0 || Math.abs(finding.delta_k ?? 0) >= filters.least_k) &&
    (filters.change === '' || compared.get(finding.id)?.state === filters.change) &&
    !finding.merged_into &&
    (search === '' ||
      `${finding.id} ${finding.asset ?? ''}`.toLowerCase().includes(search.toLowerCase()))
  );
}

let kept: { key: unknown[]; list: Finding[] } = { key: [], list: [] };

/** The findings that are listed, in order. Kept until one of the three is another one. */
export function listed(
  findings: Finding[],
  filters: Filters,
  compared: Map<string, Compared>,
): Finding[] {
  const key = [findings, filters, compared];
  if (key.every((part, at) => part === kept.key[at])) return kept.list;
  const order = ORDERS[filters.order];
  const list = findings
    .filter((finding) => isListed(finding, filters, compared))
    .sort((a, b) => order(a, b) || naturally.compare(a.id, b.id));
  kept = { key, list };
  return list;
}
