// Base layers made by other people's tools, and the visible picture beside the thermal one: what
// is drawn is looked at pixel by pixel.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of the system; why it failed. */
function tool(program, args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${error ?? stderr}`);
}

/** Share of the map that one layer covers: what is drawn with it and not without it. */
async function covered(page, title) {
  const box = page.locator('.layer-list label', { hasText: title }).locator('input');
  for (const on of [false, true]) {
    await box.setChecked(on);
    await page.waitForTimeout(500);
    await page.evaluate((name) => {
      const map = document.querySelector('.map').getBoundingClientRect();
      const whole = document.createElement('canvas');
      [whole.width, whole.height] = [Math.round(map.width), Math.round(map.height)];
      const context = whole.getContext('2d');
      context.fillStyle = '#eef1f2';
      context.fillRect(0, 0, whole.width, whole.height);
      for (const canvas of document.querySelectorAll('.map .ol-viewport canvas')) {
        context.drawImage(canvas, 0, 0, whole.width, whole.height);
      }
      globalThis[name] = context.getImageData(0, 0, whole.width, whole.height).data;
    }, on ? 'within' : 'without');
  }
  await box.setChecked(false);
  return page.evaluate(() => {
    const { without, within } = globalThis;
    let differs = 0;
    for (let at = 0; at < within.length; at += 4) {
      const apart = Math.abs(within[at] - without[at]) + Math.abs(within[at + 1] - without[at + 1]);
      if (apart > 6) differs += 1;
    }
    return differs / (within.length / 4);
  });
}

/** Number of a tile after the PMTiles specification, version 3: along a Hilbert curve by level. */
function tileId(z, x, y) {
  let id = (4 ** z - 1) / 3;
  for (let size = 2 ** (z - 1); size >= 1; size /= 2) {
    const [right, down] = [(x & size) > 0 ? 1 : 0, (y & size) > 0 ? 1 : 0];
    id += size * size * ((3 * right) ^ down);
    if (down === 0) {
      if (right === 1) [x, y] = [size - 1 - (x & (size - 1)), size - 1 - (y & (size - 1))];
      [x, y] = [y, x];
    }
  }
  return id;
}

function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** A PMTiles archive, version 3, uncompressed; `type` 1 is vector tiles and 2 PNG. */
function pmtiles(tiles, type, [minZoom, maxZoom], bounds) {
  const sorted = tiles.map(({ z, x, y, bytes }) => ({ id: tileId(z, x, y), bytes }))
    .sort((a, b) => a.id - b.id);
  const steps = sorted.map(({ id }, at) => id - (sorted[at - 1]?.id ?? 0));
  const directory = Buffer.from([
    ...varint(sorted.length),
    ...steps.flatMap(varint),
    ...sorted.flatMap(() => varint(1)),
    ...sorted.flatMap(({ bytes }) => varint(bytes.length)),
    // The offset plus one, or zero where a tile follows the one before.
    ...sorted.flatMap((_, at) => varint(at === 0 ? 1 : 0)),
  ]);
  const metadata = Buffer.from('{}');
  const tileBytes = sorted.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const head = Buffer.alloc(127);
  head.write('PMTiles', 0);
  head[7] = 3;
  const at = [127, directory.length, 127 + directory.length, metadata.length, 0, 0,
    127 + directory.length + metadata.length, tileBytes,
    sorted.length, sorted.length, sorted.length];
  at.forEach((value, index) => head.writeBigUInt64LE(BigInt(value), 8 + 8 * index));
  head[96] = 1; // clustered
  [head[97], head[98], head[99], head[100], head[101]] = [1, 1, type, minZoom, maxZoom];
  bounds.forEach((degrees, index) => head.writeInt32LE(Math.round(degrees * 1e7), 102 + 4 * index));
  head[118] = minZoom;
  const middle = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  middle.forEach((degrees, index) =>
    head.writeInt32LE(Math.round(degrees * 1e7), 119 + 4 * index));
  return Buffer.concat([head, directory, metadata, ...sorted.map(({ bytes }) => bytes)]);
}

/** All tiles that the server has of one of its layers within bounds. */
async function tilesOf(origin, id, [least, most], [west, south, east, north]) {
  const column = (lon, z) => Math.floor(((lon + 180) / 360) * 2 ** z);
  const row = (lat, z) => Math.floor(
    ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z);
  const found = [];
  for (let z = least; z <= most; z++) {
    for (let x = column(west, z); x <= column(east, z); x++) {
      for (let y = row(north, z); y <= row(south, z); y++) {
        const answer = await fetch(`${origin}/api/tiles/${id}/${z}/${x}/${y}`);
        if (!answer.ok) continue;
        const bytes = Buffer.from(await answer.arrayBuffer());
        const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
        found.push({ z, x, y, bytes: plain });
      }
    }
  }
  return found;
}

export const ground = [
  ['base layers of other tools are drawn', async (bench) => {
    const folder = bench.scratch();
    const made = (name) => join(folder, name);
    await bench.run(['mosaic', bench.copy.folder, '--out', made('mosaic.tif')],
      [0, 6], bench.copy.from);
    // GDAL's own tiles: pictures of the mosaic, and vectors of the site.
    tool('gdal_translate', ['-q', '-ot', 'Byte', '-scale', '-b', '1', made('mosaic.tif'),
      made('grey.tif')]);
    tool('gdal_translate', ['-q', '-of', 'MBTILES', made('grey.tif'), made('pictures.mbtiles')]);
    tool('gdaladdo', ['-q', '-r', 'average', made('pictures.mbtiles'), '2', '4', '8', '16']);
    writeFileSync(made('plan.geojson'), JSON.stringify(await bench.get('/api/site')));
    tool('ogr2ogr', ['-f', 'MBTILES', '-dsco', 'MINZOOM=14', '-dsco', 'MAXZOOM=17',
      made('vectors.mbtiles'), made('plan.geojson')]);
    const files = ['mosaic.tif', 'pictures.mbtiles', 'vectors.mbtiles', 'plan.geojson'];
    const from = bench.copy.from;
    const first = await bench.serve({ ...bench.copy, from,
      more: files.flatMap((file) => ['--layer', made(file)]) });
    const about = await bench.get('/api/case', first.origin);
    // The same tiles again as PMTiles, written here after the specification.
    for (const [id, type, name] of [[1, 2, 'raster'], [2, 1, 'shapes']]) {
      const { min_zoom, max_zoom, vector } = about.layers[id].tiles;
      assert.equal(vector, type === 1, `${name}: ${vector}`);
      const zooms = [min_zoom, max_zoom];
      const tiles = await tilesOf(first.origin, id, zooms, about.bounds);
      assert.ok(tiles.length > 0, `${name} has tiles`);
      writeFileSync(made(`${name}.pmtiles`), pmtiles(tiles, type, zooms, about.bounds));
    }
    await first.stop();
    const all = [...files, 'raster.pmtiles', 'shapes.pmtiles'];
    const server = await bench.serve({ ...bench.copy, from,
      more: all.flatMap((file) => ['--layer', made(file)]) });
    const page = await bench.page({ origin: server.origin });
    await page.locator('.layers summary').click();
    for (const name of ['Track', 'Site, assets and zones', '95 % ellipses']) {
      await page.getByLabel(name).setChecked(false);
    }
    const titles = all.map((file) => file.replace(/\.\w+$/, ''));
    for (const title of titles) {
      await page.locator('.layer-list label', { hasText: title }).locator('input')
        .setChecked(false);
    }
    const shares = {};
    for (const title of titles) shares[title] = await covered(page, title);
    console.log(`        share of the map: ${JSON.stringify(shares)}`);
    // Pictures cover what was flown over; the site's outlines less.
    for (const title of ['mosaic', 'pictures', 'raster']) {
      assert.ok(shares[title] > 0.2, `${title} covers ${shares[title]}`);
    }
    for (const title of ['vectors', 'plan', 'shapes']) {
      assert.ok(shares[title] > 0.005, `${title} covers ${shares[title]}`);
    }
    // Deeper than the archives go their tiles are drawn larger, and not left out.
    for (let times = 0; times < 4; times++) {
      await page.locator('.map').focus();
      await page.keyboard.press('+');
      await page.waitForTimeout(300);
    }
    for (const title of ['pictures', 'raster']) {
      const share = await covered(page, title);
      assert.ok(share > 0.5, `from near ${title} covers ${share}`);
    }
  }],

  ['the visible picture stands beside the thermal one, the cursor in both', async (bench) => {
    const folder = bench.scratch();
    const frames = join(folder, 'frames');
    mkdirSync(frames);
    // Real frames where they are at hand; their visible twins are not, so those are painted here.
    const { survey } = bench;
    const source = survey ?? join(bench.copy.from,
      readdirSync(bench.copy.from).find((name) => name.endsWith('.frames')));
    const names = readdirSync(source).filter((name) => /_T\.jpe?g$/i.test(name)).slice(0, 4);
    for (const name of names) copyFileSync(join(source, name), join(frames, name));
    await bench.run(['inspect', frames, '--case', join(folder, 'seen.case')], [0, 6]);
    const painter = await bench.page();
    const picture = await painter.evaluate(async () => {
      const canvas = new OffscreenCanvas(800, 600);
      const context = canvas.getContext('2d');
      context.fillStyle = '#20a040';
      context.fillRect(0, 0, 800, 600);
      const bytes = await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer();
      return [...new Uint8Array(bytes)];
    });
    for (const name of names) {
      writeFileSync(join(frames, name.replace(/_T(\.\w+)$/, '_V$1')), Buffer.from(picture));
    }
    const server = await bench.serve({ folder: join(folder, 'seen.case'), from: folder });
    const page = await bench.page({ origin: server.origin });
    await page.keyboard.press('v');
    const canvas = page.locator('.visible canvas');
    await page.waitForFunction(() => document.querySelector('.visible canvas')?.width === 800);
    const colour = await canvas.evaluate((element) =>
      [...element.getContext('2d').getImageData(400, 300, 1, 1).data]);
    assert.ok(Math.abs(colour[1] - 160) < 12 && colour[0] < 60, `${colour}`);
    // The cross lies at the same share of both pictures.
    const raster = await page.locator('.frame-stage').boundingBox();
    await page.mouse.move(raster.x + raster.width * 0.5, raster.y + raster.height * 0.5);
    const cross = await page.locator('.visible-cross').boundingBox();
    const beside = await canvas.boundingBox();
    const [x, y] = [cross.x + cross.width / 2 - beside.x, cross.y + cross.height / 2 - beside.y];
    assert.ok(Math.abs(x / beside.width - 0.5) < 0.02 && Math.abs(y / beside.height - 0.5) < 0.02,
      `${x / beside.width}, ${y / beside.height}`);
    await bench.shot(page, 'visible');
    assert.ok(survey === null || existsSync(survey));
  }],
];
