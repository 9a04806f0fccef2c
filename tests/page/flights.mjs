// A flight that is being recorded while the page is open, and one that is held against an
// earlier flight over the same site. Both are simulated, so what is true is known.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { painted } from './harness.mjs';

/** A flight is over by then, on a slow machine too. */
const FLOWN_MS = 240_000;

function freePort() {
  return new Promise((done) => {
    const probe = createSocket('udp4');
    probe.bind(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const ended = (child) => new Promise((done) => {
  if (child.exitCode !== null) done(child.exitCode);
  else child.once('exit', done);
});

const shown = (page) => page.locator('.row-id').count();

/** Metres between two places in degrees; a kilometre is flat enough. */
function metres(a, b) {
  const north = (a.lat - b.lat) * 111_195;
  return Math.hypot(north, (a.lon - b.lon) * 111_195 * Math.cos((a.lat * Math.PI) / 180));
}

export const flights = [
  ['findings appear while a vehicle flies, without a reload', async (bench) => {
    const folder = bench.scratch();
    const [frames, survey, flown] =
      ['frames', 'survey.plan', 'live.case'].map((name) => join(folder, name));
    mkdirSync(frames);
    await bench.run(['sim', 'vehicle', '--survey', survey]);
    const port = await freePort();
    const link = `udpout:127.0.0.1:${port}`;
    const quiet = { stdio: 'ignore' };
    const start = (args) => {
      const child = spawn(bench.binary, args, quiet);
      bench.children.push(child);
      return child;
    };
    start(['sim', 'vehicle', '--frames', frames, '--listen', `udpin:127.0.0.1:${port}`,
      '--speedup', '60', '--armed-after-upload', '20']);
    const collect = start(['collect', '--link', link, '--until-landed', '--frames', frames,
      '--case', flown]);
    while (!existsSync(join(flown, 'case.gpkg'))) await bench.pause(50);
    // The page is open before anything was flown, and stays open.
    const server = await bench.serve({ folder: flown, from: folder });
    const page = await bench.page({ origin: server.origin, bare: true });
    await page.locator('html[data-live=yes]').waitFor();
    await page.locator('.list .empty', { hasText: 'Nothing was inspected yet' }).waitFor();
    await page.evaluate(() => (globalThis.sameDocument = true));
    start(['fly', survey, '--link', link, '--yes-start', '--case', join(folder, 'flown.case')]);
    await page.locator('.row-id').first().waitFor({ timeout: FLOWN_MS });
    await page.locator('.tag.live').waitFor();
    const early = await shown(page);
    await bench.shot(page, 'live');
    // What came can be looked at and decided while the flight goes on.
    await painted(page);
    const before = await decided(bench, page, server.origin);
    assert.equal(collect.exitCode, null, 'the flight was not over');
    assert.equal(await ended(collect), 0);
    await page.locator('.tag.live').waitFor({ state: 'detached' });
    const about = await bench.get('/api/case', server.origin);
    assert.equal(about.more_to_come, false);
    const rows = await bench.get('/api/findings', server.origin);
    await page.locator('.shown', { hasText: `of ${rows.rows.length}` }).waitFor();
    assert.ok(rows.rows.length > early, `${early} were early, ${rows.rows.length} in the end`);
    assert.ok(await page.evaluate(() => globalThis.sameDocument), 'nothing was loaded anew');
    // The word moved on to the finding that lies there now, or is told as left behind.
    const at = (name) => rows.columns.indexOf(name);
    const there = rows.rows.filter((row) => row[at('polarity')] === before.polarity
      && metres({ lat: row[at('lat')], lon: row[at('lon')] }, before) < 4);
    const moved = there.some((row) => row[at('status')] === 'unsure');
    assert.ok(moved || about.left_behind > 0, 'the word is neither moved on nor told');
    console.log(`        ${early} findings while it flew, ${rows.rows.length} in the end`);
  }],

  ['a later flight is held against an earlier one, and the truth', async (bench) => {
    const folder = bench.scratch();
    const truths = {};
    await Promise.all([['earlier', []], ['later', ['--later']]].map(async ([name, more]) => {
      const frames = join(folder, name);
      await bench.run(['sim-scene', '--out', frames, ...more]);
      truths[name] = JSON.parse(readFileSync(join(frames, 'truth.json'), 'utf8'));
      await bench.run(['inspect', frames, '--case', `${frames}.case`], [0, 6]);
    }));
    const server = await bench.serve({ folder: join(folder, 'later.case'), from: folder,
      more: ['--earlier', join(folder, 'earlier.case')] });
    const pairs = await bench.get('/api/compare', server.origin);
    const rows = await bench.get('/api/findings', server.origin);
    const found = new Map(rows.rows.map((row) => [row[rows.columns.indexOf('id')],
      Object.fromEntries(rows.columns.map((name, at) => [name, row[at]]))]));
    const seen = isTrue(pairs, found, truths);
    console.log(`        against the truth: ${JSON.stringify(seen)}`);
    await comparedOnThePage(bench, server, pairs);
  }],
];

/**
 * Decides the chosen finding, and gives it as it was. A key that falls between two runs of a flight
 * under way meets a finding that is no more: the page says so, and the key is pressed again.
 */
async function decided(bench, page, origin) {
  const said = [];
  for (let tries = 0; tries < 5; tries += 1) {
    const chosen = await page.locator('[aria-selected=true] .row-id').innerText();
    const before = await bench.get(`/api/findings/${chosen}`, origin).catch(() => null);
    await page.keyboard.press('u');
    const outcome = page.locator('.outcome', { hasText: 'Unsure' });
    const isTold = await outcome.waitFor({ timeout: 4000 }).then(() => true, () => false);
    if (before && isTold) return before;
    said.push(await page.locator('.outcome').allInnerTexts());
  }
  throw new Error(`no key was taken; the page said ${JSON.stringify(said)}`);
}

/** Every planted spot whose finding is clear: what became of it is what was planted. */
function isTrue(pairs, found, { earlier, later }) {
  const seen = { new: 0, persistent: 0, gone: 0, warmer: 0, cooler: 0 };
  const near = (place) => (spot) => metres(place, spot) < 0.5;
  for (const pair of pairs) {
    const now = pair.id === null ? null : found.get(pair.id);
    const place = now ?? pair.earlier;
    const [was, is] = [earlier.spots.find(near(place)), later.spots.find(near(place))];
    if (!was && !is) continue; // an edge of an asset, and no spot
    // An asset that is warm by itself was a finding before a spot was planted on it: the change that
    // is told is what the spot exceeds it by.
    if (!was && is && pair.earlier_id) {
      const more = is.seen_delta_k - pair.earlier.delta_k;
      assert.ok(Math.abs(more - pair.delta_k_change) < 0.3, `${pair.id}: ${more} K more`);
      assert.equal(pair.state, more > 0 ? 'warmer' : 'cooler', pair.id);
      continue;
    }
    const change = (is?.seen_delta_k ?? 0) - (was?.seen_delta_k ?? 0);
    const truth = !was ? 'new' : !is ? 'gone'
      : change > 0 ? 'warmer' : change < 0 ? 'cooler' : 'persistent';
    // Less than two kelvin may drown in noise and in what else is different: that is not a fault.
    const isClear = !was || !is || change === 0 || Math.abs(change) > 2;
    const isWeak = Math.abs(is?.seen_delta_k ?? was.seen_delta_k) < 2;
    if (pair.state === truth) seen[truth] += 1;
    else if (isClear && !isWeak) {
      assert.equal(pair.state, truth, `${pair.id ?? pair.earlier_id}: ${was?.seen_delta_k} K, `
        + `then ${is?.seen_delta_k} K, told as ${pair.delta_k_change} K`);
    }
  }
  for (const [state, count] of Object.entries(seen)) assert.ok(count > 0, `none is ${state}`);
  return seen;
}

async function comparedOnThePage(bench, server, pairs) {
  const warmer = pairs.find((pair) => pair.state === 'warmer');
  const page = await bench.page({ origin: server.origin, path: `/?finding=${warmer.id}` });
  const gone = pairs.filter((pair) => pair.state === 'gone').length;
  await page.locator('.bar .tag', { hasText: `${gone} of the earlier case` }).waitFor();
  await page.locator('.facts dd', { hasText: `Warmer (+` }).waitFor();
  // The earlier frame stands beside, in the same colours.
  await page.keyboard.press('e');
  const earlier = page.locator('.visible.earlier canvas');
  await earlier.waitFor();
  assert.equal(Number(await earlier.getAttribute('data-frame')), warmer.earlier_frame);
  await page.getByText(`Earlier: ${warmer.earlier_id}`).waitFor();
  // On the map the earlier case lies left of the swipe, and the one of now right of it.
  await page.locator('.map .ol-viewport canvas').first().waitFor({ state: 'attached' });
  await page.waitForTimeout(800);
  await page.locator('.layers summary').click();
  const swipe = page.getByLabel('Where the earlier case ends and the one of now begins');
  const drawn = async (share) => {
    await swipe.fill(String(share));
    await page.waitForTimeout(400);
    return purple(page);
  };
  const [none, half, all] = [await drawn(0), await drawn(0.5), await drawn(1)];
  await bench.shot(page, 'compared');
  assert.equal(none.all, 0, 'with the swipe at the left nothing of the earlier case is drawn');
  assert.ok(half.left > 0 && half.right === 0, JSON.stringify(half));
  assert.ok(all.all > half.all, `${JSON.stringify(all)} and ${JSON.stringify(half)}`);
  await page.getByRole('button', { name: /Filters/ }).click();
  for (const state of ['new', 'persistent', 'warmer', 'cooler']) {
    const count = pairs.filter((pair) => pair.state === state).length;
    await page.locator('#filter-change').selectOption(state);
    await page.locator('.shown', { hasText: `Findings: ${count} of` }).waitFor();
  }
}

/** Pixels of the earlier rings' colour on the map, left and right of its middle. */
function purple(page) {
  return page.evaluate(() => {
    const found = { left: 0, right: 0, all: 0 };
    for (const canvas of document.querySelectorAll('.map .ol-viewport canvas')) {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      for (let at = 0; at < data.length; at += 4) {
        const isRing = data[at + 3] > 240 && Math.abs(data[at] - 122) < 8
          && Math.abs(data[at + 1] - 62) < 8 && Math.abs(data[at + 2] - 168) < 8;
        if (!isRing) continue;
        found.all += 1;
        found[(at / 4) % width < width / 2 ? 'left' : 'right'] += 1;
      }
    }
    return found;
  });
}
