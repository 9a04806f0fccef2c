// What cannot be done is not offered, or refused with a reason: by the role, by the file's format,
// by how the program was built. And what is made is had.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const said = (page, pattern) => page.waitForFunction(
  (text) => new RegExp(text).test(document.querySelector('.outcome')?.textContent ?? ''),
  pattern.source);

async function job(page, name) {
  await page.getByRole('button', { name }).focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor();
}

/** Draws a finding on a frame, so that the page shows it: not every real frame has one. */
async function drawn(origin, frame) {
  const answer = await fetch(`${origin}/api/findings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Torenvalk': '1' },
    body: JSON.stringify({ frame, polygon_px: [[40, 40], [60, 40], [60, 60], [40, 60]] }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  return (await answer.json()).id;
}

async function downloaded(page) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Download / }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

export const rules = [
  ['a package is made from the page, verified, and had in one file', async (bench) => {
    const page = await bench.page();
    await job(page, 'Package');
    await page.getByRole('button', { name: 'Make it' }).click();
    const done = page.locator('.job[data-state=done]');
    await done.waitFor({ timeout: 120_000 });
    const [, path] = /Done: (\S+)/.exec(await done.innerText()) ?? [];
    assert.ok(path && existsSync(path), `${path} lies there`);
    const told = await bench.run(['verify', path, '--json'], [0, 7], bench.copy.from);
    assert.equal(JSON.parse(told).valid, true, told.slice(0, 400));
    const { name, bytes } = await downloaded(page);
    assert.match(name, /\.zip$/);
    assert.deepEqual(bytes, readFileSync(`${path}.zip`));
    assert.equal(bytes.subarray(0, 4).toString('latin1'), 'PK\u0003\u0004');
  }],

  ['a report is made from the page, or it says that this program makes none', async (bench) => {
    const { makes } = await bench.get('/api/case');
    const page = await bench.page();
    await job(page, 'Report');
    if (!makes.report) {
      await page.locator('dialog', { hasText: 'built without the report' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Make it' }).count(), 0);
      return;
    }
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.locator('.job[data-state=done]').waitFor({ timeout: 180_000 });
    const { name, bytes } = await downloaded(page);
    assert.match(name, /\.pdf$/);
    assert.equal(bytes.subarray(0, 5).toString('latin1'), '%PDF-');
  }],

  ['what a role may not do is grey, and its key says so', async (bench) => {
    const server = await bench.serve({ ...bench.copy, more: ['--role', 'reader'] });
    const page = await bench.page({ origin: server.origin });
    for (const name of ['Accept', 'Reject', 'Unsure', 'Comment', 'Merge', 'Split', 'Undo',
      'Draw a finding', 'Mask a person', 'Make this the best frame', 'Report', 'Package']) {
      const button = page.getByRole('button', { name, exact: false }).first();
      assert.equal(await button.isDisabled(), true, `${name} is offered`);
      assert.match(await button.getAttribute('title'), /The role reader may not/);
    }
    assert.equal(await page.locator('.facts select').first().isDisabled(), true);
    const id = await page.locator('[aria-selected=true] .row-id').innerText();
    for (const key of ['a', 'r', 'c', 'n', '3', 'z']) {
      await page.keyboard.press(key);
      await said(page, /may not do this/);
      assert.equal(await page.locator('dialog').count(), 0, key);
    }
    const { version } = await bench.get(`/api/findings/${id}`, server.origin);
    assert.equal(version, (await bench.finding(id)).version, 'nothing was recorded');
    // Looking is for everybody.
    await page.keyboard.press('j');
    assert.notEqual(await page.locator('[aria-selected=true] .row-id').innerText(), id);
    await bench.shot(page, 'reader');
  }],

  ['parameters that a file ignores are refused, and the page says it', async (bench) => {
    const real = bench.thermal && join(bench.thermal, 'dji');
    if (!real || !existsSync(real)) {
      console.log('        skipped: the real frames are not at hand');
      return;
    }
    const folder = bench.scratch();
    await bench.run(['inspect', real, '--case', join(folder, 'real.case')], [0, 6]);
    const server = await bench.serve({ folder: join(folder, 'real.case'), from: folder });
    const { rows } = await bench.get('/api/frames', server.origin);
    const found = { 200: null, 409: null };
    for (const [frame] of rows) {
      for (const [field, name, value] of [['Distance m', 'distance_m', 7.5],
        ['Humidity %', 'humidity', 88], ['Emissivity', 'emissivity', 0.5]]) {
        const answer = await fetch(`${server.origin}/api/frames/${frame}/raw?${name}=${value}`);
        found[answer.status] ??= { frame, field, value };
      }
    }
    assert.ok(found[200] && found[409], `both kinds are there: ${JSON.stringify(found)}`);
    for (const status of [409, 200]) {
      const { frame, field, value } = found[status];
      const finding = await drawn(server.origin, frame);
      const page = await bench.page({ origin: server.origin, path: `/?finding=${finding}` });
      await page.locator(`.picture[data-frame="${frame}"]`).waitFor({ state: 'attached' });
      await page.keyboard.press('s');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Parameters' }).click();
      await page.getByLabel(field).fill(String(value));
      await page.getByRole('button', { name: 'Apply' }).click();
      if (status === 409) {
        await page.locator('.assumed .error', { hasText: 'cannot be worked out anew' }).waitFor();
        assert.equal(await page.locator('.measured em').count(), 0, 'the value stays');
        await bench.shot(page, 'ignored');
      } else {
        await page.locator('.measured em', { hasText: 'was' }).waitFor();
        assert.equal(await page.locator('.assumed .error').innerText(), '');
      }
    }
  }],
];
