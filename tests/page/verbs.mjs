// Every verb of the page, by keyboard.

import assert from 'node:assert/strict';

const chosen = (page) => page.locator('[role=option][aria-selected=true] .row-id').innerText();
const said = (page) => page.locator('.outcome').innerText();

/** Waits until the outcome's words fit; the words are also what a screen reader speaks. */
async function hears(page, pattern) {
  await page.waitForFunction(
    (text) => new RegExp(text).test(document.querySelector('.outcome')?.textContent ?? ''),
    pattern.source, { timeout: 10_000 },
  ).catch(async () => assert.match(await said(page).catch(() => '(nothing)'), pattern));
}

/** Chooses the nth finding of the list that fits the address. */
async function opened(bench, address = '/?status=open') {
  const page = await bench.page({ path: address });
  return { page, id: await chosen(page) };
}

/** The latest review of a finding, by the server. */
async function latest(bench, id) {
  const finding = await bench.finding(id);
  const review = finding.reviews.at(-1);
  assert.ok(review, `${id} has no review`);
  const view = typeof review.view === 'string' ? JSON.parse(review.view) : review.view;
  return { finding, review, view, all: { ...view.says, reason: review.reason } };
}

async function type(page, text) {
  await page.keyboard.type(text);
}

export const verbs = [
  ['j and k go to the next and the previous finding', async (bench) => {
    const page = await bench.page();
    const first = await chosen(page);
    await page.keyboard.press('j');
    const second = await chosen(page);
    assert.notEqual(second, first);
    await page.locator('.facts h2', { hasText: second }).waitFor();
    await page.keyboard.press('k');
    assert.equal(await chosen(page), first);
  }],

  ['a accepts, records what was on the screen, and shows the next open one', async (bench) => {
    const { page, id } = await opened(bench);
    await page.keyboard.press('p');
    await page.keyboard.press(']');
    await page.keyboard.press('a');
    await hears(page, /Accepted/);
    assert.notEqual(await chosen(page), id);
    const { finding, review, view } = await latest(bench, id);
    assert.equal(finding.status, 'accepted');
    assert.equal(review.person, 'A. Reviewer');
    assert.equal(view.palette, 'rainbow');
    assert.equal(view.level_mode, 'dragged');
    assert.ok(view.span_c[1] > view.span_c[0]);
    assert.equal(typeof view.frame, 'number');
    assert.equal(view.zoom, 1);
  }],

  ['r asks for a reason, refuses none, and keeps what is typed', async (bench) => {
    const { page, id } = await opened(bench);
    await page.keyboard.press('r');
    await page.keyboard.press('Enter');
    await page.locator('#reason-missing', { hasText: 'needs a reason' }).waitFor();
    assert.equal((await bench.finding(id)).status, 'open');
    // A letter that is a key elsewhere is only a letter here.
    await type(page, 'just a <b>reflection</b>');
    await page.keyboard.press('Enter');
    await hears(page, /Rejected/);
    const { finding, review } = await latest(bench, id);
    assert.equal(finding.status, 'rejected');
    assert.equal(review.reason, 'just a <b>reflection</b>');
    const other = await bench.page({ path: `/?finding=${encodeURIComponent(id)}` });
    await other.locator('.reviews', { hasText: '<b>reflection</b>' }).waitFor();
    assert.equal(await other.locator('.reviews b').count(), 0);
  }],

  ['u is unsure, and z takes it back with a record', async (bench) => {
    const { page, id } = await opened(bench);
    await page.keyboard.press('u');
    await hears(page, /Unsure/);
    const before = (await bench.finding(id)).reviews.length;
    assert.equal((await bench.finding(id)).status, 'unsure');
    await page.keyboard.press('z');
    await hears(page, /withdrawn/);
    const { finding, review } = await latest(bench, id);
    assert.equal(finding.status, 'open');
    assert.equal(finding.reviews.length, before + 1, 'undo adds, it removes nothing');
    assert.equal(review.withdraws, finding.reviews.at(-2).number);
    assert.equal(await chosen(page), id);
  }],

  ['1 to 4 give a severity', async (bench) => {
    const { page, id } = await opened(bench);
    for (const [key, severity] of [['4', 'critical'], ['1', 'low']]) {
      await page.keyboard.press(key);
      await hears(page, new RegExp(`${id}: ${severity[0].toUpperCase()}${severity.slice(1)}`));
      assert.equal((await bench.finding(id)).severity, severity);
    }
    assert.equal((await bench.finding(id)).status, 'open');
  }],

  ['t gives a kind', async (bench) => {
    const { page, id } = await opened(bench);
    const before = (await bench.finding(id)).kind;
    await page.keyboard.press('t');
    await page.keyboard.press(before === 'unknown' ? 'ArrowUp' : 'ArrowDown');
    await page.keyboard.press('Enter');
    await hears(page, new RegExp(`${id}:`));
    const { finding } = await latest(bench, id);
    assert.notEqual(finding.kind, before);
    assert.equal(await page.locator('.facts select').first().inputValue(), finding.kind);
  }],

  ['c comments and decides nothing', async (bench) => {
    const { page, id } = await opened(bench);
    await page.keyboard.press('c');
    await type(page, 'look again in winter');
    await page.keyboard.press('Control+Enter');
    await hears(page, /Comment/);
    const { finding, all } = await latest(bench, id);
    assert.equal(finding.status, 'open');
    assert.match(`${all.reason} ${all.comment}`, /look again in winter/);
    await page.locator('.reviews', { hasText: 'look again in winter' }).waitFor();
  }],

  ['s, g, w and o measure by keyboard; the values go with the review', async (bench) => {
    const { page, id } = await opened(bench);
    const move = async (key, times) => {
      for (let at = 0; at < times; at++) await page.keyboard.press(key);
    };
    await page.keyboard.press('s');
    await page.keyboard.press('Enter');
    await page.keyboard.press('g');
    await page.keyboard.press('Enter');
    await move('Shift+ArrowRight', 4);
    await page.keyboard.press('Enter');
    await page.keyboard.press('w');
    await page.keyboard.press('Enter');
    await move('Shift+ArrowDown', 2);
    await move('Shift+ArrowLeft', 3);
    await page.keyboard.press('Enter');
    await page.keyboard.press('o');
    await page.keyboard.press('Enter');
    await move('Shift+ArrowRight', 2);
    await page.keyboard.press('Enter');
    await move('Shift+ArrowDown', 2);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.measurements li').count(), 4);
    await page.keyboard.press('Escape');
    const frame = await page.locator('.picture').getAttribute('data-frame');
    await page.getByRole('button', { name: 'Save measurements' }).focus();
    await page.keyboard.press('Enter');
    await hears(page, /4 measurements saved/);
    const { finding, all } = await latest(bench, id);
    assert.equal(finding.status, 'open');
    assert.deepEqual(all.measurements.map((each) => each.shape),
      ['spot', 'line', 'area', 'polygon']);
    const raster = await rasterOf(bench, frame);
    const [spot, , area] = all.measurements;
    near(spot.values.mean_c, at(raster, ...spot.points_px[0]));
    const [values] = [inBox(raster, area.points_px)];
    near(area.values.max_c, Math.max(...values));
    near(area.values.min_c, Math.min(...values));
    near(area.values.mean_c, values.reduce((a, b) => a + b, 0) / values.length);
    assert.equal(await page.locator('.overlay .mark.saved').count(), 4);
  }],

  ['m merges two findings into one, z parts them', async (bench) => {
    const { page, id } = await opened(bench);
    const before = await page.locator('.shown').innerText();
    await page.keyboard.press('m');
    await page.keyboard.press('Space');
    const other = await page.locator('dialog input:checked + strong').innerText();
    await page.keyboard.press('Enter');
    await hears(page, /are one/);
    const merged = [await bench.finding(id), await bench.finding(other)];
    assert.ok(merged.some((each) => each.merged_into), 'one of them lies in the other');
    assert.notEqual(await page.locator('.shown').innerText(), before);
    await page.keyboard.press('z');
    await hears(page, /withdrawn/);
    const parted = [await bench.finding(id), await bench.finding(other)];
    assert.ok(parted.every((each) => !each.merged_into));
  }],

  ['d splits a finding by its frames', async (bench) => {
    const rows = await bench.get('/api/findings');
    const [idAt, countAt, statusAt] = ['id', 'frame_count', 'status']
      .map((name) => rows.columns.indexOf(name));
    const row = rows.rows.find((each) => each[countAt] > 1 && each[statusAt] === 'open');
    assert.ok(row, 'the case has an open finding on two frames');
    const { page, id } = await opened(bench, `/?finding=${encodeURIComponent(row[idAt])}`);
    await page.keyboard.press('d');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await hears(page, /was split/);
    const finding = await bench.finding(id);
    assert.ok(finding.parts.length > 0);
    const part = await bench.finding(finding.parts.at(-1));
    assert.ok(part.sightings.length > 0);
  }],

  ['b makes another frame the best one', async (bench) => {
    const rows = await bench.get('/api/findings');
    const at = (name) => rows.columns.indexOf(name);
    const row = rows.rows.find((each) => each[at('frame_count')] > 2 && !each[at('merged_into')]);
    const { page, id } = await opened(bench, `/?finding=${encodeURIComponent(row[at('id')])}`);
    const picture = page.locator('.picture');
    const before = await picture.getAttribute('data-frame');
    const first = (await bench.finding(id)).sightings[0].frame;
    await page.keyboard.press(String(first) === before ? '.' : ',');
    await page.waitForFunction((old) =>
      document.querySelector('.picture')?.dataset.frame !== old, before);
    const frame = await picture.getAttribute('data-frame');
    await page.keyboard.press('b');
    await hears(page, /is now the best one/);
    const finding = await bench.finding(id);
    assert.deepEqual(finding.sightings.filter((each) => each.best).map((each) => each.frame),
      [Number(frame)]);
  }],

  ['n draws a finding by hand', async (bench) => {
    const { page } = await opened(bench);
    const frame = Number(await page.locator('.picture').getAttribute('data-frame'));
    await page.keyboard.press('n');
    await drawTriangle(page);
    await page.locator('dialog').waitFor();
    await page.locator('dialog input').focus();
    await type(page, 'seen by eye');
    await page.keyboard.press('Enter');
    await hears(page, /was drawn/);
    const id = await chosen(page);
    assert.match(id, /^hand-/);
    const finding = await bench.finding(id);
    assert.equal(finding.sightings[0].frame, frame);
  }],

  ['a person can be masked', async (bench) => {
    const { page } = await opened(bench);
    const frame = await page.locator('.picture').getAttribute('data-frame');
    const before = (await bench.get(`/api/frames/${frame}`)).masks.length;
    await page.getByRole('button', { name: 'Mask a person' }).focus();
    await page.keyboard.press('Enter');
    await drawTriangle(page);
    await page.locator('dialog input:not([type=radio])').focus();
    await type(page, 'someone walks here');
    await page.keyboard.press('Enter');
    await hears(page, /mask was recorded/);
    assert.equal((await bench.get(`/api/frames/${frame}`)).masks.length, before + 1);
    await page.locator('.overlay .mask').first().waitFor({ state: 'attached' });
  }],

  ['two people at once: the second is told, and both opinions stand', async (bench) => {
    const first = await opened(bench);
    const second = await opened(bench, `/?finding=${encodeURIComponent(first.id)}`);
    // The second has the finding on the screen as it was before the first decided.
    await first.page.keyboard.press('a');
    await hears(first.page, /Accepted/);
    await hears(second.page, /Someone else was first/);
    await second.page.keyboard.press('r');
    await type(second.page, 'a reflection');
    await second.page.keyboard.press('Enter');
    const dialog = second.page.locator('dialog', { hasText: 'Someone else was first' });
    await dialog.waitFor();
    assert.match(await dialog.locator('.theirs').innerText(), /Accepted/);
    assert.match(await dialog.locator('.yours').innerText(), /Rejected[\s\S]*a reflection/);
    assert.equal((await bench.finding(first.id)).status, 'accepted', 'nothing was overwritten');
    await dialog.getByRole('button', { name: 'Record mine too' }).focus();
    await second.page.keyboard.press('Enter');
    await hears(second.page, /Rejected/);
    const { finding } = await latest(bench, first.id);
    const decisions = finding.reviews.map((each) => each.decision).filter(Boolean);
    assert.deepEqual(decisions.slice(-2), ['accepted', 'rejected']);
  }],

  ["another person's review appears by itself", async (bench) => {
    const { page } = await opened(bench);
    await page.keyboard.press('j');
    const other = await chosen(page);
    await page.keyboard.press('k');
    const { finding } = { finding: await bench.finding(other) };
    const answer = await fetch(`${bench.origin}/api/findings/${other}/reviews`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Torenvalk': '1',
        'If-Match': `"${finding.version}"`,
        Origin: bench.origin,
      },
      body: JSON.stringify({ decision: 'unsure', reason: 'by program', view: { frame: null,
        palette: 'iron', span_c: [0, 1], level_mode: 'auto', zoom: 1, emissivity: null,
        reflected_c: null } }),
    });
    assert.equal(answer.status, 201, await answer.text());
    await page.locator(`#row-${other}`).waitFor({ state: 'detached' });
  }],
];

async function drawTriangle(page) {
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
}

export async function rasterOf(bench, frame) {
  const answer = await fetch(`${bench.origin}/api/frames/${frame}/raw`);
  const header = (name) => Number(answer.headers.get(name));
  const view = new DataView(await answer.arrayBuffer());
  return { view, width: header('X-Width'), height: header('X-Height'),
    scale: header('X-Scale'), offset: header('X-Offset') };
}

export function at({ view, width, scale, offset }, x, y) {
  const count = view.getUint16(2 * (Math.floor(y) * width + Math.floor(x)), true);
  return count === 65_535 ? Number.NaN : count * scale + offset;
}

function inBox(raster, [[x0, y0], [x1, y1]]) {
  const values = [];
  for (let y = Math.floor(Math.min(y0, y1)); y <= Math.floor(Math.max(y0, y1)); y++) {
    for (let x = Math.floor(Math.min(x0, x1)); x <= Math.floor(Math.max(x0, x1)); x++) {
      values.push(at(raster, x, y));
    }
  }
  return values;
}

function near(found, wanted) {
  assert.ok(Math.abs(found - wanted) < 1e-6, `${found} is not ${wanted}`);
}
