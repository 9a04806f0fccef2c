// What lies over the picture: detections, masks, measurements, the cross.

import type { Detail, FrameRow, Point } from '../server';
import { type State, useStore } from '../store';
import type { Measurement } from './measure';
import type { Raster } from './raster';
import { savedMeasurements } from './saved';
import { type Sight, toScreen } from './sight';

const detailOf = (state: State) => state.detail;
const frameOf = (state: State) => state.frame;
const pointsOf = (state: State) => state.points;
const cursorOf = (state: State) => state.cursor;
const toolOf = (state: State) => state.tool;
const measurementsOf = (state: State) => state.measurements;

interface OverlayProps {
  raster: Raster;
  seen: Sight;
  size: { width: number; height: number };
}

export function Overlay({ raster, seen, size }: OverlayProps) {
  const detail = useStore(detailOf);
  const frame = useStore(frameOf);
  const unsaved = useStore(measurementsOf);
  const saved = savedMeasurements(detail, raster.frame);
  return (
    <svg class="overlay" width={size.width} height={size.height} aria-hidden="true">
      {frame?.frame === raster.frame && <Masks frame={frame} seen={seen} />}
      {frame?.frame === raster.frame && <Others frame={frame} detail={detail} seen={seen} />}
      <Boxes detail={detail} frame={raster.frame} seen={seen} />
      {saved.map((each, at) => <Mark key={`saved-${at}`} mark={each} seen={seen} saved />)}
      {unsaved.filter((each) => each.frame === raster.frame).map((each) => (
        <Mark key={each.number} mark={each} seen={seen} />
      ))}
      <Pending seen={seen} />
      <Cross seen={seen} size={size} />
    </svg>
  );
}

const path = (points: Point[], seen: Sight) =>
  points.map((point) => toScreen(seen, point).map((v) => v.toFixed(1)).join(',')).join(' ');

function Rect({ box, seen, class: name }: { box: number[]; seen: Sight; class: string }) {
  const [left = 0, top = 0, width = 0, height = 0] = box;
  // A little room, so that the line does not hide the spot that it shows.
  const room = 2;
  const [x, y] = toScreen(seen, [left - room, top - room]);
  const [w, h] = [(width + 2 * room) * seen.scale, (height + 2 * room) * seen.scale];
  return (
    <>
      <rect class="halo" x={x} y={y} width={w} height={h} />
      <rect class={name} x={x} y={y} width={w} height={h} />
    </>
  );
}

function Boxes({ detail, frame, seen }: { detail: Detail | null; frame: number; seen: Sight }) {
  return (
    <>
      {detail?.sightings.filter(({ frame: of, bbox_px }) => of === frame && bbox_px[2] > 0)
        .map((each, at) => (
        <Rect key={at} box={each.bbox_px} seen={seen} class="box" />
      ))}
    </>
  );
}

function Others({ frame, detail, seen }: { frame: FrameRow; detail: Detail | null; seen: Sight }) {
  return (
    <>
      {frame.findings_in_it.filter(({ finding, bbox_px }) =>
        finding !== detail?.id && (bbox_px[2] ?? 0) > 0).map((each, at) => {
        const [x, y] = toScreen(seen, [each.bbox_px[0] ?? 0, each.bbox_px[1] ?? 0]);
        return (
          <g key={at}>
            <Rect box={each.bbox_px} seen={seen} class="box other" />
            <text class="label" x={x} y={y - 6}>{each.finding}</text>
          </g>
        );
      })}
    </>
  );
}

function Masks({ frame, seen }: { frame: FrameRow; seen: Sight }) {
  return (
    <>
      {frame.masks.map((mask, at) => (
        <polygon key={at} class="mask" points={path(mask.polygon_px, seen)} />
      ))}
    </>
  );
}

function Mark({ mark, seen, saved = false }:
  { mark: Pick<Measurement, 'shape' | 'points_px' | 'values' | 'number'>; seen: Sight;
    saved?: boolean }) {
  const first = mark.points_px[0];
  if (!first) return null;
  const [x, y] = toScreen(seen, first);
  const value = mark.shape === 'spot' ? mark.values?.mean_c : mark.values?.max_c;
  return (
    <g class={saved ? 'mark saved' : 'mark'}>
      <Outline shape={mark.shape} points={mark.points_px} seen={seen} class="halo" />
      <Outline shape={mark.shape} points={mark.points_px} seen={seen} class="line" />
      <text class="label" x={x + 8} y={y - 6}>
        {saved ? '' : `${mark.number}: `}{value?.toFixed(1)} °C
      </text>
    </g>
  );
}

function Outline({ shape, points, seen, class: name }:
  { shape: string; points: Point[]; seen: Sight; class: string }) {
  const [a, b] = points.map((point) => toScreen(seen, point));
  if (!a) return null;
  if (shape === 'spot') {
    const [x, y] = a;
    return <path class={name} d={`M${x - 7} ${y}h5m4 0h5M${x} ${y - 7}v5m0 4v5`} />;
  }
  if (shape === 'area' && b) {
    return <rect class={name} x={Math.min(a[0], b[0])} y={Math.min(a[1], b[1])}
      width={Math.abs(a[0] - b[0])} height={Math.abs(a[1] - b[1])} />;
  }
  if (shape === 'line') return <polyline class={name} points={path(points, seen)} />;
  return <polygon class={name} points={path(points, seen)} />;
}

/** The points set so far, with a line to the cross. */
function Pending({ seen }: { seen: Sight }) {
  const points = useStore(pointsOf);
  const cursor = useStore(cursorOf);
  if (points.length === 0) return null;
  const all = cursor ? [...points, cursor] : points;
  return (
    <>
      <polyline class="halo" points={path(all, seen)} />
      <polyline class="line pending" points={path(all, seen)} />
    </>
  );
}

function Cross({ seen, size }: { seen: Sight; size: { width: number; height: number } }) {
  const cursor = useStore(cursorOf);
  const tool = useStore(toolOf);
  if (!cursor) return null;
  const [x, y] = toScreen(seen, cursor);
  const far = tool === 'pointer' ? 9 : Math.max(size.width, size.height);
  const d = `M${x - far} ${y}h${far - 3}m6 0h${far - 3}M${x} ${y - far}v${far - 3}m0 6v${far - 3}`;
  return <><path class="halo thin" d={d} /><path class="cross" d={d} /></>;
}
