// What a person drew on a frame: a finding, or a mask over a person or a number plate.

import { useState } from 'preact/hooks';
import { draw, mask } from '../decide';
import { Box, close } from '../dialogs';
import { type Dialog, now, useWords } from '../store';

export function DrawDialog({ polygon, frame }: Extract<Dialog, { what: 'draw' }>) {
  const w = useWords();
  const { about } = now();
  const kinds = about?.kinds.length ? about.kinds : Object.keys(w.kinds);
  const severities = about?.severities.length ? about.severities : Object.keys(w.severities);
  const [kind, setKind] = useState('unknown');
  const [severity, setSeverity] = useState('low');
  const [reason, setReason] = useState('');
  const done = () => {
    close();
    void draw(frame, polygon, kind, severity, reason.trim());
  };
  return (
    <Box title={w.drawTitle} done={done}>
      <label class="field">
        <span>{w.kind}</span>
        <select autofocus value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {kinds.map((each) => <option value={each} key={each}>{w.kinds[each] ?? each}</option>)}
        </select>
      </label>
      <label class="field">
        <span>{w.severity}</span>
        <select value={severity} onChange={(event) => setSeverity(event.currentTarget.value)}>
          {severities.map((each) => (
            <option value={each} key={each}>{w.severities[each] ?? each}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{w.reason}</span>
        <input required value={reason}
          onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </Box>
  );
}

export function MaskDialog({ polygon, frame, of }: Extract<Dialog, { what: 'mask' }>) {
  const w = useWords();
  const [what, setWhat] = useState(of);
  const [reason, setReason] = useState('');
  const done = () => {
    close();
    void mask(frame, polygon, what, reason.trim());
  };
  return (
    <Box title={w.maskTitle} done={done}>
      <fieldset class="radios">
        <legend class="hidden">{w.tool}</legend>
        {(['person', 'plate'] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="mask" checked={what === each} autofocus={what === each}
              onChange={() => setWhat(each)} />
            {w.tools[each]}
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>{w.reason}</span>
        <input required value={reason}
          onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </Box>
  );
}
