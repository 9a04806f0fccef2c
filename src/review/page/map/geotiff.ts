// A GeoTIFF as a layer, on Canvas2D: a graphics card is not there over a remote desktop. What
// is in sight is read from the overview that fits, by ranges. One band is coloured as
// temperatures are, three or four are taken as a photograph.

import { fromUrl, type GeoTIFF, type GeoTIFFImage } from 'geotiff';
import { type Extent, getIntersection, getHeight, getWidth, isEmpty } from 'ol/extent';
import ImageSource from 'ol/source/Image';
import { get as projection } from 'ol/proj';
import { credentials } from '../server';
import { colours } from '../frame/palette';
import { now } from '../store';

/** Pixels of the overview from which the span is taken. */
const SAMPLE_PX = 256;

interface Opened {
  tiff: GeoTIFF;
  bounds: Extent;
  bands: number;
  bits: number;
  nodata: number | null;
  span: [number, number];
}

export async function pictureOf(url: string): Promise<ImageSource> {
  const address = new URL(url, location.href).href;
  const tiff = await fromUrl(address, { headers: credentials() });
  const image = await tiff.getImage();
  const code = epsg(image);
  if (!projection(code)) throw new Error(`${url}: ${code} is not a projection that the map knows`);
  const opened = await open(tiff, image);
  return new ImageSource({
    projection: code,
    interpolate: false,
    loader: async (extent, resolution) => {
      const seen = getIntersection(extent, opened.bounds);
      if (isEmpty(seen)) return { image: document.createElement('canvas'), extent };
      return { image: await read(opened, seen, resolution), extent: seen };
    },
  });
}

function epsg(image: GeoTIFFImage): string {
  const keys = (image.getGeoKeys() ?? {}) as Record<string, number | undefined>;
  const code = keys['ProjectedCSTypeGeoKey'] ?? keys['GeographicTypeGeoKey'];
  // 32767 stands for "defined by the user" (GeoTIFF 1.1, clause 7.1).
  if (code === undefined || code === 32_767) throw new Error('a GeoTIFF without an EPSG code');
  return `EPSG:${code}`;
}

async function open(tiff: GeoTIFF, image: GeoTIFFImage): Promise<Opened> {
  const bands = image.getSamplesPerPixel();
  const opened: Opened = {
    tiff,
    bounds: image.getBoundingBox() as Extent,
    bands,
    bits: image.getBitsPerSample(),
    nodata: image.getGDALNoData(),
    span: [0, 255],
  };
  if (bands < 3) opened.span = await spanOf(opened);
  return opened;
}

type Raster = ArrayLike<number> & { width: number; height: number };

const readWindow = async ({ tiff, bands }: Opened, bbox: Extent, width: number, height: number) =>
  (await tiff.readRasters({
    bbox: bbox as [number, number, number, number],
    width,
    height,
    samples: bands < 3 ? [0] : [0, 1, 2],
    interleave: true,
  })) as unknown as Raster;

const isValue = (value: number, { nodata }: Opened) => Number.isFinite(value) && value !== nodata;

/** From the 2nd to the 99.8th percentile of a coarse picture. */
async function spanOf(opened: Opened): Promise<[number, number]> {
  const high = Math.round((SAMPLE_PX * getHeight(opened.bounds)) / getWidth(opened.bounds)) || 1;
  const raster = await readWindow(opened, opened.bounds, SAMPLE_PX, Math.min(high, 4 * SAMPLE_PX));
  const values = Array.from(raster).filter((value) => isValue(value, opened)).sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] ?? 0;
  return [at(0.02), Math.max(at(0.998), at(0.02) + 0.1)];
}

async function read(opened: Opened, seen: Extent, resolution: number): Promise<HTMLCanvasElement> {
  const size = (metres: number) => Math.max(1, Math.min(4096, Math.round(metres / resolution)));
  const [width, height] = [size(getWidth(seen)), size(getHeight(seen))];
  const raster = await readWindow(opened, seen, width, height);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  if (opened.bands < 3) thermal(raster, opened, pixels);
  else photograph(raster, opened, pixels);
  context.putImageData(image, 0, 0);
  return canvas;
}

function thermal(raster: Raster, opened: Opened, pixels: Uint32Array): void {
  const palette = colours(now().palette, now().inverted);
  const [low, high] = opened.span;
  for (let at = 0; at < pixels.length; at++) {
    const value = raster[at] ?? Number.NaN;
    const step = Math.round(((value - low) / (high - low)) * 255);
    pixels[at] = isValue(value, opened) ? palette[Math.max(0, Math.min(255, step))] as number : 0;
  }
}

function photograph(raster: Raster, { bits, nodata }: Opened, pixels: Uint32Array): void {
  const shift = Math.max(0, bits - 8);
  for (let at = 0; at < pixels.length; at++) {
    const [r = 0, g = 0, b = 0] = [raster[at * 3], raster[at * 3 + 1], raster[at * 3 + 2]];
    const isNothing = nodata !== null && r === nodata && g === nodata && b === nodata;
    const colour = 0xff000000 | ((b >> shift) << 16) | ((g >> shift) << 8) | (r >> shift);
    pixels[at] = isNothing ? 0 : colour;
  }
}
