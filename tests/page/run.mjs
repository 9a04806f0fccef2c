// Drives the page in a real browser against the real server, by keyboard, and looks at the
// result on the page and through the server.
//
//     node run.mjs --binary PATH --case DIR [--page-dir DIR] [--shots DIR] [--only WORDS]

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyOf, launch, open, options, painted, serve } from './harness.mjs';
import { looks } from './looks.mjs';
import { verbs } from './verbs.mjs';

const given = options(['binary', 'case', 'page-dir', 'shots', 'only']);
if (!given.binary || !given.case) {
  console.error('both --binary and --case are needed');
  process.exit(2);
}
if (given.shots) mkdirSync(given.shots, { recursive: true });

const copy = copyOf(given.case);
const wrongs = [];
let server;
let browser;
let failed = 0;
let passed = 0;

/** What a test is handed. */
class Bench {
  constructor() {
    this.origin = server.origin;
    this.browser = browser;
    this.server = server;
    this.copy = copy;
    this.given = given;
    this.pages = [];
  }

  async page(context = {}) {
    const page = await open(browser, this.origin, { wrongs, ...context });
    this.pages.push(page);
    if (!context.bare) await painted(page);
    return page;
  }

  async get(path) {
    const answer = await fetch(this.origin + path);
    assert.equal(answer.status, 200, `${path}: ${answer.status}`);
    return answer.json();
  }

  finding(id) {
    return this.get(`/api/findings/${encodeURIComponent(id)}`);
  }

  async shot(page, name) {
    if (given.shots) await page.screenshot({ path: join(given.shots, `${name}.png`) });
  }

  async close() {
    for (const page of this.pages) {
      // A request that a test answers itself may still be on its way.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    }
  }
}

async function run(name, test) {
  if (given.only && !name.includes(given.only)) return;
  const bench = new Bench();
  const start = performance.now();
  wrongs.length = 0;
  try {
    await test(bench);
    assert.deepEqual(wrongs, [], 'the page broke a rule');
    passed += 1;
    console.log(`ok      ${name} (${Math.round(performance.now() - start)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${String(error.stack ?? error).replace(/^/gm, '        ')}`);
    if (wrongs.length > 0) console.log(`        besides: ${wrongs.join('; ')}`);
    for (const page of bench.pages) await bench.shot(page, `failed-${failed}`);
  } finally {
    await bench.close();
  }
}

try {
  server = await serve({ binary: given.binary, ...copy, pageDir: given['page-dir'] });
  browser = await launch();
  for (const [name, test] of [...looks, ...verbs]) await run(name, test);
} finally {
  await browser?.close();
  await server?.stop();
  copy.remove();
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
