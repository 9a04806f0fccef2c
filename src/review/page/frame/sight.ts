// Where a frame lies on the screen: the whole of it fits at zoom 1, and a middle is in sight.

import type { Point } from '../server';

export interface Sight {
  /** Screen pixels a frame pixel. */
  scale: number;
  left: number;
  top: number;
}

interface Size {
  width: number;
  height: number;
}

export function sight(frame: Size, box: Size, zoom: number, middle: Point): Sight {
  const scale = Math.min(box.width / frame.width, box.height / frame.height) * zoom;
  const at = (whole: number, room: number, wanted: number) => {
    const size = whole * scale;
    if (size <= room) return (room - size) / 2;
    return Math.min(0, Math.max(room - size, room / 2 - wanted * scale));
  };
  return {
    scale,
    left: at(frame.width, box.width, middle[0]),
    top: at(frame.height, box.height, middle[1]),
  };
}

export const toScreen = ({ scale, left, top }: Sight, [x, y]: Point): Point => [
  left + x * scale,
  top + y * scale,
];

export const toFrame = ({ scale, left, top }: Sight, [x, y]: Point): Point => [
  (x - left) / scale,
  (y - top) / scale,
];
