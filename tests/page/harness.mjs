// What both programs here need: the real server on a copy of a case, and a real browser.

import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

/** Debian's browser; another one can be named. */
const BROWSER = process.env.TORENVALK_BROWSER || '/usr/bin/chromium';
/** A server that does not answer within this is not coming. */
const START_MS = 30_000;

export function options(names) {
  const found = {};
  for (let at = 2; at < process.argv.length; at += 2) {
    const name = process.argv[at].replace(/^--/, '');
    if (!names.includes(name) || process.argv[at + 1] === undefined) {
      console.error(`usage: ${names.map((each) => `--${each} VALUE`).join(' ')}`);
      process.exit(2);
    }
    found[name] = process.argv[at + 1];
  }
  return found;
}

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Starts the server; `origin` is where it listens. Ask `stop` to end it. */
export async function serve({ binary, folder, from, pageDir, person = 'A. Reviewer', more = [] }) {
  const port = await freePort();
  const page = pageDir ? ['--page-dir', resolve(pageDir)] : [];
  const args = ['review', folder, '--port', String(port), '--no-browser',
    ...(person ? ['--person', person] : []), ...page, ...more];
  // Frames are named as they were when they were inspected: from beside the case.
  const child = spawn(resolve(binary), args, { cwd: from, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  const origin = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  while (!(await answers(origin))) {
    if (Date.now() > until || child.exitCode !== null) {
      child.kill();
      throw new Error(`the server did not start: ${args.join(' ')}\n${said}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { origin, child, stop, said: () => said };
}

async function answers(origin) {
  try {
    // Without a token some servers answer that they want one.
    const { ok, status } = await fetch(`${origin}/api/health`);
    return ok || status === 401;
  } catch {
    return false;
  }
}

/** A copy, because reviews are written into it. */
export function copyOf(folder) {
  if (!existsSync(join(folder, 'case.gpkg'))) throw new Error(`${folder} is not a case`);
  const made = mkdtempSync(join(tmpdir(), 'torenvalk-page-'));
  const copy = join(made, 'page.case');
  const from = dirname(resolve(folder));
  cpSync(folder, copy, { recursive: true });
  return { folder: copy, from, remove: () => rmSync(made, { recursive: true, force: true }) };
}

export function launch(args = []) {
  // Containers give the browser no sandbox of its own; the pages are ours.
  return chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', ...args] });
}

/** Opens the page; whatever breaks the rules of every page is added to `wrongs`. */
export async function open(browser, origin, { wrongs = [], path = '/', before, ...context } = {}) {
  const made = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    locale: 'en-GB',
    colorScheme: 'light',
    ...context,
  });
  const page = await made.newPage();
  page.setDefaultTimeout(15_000);
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) wrongs.push(`asked for ${request.url()}`);
  });
  page.on('pageerror', (error) => wrongs.push(`error on the page: ${error.message}`));
  page.on('console', (line) => {
    // A refusal of the server that a test provokes is logged by the browser; it is no fault.
    const isRefusal = /the server responded with a status of 4\d\d/.test(line.text());
    if (line.type() === 'error' && !isRefusal) wrongs.push(`console: ${line.text()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  if (before) await page.addInitScript(before);
  await page.goto(origin + path);
  return page;
}

/** Waits until the picture of the chosen finding is painted and events are heard. */
export async function painted(page) {
  await page.locator('.picture[data-frame]').waitFor({ state: 'attached', timeout: 20_000 });
  await page.locator('.facts h2').waitFor({ timeout: 20_000 });
  await page.locator('html[data-live=yes]').waitFor({ timeout: 20_000 });
}
