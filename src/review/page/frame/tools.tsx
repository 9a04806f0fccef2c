// How the frame is shown, and what the pointer does on it.

import { levelAuto, levelLocked } from '../acts';
import { chooseBest } from '../decide';
import { chooseIsotherm, takeTool, toggleEarlier, zoomBy } from '../keys';
import { now, set, type State, type Tool, useStore, useWords } from '../store';
import { type Palette, PALETTES } from './palette';
import type { Isotherm } from './raster';
import { useMay, whyNot } from '../triage/may';

const paletteOf = (state: State) => state.palette;
const invertedOf = (state: State) => state.inverted;
const levelOf = (state: State) => state.levelMode;
const isothermOf = (state: State) => state.isotherm;
const toolOf = (state: State) => state.tool;
const visibleOf = (state: State) => state.visible;
const earlierOf = (state: State) => state.earlier;
const hasEarlierOf = (state: State) => state.about?.earlier ?? false;

const NAMES: Record<Palette, string> = {
  white_hot: 'White hot',
  iron: 'Iron',
  rainbow: 'Rainbow',
  arctic: 'Arctic',
  lava: 'Lava',
  cividis: 'Cividis',
};

export function ViewTools() {
  const w = useWords();
  const palette = useStore(paletteOf);
  const inverted = useStore(invertedOf);
  const visible = useStore(visibleOf);
  const earlier = useStore(earlierOf);
  const hasEarlier = useStore(hasEarlierOf);
  return (
    <div class="tools" role="toolbar" aria-label={w.palette}>
      <label>
        <span class="hidden">{w.palette}</span>
        <select value={palette} title={w.palette}
          onChange={(event) => set({ palette: event.currentTarget.value as Palette })}>
          {PALETTES.map((each) => <option value={each} key={each}>{NAMES[each]}</option>)}
        </select>
      </label>
      <button type="button" aria-pressed={inverted} onClick={() => set({ inverted: !inverted })}>
        {w.invert}
      </button>
      <Level />
      <IsothermTools />
      <span class="grow" />
      {hasEarlier && (
        <button type="button" aria-pressed={earlier} onClick={toggleEarlier}
          aria-keyshortcuts="e">
          {w.earlier}
        </button>
      )}
      <button type="button" aria-pressed={visible} aria-keyshortcuts="v"
        onClick={() => set({ visible: !visible, earlier: false })}>
        {w.visible}
      </button>
    </div>
  );
}

function Level() {
  const w = useWords();
  const mode = useStore(levelOf);
  return (
    <div class="group" role="group" aria-label={w.level}>
      <button type="button" aria-pressed={mode === 'auto'} onClick={levelAuto}>{w.auto}</button>
      <button type="button" aria-pressed={mode === 'locked'} onClick={() => void levelLocked()}>
        {w.locked}
      </button>
      {mode === 'dragged' && <button type="button" aria-pressed="true">{w.dragged}</button>}
    </div>
  );
}

function IsothermTools() {
  const w = useWords();
  const isotherm = useStore(isothermOf);
  const { mode } = isotherm;
  const end = (name: 'low_c' | 'high_c', label: string) => (
    <input type="number" step="0.1" aria-label={`${w.isotherm}, ${label}, °C`}
      value={isotherm[name].toFixed(1)}
      onChange={(event) => {
        const value = event.currentTarget.valueAsNumber;
        if (Number.isFinite(value)) set({ isotherm: { ...now().isotherm, [name]: value } });
      }} />
  );
  return (
    <div class="group">
      <label>
        <span class="hidden">{w.isotherm}</span>
        <select value={mode} title={w.isotherm}
          onChange={(event) => chooseIsotherm(event.currentTarget.value as Isotherm['mode'])}>
          {Object.entries(w.isotherms).map(([value, name]) => (
            <option value={value} key={value}>{`${w.isotherm}: ${name}`}</option>
          ))}
        </select>
      </label>
      {(mode === 'above' || mode === 'between') && end('low_c', w.low)}
      {(mode === 'below' || mode === 'between') && end('high_c', w.high)}
    </div>
  );
}

const MEASURING: Tool[] = ['pointer', 'spot', 'line', 'area', 'polygon'];
const DRAWING: Tool[] = ['finding', 'person', 'plate'];
const TOOL_KEYS: Partial<Record<Tool, string>> = {
  pointer: 'Escape',
  spot: 's',
  line: 'g',
  area: 'w',
  polygon: 'o',
  finding: 'n',
};

export function Tools() {
  const w = useWords();
  const tool = useStore(toolOf);
  const mayDraw = useMay('draw');
  const mayComment = useMay('comment');
  const button = (each: Tool) => {
    const allowed = mayDraw || MEASURING.includes(each);
    return (
      <button type="button" key={each} aria-pressed={tool === each} disabled={!allowed}
        onClick={() => takeTool(each)}
        aria-keyshortcuts={TOOL_KEYS[each]} title={whyNot(allowed) || w.toolHint}>
        {w.tools[each]}
      </button>
    );
  };
  return (
    <div class="tools below" role="toolbar" aria-label={w.tool}>
      <div class="group">{MEASURING.map(button)}</div>
      <div class="group">{DRAWING.map(button)}</div>
      <span class="grow" />
      <div class="group">
        <button type="button" aria-label={w.zoomOut} title={w.zoomOut}
          onClick={() => zoomBy(1 / 1.5)}>−</button>
        <button type="button" aria-label={w.fit} title={w.fit} onClick={() => zoomBy(0)}>▣</button>
        <button type="button" aria-label={w.zoomIn} title={w.zoomIn}
          onClick={() => zoomBy(1.5)}>+</button>
        <button type="button" onClick={() => void chooseBest()} disabled={!mayComment}
          title={whyNot(mayComment) || w.makeBest}
          aria-label={w.makeBest} aria-keyshortcuts="b">★</button>
      </div>
    </div>
  );
}
