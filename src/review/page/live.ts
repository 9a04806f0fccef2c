// What happens elsewhere while the page is open: other people's reviews, new findings, jobs.

import { isWriting } from './decide';
import { latest, refresh, reload, takeIn } from './acts';
import * as server from './server';
import { now, say, set, words } from './store';

export function listenToServer(): void {
  void server.events(
    ({ name, body }) => {
      if (name === 'review') void heardReview(String(body['finding']), Number(body['version']));
      if (name === 'findings') void heardFindings();
      if (name === 'job') void heardJob(String(body['id']));
    },
    (gone) => {
      document.documentElement.dataset['live'] = gone ? 'no' : 'yes';
      const was = now().away;
      if (was === gone) return;
      set({ away: gone });
      say(gone ? words().lost : words().back, gone);
      if (was) void reload();
    },
  );
}

/** One after the other: of two answers the older one must not come last. */
let reloading = Promise.resolve();

/** A split or a drawing adds findings to the run that is shown; only another run is news. */
function heardFindings(): Promise<void> {
  reloading = reloading.then(async () => {
    const { about, findings } = now();
    await reload().catch(() => null);
    const { about: fresh, findings: all } = now();
    if (fresh?.run === about?.run) return;
    say(fresh?.more_to_come ? words().moreFound(all.length, findings.length)
      : words().caseChanged);
  });
  return reloading;
}

async function heardReview(finding: string, version: number): Promise<void> {
  const { findings, chosen, detail } = now();
  const row = findings.find((each) => each.id === finding);
  if ((row && row.version >= version) || isWriting(finding)) return;
  // While it is being looked at, the finding keeps the version that was on the screen: an
  // opinion formed before this review must meet the conflict, not slip past it.
  if (finding === chosen && detail && latest(detail) < version) {
    const fresh = await server.finding(finding).catch(() => null);
    if (!fresh) return;
    takeIn(fresh, false);
    if (now().dialog?.what !== 'conflict') say(words().conflictTitle(finding));
    return;
  }
  await refresh(finding).catch(() => null);
}

async function heardJob(id: string): Promise<void> {
  const { dialog } = now();
  if (dialog?.what !== 'job' || dialog.job?.id !== id) return;
  const job = await server.get<server.Job>(`/api/jobs/${encodeURIComponent(id)}`);
  const { dialog: still } = now();
  if (still?.what === 'job') set({ dialog: { ...still, job: { ...job, id } } });
  if (job.state === 'done') say(words().jobDone(job.path ?? ''));
  if (job.state === 'failed') say(words().jobFailed, true);
}
