// Measures what an inspector feels, by the browser's own clock and tracing: the first useful
// paint, a key press until the next picture is painted, and panning the map. Not in the check,
// since figures depend on the machine.
//
//     node measure.mjs --binary PATH --case DIR [--page-dir DIR] [--presses N] [--rest MS]

import { existsSync, readFileSync } from 'node:fs';
import { copyOf, launch, open, options, painted, serve } from './harness.mjs';

const given = options(['binary', 'case', 'page-dir', 'presses', 'rest']);
if (!given.binary || !given.case) {
  console.error('both --binary and --case are needed');
  process.exit(2);
}
const PRESSES = Number(given.presses ?? 200);
/** An inspector looks at a picture for at least this long. */
const REST_MS = Number(given.rest ?? 300);
const LOADS = 5;
const PAN_STEPS = 120;

/** Runs in the page before its own code: notes when what counts has been painted. */
function watch() {
  const afterPaint = (then) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(performance.now());
    channel.port2.postMessage(null);
  });
  const shown = () => {
    const picture = document.querySelector('.picture')?.dataset.frame;
    const finding = document.querySelector('.facts h2')?.textContent;
    const row = document.querySelector('[aria-selected=true] .row-id')?.textContent;
    return picture !== undefined && finding && row && finding.includes(row) ? finding : null;
  };
  globalThis.measured = { first: null, presses: [] };
  let press = null;
  addEventListener('keydown', (event) => {
    if (event.key === 'j' || event.key === 'k') press = { at: event.timeStamp, was: shown() };
  }, true);
  new MutationObserver(() => {
    const now = shown();
    if (!now) return;
    if (measured.first === null) {
      measured.first = 0;
      afterPaint((at) => (measured.first = at));
    }
    if (press && now !== press.was) {
      const { at } = press;
      press = null;
      afterPaint((painted) => measured.presses.push(painted - at));
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const ms = (value) => (value === undefined ? '–' : value.toFixed(1));
  return `n ${sorted.length}, p50 ${ms(at(0.5))}, p95 ${ms(at(0.95))}, max ${ms(sorted.at(-1))} ms`;
}

/** What the tracer of the browser wrote while `act` ran. */
async function traced(browser, page, act) {
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline',
      'disabled-by-default-devtools.timeline.frame'],
  });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return traceEvents;
}

async function loads(browser, origin) {
  const firsts = [];
  for (let time = 0; time < LOADS; time++) {
    const page = await open(browser, origin, { before: watch });
    await page.waitForFunction(() => measured.first > 0, null, { timeout: 60_000 });
    firsts.push(await page.evaluate(() => measured.first));
    await page.context().close();
  }
  console.log(`first useful paint (list, facts and picture): ${spread(firsts)}`);
}

async function presses(browser, origin, all, rest_ms) {
  const page = await open(browser, origin, { before: watch });
  await painted(page);
  await page.waitForTimeout(1500);
  const events = await traced(browser, page, async () => {
    for (let press = 0; press < PRESSES; press++) {
      // A short case is gone through forth and back.
      const isForth = Math.floor(press / (all - 1)) % 2 === 0;
      await page.keyboard.press(isForth ? 'j' : 'k');
      await page.waitForFunction((count) => measured.presses.length >= count, press + 1,
        { timeout: 30_000 });
      await page.waitForTimeout(rest_ms);
    }
  });
  const times = await page.evaluate(() => measured.presses);
  console.log(`key press to next picture painted, rest ${rest_ms} ms: ${spread(times)}`);
  const timings = events
    .filter((event) => event.name === 'EventTiming' && event.args?.data?.type === 'keydown')
    .map((event) => event.args.data.duration);
  console.log(`  key press to next paint by the tracer (steps of 8 ms): ${spread(timings)}`);
  await page.context().close();
}

async function pan(browser, origin) {
  const page = await open(browser, origin);
  await painted(page);
  await page.waitForTimeout(1500);
  await page.locator('.layers summary').click();
  await page.locator('.layer-list input').first().check();
  await page.waitForTimeout(3000);
  await page.locator('.layers summary').click();
  const box = await page.locator('.map').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const events = await traced(browser, page, async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 0; step < PAN_STEPS; step++) {
      const turn = (step / PAN_STEPS) * 4 * Math.PI;
      await page.mouse.move(x + 90 * Math.sin(turn), y + 60 * Math.sin(turn / 2));
      await page.waitForTimeout(16);
    }
    await page.mouse.up();
  });
  const drawn = events.filter((event) => event.name === 'DrawFrame').map((event) => event.ts)
    .sort((a, b) => a - b);
  const gaps = drawn.slice(1).map((ts, at) => (ts - drawn[at]) / 1000);
  console.log(`map pan with all footprints, time between frames: ${spread(gaps)}`);
  const tasks = events.filter((event) => event.name === 'RunTask').map((each) => each.dur / 1000);
  const long = tasks.filter((ms) => ms > 50);
  console.log(`  tasks over 50 ms while panning: ${long.length} of ${tasks.length}`);
  await page.context().close();
}

/** What the server held at most, where the system tells it. */
function memory({ child }) {
  const told = `/proc/${child.pid}/status`;
  if (!existsSync(told)) return;
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(told, 'utf8')) ?? [];
  console.log(`server memory at most: ${(Number(kib) / 1024).toFixed(0)} MiB`);
}

/** Reviews by a program, one after the other: the answer is what a decision waits for. */
async function reviews(origin) {
  const list = await (await fetch(`${origin}/api/findings`)).json();
  const ids = list.rows.slice(0, 30).map((row) => row[list.columns.indexOf('id')]);
  const times = [];
  for (const id of ids) {
    const { version } = await (await fetch(`${origin}/api/findings/${id}`)).json();
    const begun = performance.now();
    const answer = await fetch(`${origin}/api/findings/${id}/reviews`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Torenvalk': '1',
        'If-Match': `"${version}"` },
      body: JSON.stringify({ decision: 'accepted', reason: '' }),
    });
    if (answer.status !== 201) throw new Error(await answer.text());
    await answer.json();
    times.push(performance.now() - begun);
  }
  console.log(`a review until it is recorded: ${spread(times)}`);
}

const copy = copyOf(given.case);
let server;
let browser;
try {
  server = await serve({ binary: given.binary, ...copy, pageDir: given['page-dir'] });
  browser = await launch();
  const about = await (await fetch(`${server.origin}/api/case`)).json();
  const all = Object.values(about.counts).reduce((a, b) => a + b, 0);
  console.log(`case ${about.name}: ${all} findings, ${about.frames} frames`);
  await loads(browser, server.origin);
  await presses(browser, server.origin, all, REST_MS);
  await presses(browser, server.origin, all, 0);
  await pan(browser, server.origin);
  await reviews(server.origin);
  memory(server);
} finally {
  await browser?.close();
  await server?.stop();
  copy.remove();
}
