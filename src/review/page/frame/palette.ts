// Colours of temperatures. A palette is of the view alone: it never touches the measurement.

/** Colours at equal steps from cold to hot. */
const STOPS = {
  white_hot: ['#000000', '#ffffff'],
  iron: ['#00000a', '#1c0a5a', '#5e0a8e', '#a0178d', '#d23d52', '#ee7318', '#fbb016', '#fff6c8'],
  rainbow: ['#10106e', '#1467d8', '#12b3c4', '#28b53c', '#c8d21e', '#f59a16', '#e02a1c', '#ffe6e6'],
  arctic: ['#04102c', '#0a3f86', '#1a86c4', '#7fc6d8', '#e8d9a0', '#f0a040', '#d85a1a', '#fff0dc'],
  lava: ['#000000', '#3a0d0d', '#7a1410', '#bb2c0c', '#e85f0a', '#f99a26', '#fdd46a', '#ffffff'],
  // Cividis, made so that colour-blind and other eyes see the same steps: Nunez, Anderton and
  // Renslow, "Optimizing colormaps with consideration for color vision deficiency", 2018.
  cividis: ['#00224e', '#123570', '#3b496c', '#575d6d', '#707173', '#8a8678', '#a59c74', '#c3b369',
    '#e1cc55', '#fee838'],
} as const;

export type Palette = keyof typeof STOPS;
export const PALETTES = Object.keys(STOPS) as Palette[];

type Rgb = [red: number, green: number, blue: number];

function rgb(hex: string): Rgb {
  const bits = Number.parseInt(hex.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

/** 256 colours, as a little-endian machine holds one pixel of a canvas. */
export function colours(palette: Palette, inverted: boolean): Uint32Array {
  const stops = STOPS[palette].map(rgb);
  const made = new Uint32Array(256);
  for (let step = 0; step < 256; step++) {
    const at = ((inverted ? 255 - step : step) / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    const from = stops[low] as Rgb;
    const to = stops[low + 1] as Rgb;
    const mix = (band: 0 | 1 | 2) => Math.round(from[band] + (to[band] - from[band]) * (at - low));
    made[step] = 0xff000000 | (mix(2) << 16) | (mix(1) << 8) | mix(0);
  }
  return made;
}
