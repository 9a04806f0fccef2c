// Drives the page in a real browser against the real server, by keyboard, and looks at the
// result on the page and through the server.
//
//     node run.mjs --binary PATH --case DIR [--page-dir DIR] [--shots DIR] [--only WORDS]

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { copyOf, launch, open, options, painted, serve } from './harness.mjs';
import { flights } from './flights.mjs';
import { ground } from './ground.mjs';
import { looks } from './looks.mjs';
import { rules } from './rules.mjs';
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

/** Real frames that are no part of the project; null where a user has none. */
const THERMAL = resolve(import.meta.dirname, '../../../shared/data/thermal');
const real = (name) => (existsSync(join(THERMAL, name)) ? join(THERMAL, name) : null);

/** What a test is handed. */
class Bench {
  constructor() {
    this.origin = server.origin;
    this.browser = browser;
    this.server = server;
    this.copy = copy;
    this.given = given;
    this.binary = resolve(given.binary);
    this.thermal = real('');
    this.survey = real('survey');
    this.pages = [];
    /** What is ended and removed after the test. */
    this.servers = [];
    this.children = [];
    this.folders = [];
  }

  /** A folder of the test's own. */
  scratch() {
    const made = mkdtempSync(join(tmpdir(), 'torenvalk-page-'));
    this.folders.push(made);
    return made;
  }

  /** Another server, until the test ends. */
  async serve(options) {
    const made = await serve({ binary: given.binary, pageDir: given['page-dir'], ...options });
    this.servers.push(made);
    return made;
  }

  /** Runs a verb to its end; what it wrote to stdout. */
  run(args, codes = [0], cwd = undefined) {
    return new Promise((done, wrong) => {
      execFile(this.binary, args, { cwd, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (codes.includes(code)) done(stdout);
        else wrong(new Error(`torenvalk ${args.join(' ')}: ${code}\n${stderr}`));
      });
    });
  }

  pause(ms) {
    return new Promise((done) => setTimeout(done, ms));
  }

  async page({ origin = this.origin, ...context } = {}) {
    const page = await open(browser, origin, { wrongs, ...context });
    this.pages.push(page);
    if (!context.bare) await painted(page);
    return page;
  }

  /** Closes a page before the test ends. */
  async leave(page) {
    this.pages = this.pages.filter((each) => each !== page);
    await page.context().close();
  }

  async get(path, origin = this.origin) {
    const answer = await fetch(origin + path);
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
    for (const child of this.children) child.kill('SIGINT');
    for (const server of this.servers) await server.stop();
    for (const folder of this.folders) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
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
  const all = [...looks, ...verbs, ...rules, ...ground, ...flights];
  for (const [name, test] of all) await run(name, test);
} finally {
  await browser?.close();
  await server?.stop();
  copy.remove();
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
