// Making a report or a package, with how far it is. The server does it as `export` does.

import { useEffect, useState } from 'preact/hooks';
import { text } from './acts';
import { Box, close } from './dialogs';
import { download, get, type Job, post } from './server';
import { type Dialog, now, set, type State, useStore, useWords } from './store';

/** A draft asks for nothing more; the other profiles say what they lack. */
const FIRST_PROFILE = 'concept';
/** Events tell the progress; this asks too, in case the stream is away. */
const ASK_MS = 700;

const reportsOf = (state: State) => state.about?.makes.report ?? false;

export function JobDialog({ of, job }: Extract<Dialog, { what: 'job' }>) {
  const w = useWords();
  const makesReports = useStore(reportsOf);
  const [profile, setProfile] = useState(FIRST_PROFILE);
  const [error, setError] = useState('');
  const title = of === 'export' ? w.package : w.report;
  useAsking(job, of);
  const start = async () => {
    try {
      const body = { what: of, profile, language: now().language };
      const { id } = await post<{ id: string }>('/api/jobs', body);
      const running: Job = { id, state: 'running', done: 0, of: 0, text: '', path: null, file: null };
      set({ dialog: { what: 'job', of, job: running } });
    } catch (caught) {
      setError(text(caught));
    }
  };
  if (of === 'report' && !makesReports) {
    return <Box title={title}><p class="no-report">{w.noReport}</p></Box>;
  }
  return (
    <Box title={title} label={job ? w.close : w.start}
      {...(job?.state === 'running' ? {} : { done: job ? close : () => void start() })}>
      {!job && of === 'export' && (
        <label class="field">
          <span>{w.profile}</span>
          <select autofocus value={profile}
            onChange={(event) => setProfile(event.currentTarget.value)}>
            {Object.entries(w.profiles).map(([value, name]) => (
              <option value={value} key={value}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {job && <Progress job={job} title={title} />}
      <p class="error" role="alert">{error}</p>
    </Box>
  );
}

function Progress({ job, title }: { job: Job; title: string }) {
  const w = useWords();
  const share = job.of > 0 ? { value: job.done, max: job.of } : {};
  return (
    <div class="job" data-state={job.state}>
      {job.state === 'running' && <progress {...share} aria-label={w.jobRunning(title)} />}
      <p>
        {job.state === 'running' && (job.text || w.jobRunning(title))}
        {job.state === 'done' && w.jobDone(job.path ?? '')}
        {job.state === 'failed' && `${w.jobFailed}: ${job.text}`}
      </p>
      {job.file && <Download path={job.path ?? ''} file={job.file} />}
    </div>
  );
}

function Download({ path, file }: { path: string; file: string }) {
  const w = useWords();
  const [error, setError] = useState('');
  const name = path.split(/[\\/]/).at(-1) ?? 'torenvalk';
  const full = name.endsWith('.pdf') ? name : `${name}.zip`;
  return (
    <>
      <button type="button"
        onClick={() => download(file, full).catch((caught: unknown) => setError(text(caught)))}>
        {w.download(full)}
      </button>
      <p class="error" role="alert">{error}</p>
    </>
  );
}

function useAsking(job: Job | null, of: 'export' | 'report'): void {
  const id = job?.state === 'running' ? job.id : null;
  useEffect(() => {
    if (id === null) return;
    const timer = setInterval(async () => {
      const fresh = await get<Job>(`/api/jobs/${encodeURIComponent(id)}`).catch(() => null);
      const { dialog } = now();
      if (fresh && dialog?.what === 'job' && dialog.job?.id === id) {
        set({ dialog: { what: 'job', of, job: { ...fresh, id } } });
      }
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [id]);
}
