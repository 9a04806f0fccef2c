// Dialogs: the native element keeps the focus inside, gives it back, and closes on Escape.

import { type ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { decide, note, recordMine } from './decide';
import { type Group, KEYS } from './keys';
import { type Dialog, now, set, type State, useStore, useWords } from './store';
import { DrawDialog, MaskDialog } from './frame/drawn';
import { JobDialog } from './job';
import { LeftBehindDialog } from './triage/left_behind';
import { MergeDialog, SplitDialog } from './triage/same';
import { whatWasSaid } from './triage/facts';

const dialogOf = (state: State) => state.dialog;

export function Dialogs() {
  const dialog = useStore(dialogOf);
  if (!dialog) return null;
  switch (dialog.what) {
    case 'keys':
      return <KeysDialog />;
    case 'reject':
      return <RejectDialog />;
    case 'comment':
      return <CommentDialog />;
    case 'kind':
      return <KindDialog />;
    case 'merge':
      return <MergeDialog />;
    case 'split':
      return <SplitDialog />;
    case 'left_behind':
      return <LeftBehindDialog />;
    case 'draw':
      return <DrawDialog {...dialog} />;
    case 'mask':
      return <MaskDialog {...dialog} />;
    case 'conflict':
      return <ConflictDialog {...dialog} />;
    case 'job':
      return <JobDialog {...dialog} />;
  }
}

export const close = () => set({ dialog: null });

interface BoxProps {
  title: string;
  /** What the form does; without one the dialog only shows something. */
  done?: () => void;
  label?: string;
  wide?: boolean;
  children: ComponentChildren;
}

export function Box({ title, done, label, wide = false, children }: BoxProps) {
  const w = useWords();
  const element = useRef<HTMLDialogElement>(null);
  // Before anything is painted: the next key a person presses must already go to the dialog.
  useLayoutEffect(() => {
    const { current } = element;
    const before = document.activeElement;
    if (current && !current.open) current.showModal();
    return () => {
      // The dialog is taken away without being closed, so the focus is given back by hand.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? 'wide' : ''} aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        done?.();
      }}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <div class="dialog-end">
          <button type="button" onClick={close}>{done ? w.cancel : w.close}</button>
          {done && <button type="submit" class="primary">{label ?? w.save}</button>}
        </div>
      </form>
    </dialog>
  );
}

function KeysDialog() {
  const w = useWords();
  const groups = Object.keys(w.keyGroups) as Group[];
  return (
    <Box title={w.keys} wide>
      <div class="keys">
        {groups.map((group) => (
          <section key={group}>
            <h3>{w.keyGroups[group]}</h3>
            <dl>
              {KEYS.filter(([of]) => of === group).map(([, keys, does]) => (
                <div key={does}>
                  <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
                  <dd>{does === 'next' ? `${w.does.next}, ${w.does.previous}` : w.does[does]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Box>
  );
}

function RejectDialog() {
  const w = useWords();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const done = () => {
    if (!reason.trim()) return setMissing(true);
    close();
    void decide('rejected', reason.trim());
  };
  return (
    <Box title={w.rejectTitle(now().chosen ?? '')} done={done} label={w.reject}>
      <label class="field">
        <span>{w.reason}</span>
        <input autofocus list="reasons" value={reason} aria-invalid={missing}
          aria-describedby="reason-missing" autocomplete="off"
          onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <datalist id="reasons">
        {w.rejectReasons.map((each) => <option value={each} key={each} />)}
      </datalist>
      <div class="quick">
        {w.rejectReasons.map((each) => (
          <button type="button" key={each} onClick={() => {
            close();
            void decide('rejected', each);
          }}>
            {each}
          </button>
        ))}
      </div>
      <p id="reason-missing" class="error" role="alert">{missing ? w.reasonNeeded : ''}</p>
    </Box>
  );
}

function CommentDialog() {
  const w = useWords();
  const { chosen } = now();
  const [comment, setComment] = useState('');
  const done = () => {
    if (!comment.trim()) return;
    close();
    void note({ reason: comment.trim(), comment: comment.trim() }, `${chosen}: ${w.comment}`);
  };
  return (
    <Box title={w.commentTitle(chosen ?? '')} done={done}>
      <label class="field">
        <span>{w.comment}</span>
        <textarea autofocus rows={4} value={comment}
          onInput={(event) => setComment(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && done()} />
      </label>
    </Box>
  );
}

function KindDialog() {
  const w = useWords();
  const { about, chosen, detail } = now();
  const kinds = about?.kinds.length ? about.kinds : Object.keys(w.kinds);
  const [kind, setKind] = useState(detail?.kind ?? 'unknown');
  const done = () => {
    close();
    void note({ kind }, `${chosen}: ${w.kinds[kind] ?? kind}`);
  };
  return (
    <Box title={w.kindTitle(chosen ?? '')} done={done}>
      <fieldset class="radios">
        <legend class="hidden">{w.kind}</legend>
        {kinds.map((each) => (
          <label key={each}>
            <input type="radio" name="kind" value={each} checked={each === kind}
              autofocus={each === kind} onChange={() => setKind(each)} />
            {w.kinds[each] ?? each}
          </label>
        ))}
      </fieldset>
    </Box>
  );
}

function ConflictDialog({ opinion, now: current }: Extract<Dialog, { what: 'conflict' }>) {
  const w = useWords();
  const theirs = current.reviews.at(-1);
  const mine = opinion.decision ? w.statuses[opinion.decision] : opinion.reason || w.comment;
  return (
    <Box title={w.conflictTitle(current.id)} done={() => void recordMine(opinion)}
      label={w.recordMine}>
      <p>{w.conflictText}</p>
      <div class="opinions">
        <section class="theirs">
          <h3>{w.theirs}</h3>
          <p><strong>{theirs ? whatWasSaid(theirs, w) : w.none}</strong></p>
          <p>{theirs?.reason}</p>
          <p class="fine">{theirs && `${theirs.person}, ${theirs.role}`}</p>
        </section>
        <section class="yours">
          <h3>{w.yours}</h3>
          <p><strong>{mine}</strong></p>
          <p>{opinion.decision ? opinion.reason : ''}</p>
        </section>
      </div>
    </Box>
  );
}
