// The buttons of a decision, each with its key.

import { type ComponentChildren } from 'preact';
import { step } from '../acts';
import { decide, undo } from '../decide';
import { set, type State, useStore, useWords } from '../store';
import { type Act as Allowed, useMay, whyNot } from './may';

const chosenOf = (state: State) => state.chosen;
const changedOf = (state: State) => state.frame?.integrity === 'changed';
const markedOf = (state: State) => state.marked;

export function Decisions() {
  const w = useWords();
  const chosen = useStore(chosenOf);
  const isChanged = useStore(changedOf);
  const marked = useStore(markedOf);
  const none = !chosen;
  return (
    <div class="decisions" role="group" aria-label={w.reviews}>
      <Act key_="k" does={() => step(-1)} none={none}>
        <span aria-hidden="true">↑</span><span class="hidden">{w.previous}</span>
      </Act>
      <Act key_="j" does={() => step(1)} none={none}>
        <span aria-hidden="true">↓</span><span class="hidden">{w.next}</span>
      </Act>
      <span class="rule" />
      <Act key_="a" does={() => void decide('accepted', '')} none={none || isChanged}
        class="accept" title={isChanged ? w.cannotAccept : ''} needs="decide">
        {w.accept}
      </Act>
      <Act key_="r" does={() => set({ dialog: { what: 'reject' } })} none={none} class="reject"
        needs="decide">
        {w.reject}
      </Act>
      <Act key_="u" does={() => void decide('unsure', '')} none={none} needs="decide">
        {w.unsure}
      </Act>
      <span class="rule" />
      <Act key_="c" does={() => set({ dialog: { what: 'comment' } })} none={none} needs="comment">
        {w.comment}
      </Act>
      <Act key_="m" does={() => set({ dialog: { what: 'merge' } })} none={none} needs="decide">
        {w.merge}{marked.size > 0 ? ` (${marked.size})` : ''}
      </Act>
      <Act key_="d" does={() => set({ dialog: { what: 'split' } })} none={none} needs="decide">
        {w.split}
      </Act>
      <Act key_="z" does={() => void undo()} none={none} needs="decide">{w.undo}</Act>
    </div>
  );
}

interface ActProps {
  key_: string;
  does: () => void;
  none: boolean;
  class?: string;
  title?: string;
  /** What a role must allow; stepping through the list is for everybody. */
  needs?: Allowed;
  children: ComponentChildren;
}

function Act({ key_, does, none, needs, title, children, ...rest }: ActProps) {
  const allowed = useMay(needs ?? 'decide') || needs === undefined;
  return (
    <button type="button" disabled={none || !allowed} onClick={does} aria-keyshortcuts={key_}
      title={whyNot(allowed) || title} {...rest}>
      {children} <kbd aria-hidden="true">{key_}</kbd>
    </button>
  );
}
