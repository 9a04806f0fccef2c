// What the page shows, and that everyone can use it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { open, painted, serve } from './harness.mjs';
import { at, rasterOf } from './verbs.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 level A and AA, as axe names them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const ALL = { type: 'tag', values: RULES };
/** The only rule for which a theme makes a difference. */
const CONTRAST = { type: 'rule', values: ['color-contrast'] };

async function isAccessible(page, state, runOnly = ALL) {
  await page.evaluate(axe);
  const found = await page.evaluate((only) =>
    globalThis.axe.run(document, { runOnly: only }), runOnly);
  const told = found.violations.map((each) =>
    [`${each.id}: ${each.help}`, ...each.nodes.map((node) => node.html.slice(0, 140))].join('\n'));
  assert.deepEqual(told, [], `axe in the state "${state}"`);
  assert.ok(found.passes.length > (runOnly === ALL ? 10 : 0), 'axe looked at something');
}

const STATES = [
  ['triage', async () => undefined],
  ['filters', async (page) => page.getByRole('button', { name: /Filters/ }).click()],
  ['keys', async (page) => page.keyboard.press('?')],
  ['reject', async (page) => page.keyboard.press('r')],
  ['kind', async (page) => page.keyboard.press('t')],
  ['merge', async (page) => page.keyboard.press('m')],
  ['measuring', async (page) => {
    await page.keyboard.press('w');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('i');
  }],
  ['layers', async (page) => page.locator('.layers summary').click()],
  ['package', async (page) => page.getByRole('button', { name: 'Package' }).click()],
  ['report', async (page) => page.getByRole('button', { name: 'Report' }).click()],
];

