// Reviews that were given while frames still came, of findings that the flight of now does not
// have: nothing is lost, and somebody should know.

import { useEffect, useState } from 'preact/hooks';
import { text } from '../acts';
import { Box } from '../dialogs';
import { get, type LeftBehind } from '../server';
import { useWords } from '../store';

export function LeftBehindDialog() {
  const w = useWords();
  const [rows, setRows] = useState<LeftBehind[] | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    get<LeftBehind[]>('/api/left-behind').then(setRows, (caught) => setError(text(caught)));
  }, []);
  return (
    <Box title={w.leftBehindTitle}>
      <p>{w.leftBehindText}</p>
      <ol class="reviews">
        {rows?.map((row) => (
          <li key={row.number}>
            <strong>{row.finding} · {w.kinds[row.kind] ?? row.kind}</strong>
            {' · '}{w.statuses[row.decision as keyof typeof w.statuses] ?? w.comment}
            {' · '}{row.person}
            {row.reason && <div>{row.reason}</div>}
            <div class="fine">
              {row.at.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}
              {row.lat !== null && row.lon !== null &&
                ` · WGS 84 ${row.lat.toFixed(6)}, ${row.lon.toFixed(6)}`}
            </div>
          </li>
        ))}
      </ol>
      <p class="error" role="alert">{error}</p>
    </Box>
  );
}