export const looks = [
  ['°C under the cursor is what the server sent', async (bench) => {
    const page = await bench.page();
    const frame = Number(await page.locator('.picture').getAttribute('data-frame'));
    const raster = await rasterOf(bench, frame);
    const box = await page.locator('.frame-stage').boundingBox();
    const scale = Math.min(box.width / raster.width, box.height / raster.height);
    const left = box.x + (box.width - raster.width * scale) / 2;
    const top = box.y + (box.height - raster.height * scale) / 2;
    let seed = 7;
    for (let times = 0; times < 60; times++) {
      seed = (seed * 16_807) % 2_147_483_647;
      const [x, y] = [seed % raster.width, Math.floor(seed / raster.width) % raster.height];
      // The middle of the pixel, so that it is the same one for the mouse.
      await page.mouse.move(left + (x + 0.5) * scale, top + (y + 0.5) * scale);
      const shown = await page.waitForFunction(([column, row]) => {
        const [where, value] = document.querySelector('.cursor')?.children ?? [];
        return where?.textContent === `${column}, ${row}` ? value?.textContent : false;
      }, [x, y]);
      const value = at(raster, x, y);
      const wanted = Number.isNaN(value) ? '–' : `${value.toFixed(2)} °C`;
      assert.equal(await shown.jsonValue(), wanted, `pixel ${x}, ${y} of frame ${frame}`);
    }
  }],

  ['the picture has the colours of the counts', async (bench) => {
    const page = await bench.page();
    const frame = Number(await page.locator('.picture').getAttribute('data-frame'));
    const raster = await rasterOf(bench, frame);
    await page.locator('.tools select').first().selectOption('white_hot');
    // White hot: a warmer pixel is never darker. Compare the hottest and the coldest.
    let [hot, cold, most, least] = [[0, 0], [0, 0], -Infinity, Infinity];
    for (let y = 0; y < raster.height; y++) {
      for (let x = 0; x < raster.width; x++) {
        const value = at(raster, x, y);
        if (value > most) [hot, most] = [[x, y], value];
        if (value < least) [cold, least] = [[x, y], value];
      }
    }
    const shade = (point) => page.evaluate(([x, y, width, height]) => {
      const canvas = document.querySelector('.picture');
      const scale = Math.min(canvas.width / width, canvas.height / height);
      const left = (canvas.width - width * scale) / 2;
      const top = (canvas.height - height * scale) / 2;
      return canvas.getContext('2d').getImageData(left + (x + 0.5) * scale,
        top + (y + 0.5) * scale, 1, 1).data[0];
    }, [...point, raster.width, raster.height]);
    const [dark, bright] = [await shade(cold), await shade(hot)];
    assert.ok(bright > 250 && dark < 30, `${dark} to ${bright}`);
  }],

  ['filters narrow the list and survive a reload', async (bench) => {
    const page = await bench.page();
    await page.getByRole('button', { name: /Filters/ }).click();
    const rows = await bench.get('/api/findings');
    const delta = rows.columns.indexOf('delta_k');
    const sizes = rows.rows.map((row) => Math.abs(row[delta] ?? 0)).sort((a, b) => a - b);
    const least = Math.ceil(sizes[Math.floor(sizes.length / 2)] * 10) / 10;
    const fitting = sizes.filter((each) => each >= least).length;
    await page.locator('#filter-least').fill(String(least));
    await page.locator('#filter-order').selectOption('number');
    const shown = `Findings: ${fitting} of ${sizes.length}`;
    await page.locator('.shown', { hasText: shown }).waitFor();
    await page.waitForURL(new RegExp(`least_k=${least}`));
    const ids = await page.locator('.row-id').allInnerTexts();
    await page.reload();
    await page.locator('.shown', { hasText: shown }).waitFor();
    assert.equal(await page.locator('#filter-least').inputValue(), String(least));
    await page.waitForFunction((count) =>
      document.querySelectorAll('.row-id').length >= count, Math.min(ids.length, 3));
    assert.deepEqual((await page.locator('.row-id').allInnerTexts()).slice(0, 3), ids.slice(0, 3));
  }],

  ['a changed file is told in words, shape and colour, and cannot be accepted', async (bench) => {
    const page = await bench.page({ bare: true, path: '/api/health' });
    await page.route(/\/api\/frames\/\d+$/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ json: { ...(await answer.json()), integrity: 'changed' } });
    });
    await page.goto(`${bench.origin}/?status=open`);
    const badge = page.locator('.badge.changed');
    await badge.waitFor();
    assert.match(await badge.innerText(), /✕ Changed/);
    assert.equal(await page.getByRole('button', { name: 'Accept' }).isDisabled(), true);
    const id = await page.locator('[aria-selected=true] .row-id').innerText();
    await page.keyboard.press('a');
    await page.locator('.outcome.bad', { hasText: 'cannot be accepted' }).waitFor();
    assert.equal((await bench.finding(id)).status, 'open');
  }],

  ['reviews that found no finding are counted and listed', async (bench) => {
    const page = await bench.page({ bare: true, path: '/api/health' });
    await page.route(/\/api\/case$/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ json: { ...(await answer.json()), left_behind: 1 } });
    });
    await page.route(/\/api\/left-behind$/, (route) => route.fulfill({ json: [{ run: 'part',
      number: 4, finding: 'F0003', kind: 'hot_leak', lat: 52.77, lon: 5.43, person: 'B. Other',
      at: '2026-05-01T10:00:00Z', decision: 'accepted', reason: 'it <i>steams</i>' }] }));
    await page.goto(`${bench.origin}/`);
    await painted(page);
    await page.getByRole('button', { name: '1 review without a finding' }).click();
    const row = page.locator('dialog li');
    await row.waitFor();
    assert.match(await row.innerText(), /F0003 · Hot leak · Accepted · B\. Other[^]*<i>steams/);
    await isAccessible(page, 'left behind');
  }],

  ['the span: automatic, locked over the flight, by keys and by dragging', async (bench) => {
    const page = await bench.page();
    const ends = async () => [
      Number(await page.locator('.end.low').getAttribute('aria-valuenow')),
      Number(await page.locator('.end.high').getAttribute('aria-valuenow')),
    ];
    const first = await ends();
    await page.keyboard.press('[');
    const narrower = await ends();
    assert.ok(narrower[0] > first[0] && narrower[1] < first[1], `${first} then ${narrower}`);
    await page.keyboard.press('=');
    assert.deepEqual(await ends(), first);
    const box = await page.locator('.end.high').boundingBox();
    await page.mouse.move(box.x + 20, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + 120, { steps: 4 });
    await page.mouse.up();
    const dragged = await ends();
    assert.ok(dragged[1] < first[1] && dragged[0] === first[0], `${first} then ${dragged}`);
    await page.keyboard.press('l');
    await page.locator('button[aria-pressed=true]', { hasText: 'locked' }).waitFor();
    const locked = await ends();
    await page.keyboard.press('j');
    assert.deepEqual(await ends(), locked, 'the next frame has the same span');
  }],

  ['the map chooses a finding and tells where the cursor is', async (bench) => {
    const page = await bench.page();
    const box = await page.locator('.map').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator('.place', { hasText: /WGS 84 -?\d+\.\d{6}, -?\d+\.\d{6}/ }).waitFor();
    await page.locator('.layers summary').click();
    const swatch = page.locator('.layer-list input').first();
    await swatch.check();
    assert.equal(await swatch.isChecked(), true);
  }],

  ['Dutch and English', async (bench) => {
    const page = await bench.page({ locale: 'nl-NL' });
    assert.equal(await page.locator('html').getAttribute('lang'), 'nl');
    await page.getByRole('button', { name: /^Bevestig/ }).waitFor();
    // Dutch words are longer: the decisions still stand in one row on a laptop.
    const row = await page.locator('.decisions').boundingBox();
    assert.ok(row.height < 60, `the decisions are ${row.height} high`);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: /^Accept/ }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: /^Accept/ }).waitFor();
  }],

  ...['light', 'dark'].map((colorScheme) => [
    `axe finds nothing, ${colorScheme}`,
    async (bench) => {
      const look = async ([state, reach]) => {
        const page = await bench.page({ colorScheme, reducedMotion: 'reduce' });
        await reach(page);
        await page.waitForTimeout(300);
        await bench.shot(page, `${state}-${colorScheme}`);
        await isAccessible(page, state, colorScheme === 'light' ? ALL : CONTRAST);
        await bench.leave(page);
      };
      // Two at a time: while one waits the other works.
      for (let at = 0; at < STATES.length; at += 2) {
        await Promise.all(STATES.slice(at, at + 2).map(look));
      }
    },
  ]),

  ['a token leaves the address bar, and nothing is shown without one', async (bench) => {
    const tokens = join(bench.copy.folder, '..', 'people.txt');
    writeFileSync(tokens, 'a-long-secret-of-this-test-0123456789 inspector J. de Vries\n');
    const { given } = bench;
    const server = await serve({ binary: given.binary, ...bench.copy,
      pageDir: given['page-dir'], person: null,
      more: ['--token-file', tokens] });
    const wrongs = [];
    try {
      const path = '/#token=a-long-secret-of-this-test-0123456789';
      const page = await open(bench.browser, server.origin, { wrongs, path });
      bench.pages.push(page);
      await painted(page);
      assert.ok(!page.url().includes('secret'), page.url());
      assert.match(await page.locator('.person').innerText(), /J\. de Vries, inspector/);
      await page.reload();
      await painted(page);
      const other = await open(bench.browser, server.origin);
      bench.pages.push(other);
      await other.locator('.outcome.bad').waitFor();
      assert.equal(await other.locator('.row-id').count(), 0);
      assert.deepEqual(wrongs, []);
    } finally {
      await server.stop();
    }
  }],

  ['nothing is cut off on a tablet held upright', async (bench) => {
    const page = await bench.page({ viewport: { width: 768, height: 1024 }, hasTouch: true });
    await bench.shot(page, 'tablet');
    for (const name of ['Accept', 'Reject', 'Unsure', 'Undo', 'Draw a finding']) {
      const box = await page.getByRole('button', { name }).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 768, `${name} is in sight`);
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(over <= 768, `the page is ${over} wide`);
    await isAccessible(page, 'tablet');
  }],
];
