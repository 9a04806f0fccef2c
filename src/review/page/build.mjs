// Builds the page: `index.html` and hashed files under `assets/`, into TORENVALK_PAGE_OUT.
// It prints what each file weighs when compressed and fails above the limit, because an
// inspector in a van may open the page over a slow remote desktop.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const LIMIT_KB = 450;
const root = import.meta.dirname;
const out = process.env.TORENVALK_PAGE_OUT || join(root, 'dist');
const assets = join(out, 'assets');

// geotiff starts its decoder as a worker from a blob, which the content security policy
// forbids. Tiles are small, so they are decoded where they are.
const decodeInPlace = {
  name: 'decode-in-place',
  setup(build) {
    build.onLoad({ filter: /geotiff[\\/]dist-module[\\/]worker[\\/]create\.js$/ }, () => ({
      contents: "export default () => { throw new Error('no worker') };",
      loader: 'js',
    }));
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: ['main.tsx', 'style.css'],
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  entryNames: '[name].[hash]',
  chunkNames: '[name].[hash]',
  outdir: assets,
  metafile: true,
  plugins: [decodeInPlace],
};

function writeIndex(metafile) {
  const made = Object.entries(metafile.outputs);
  const named = (entry) => basename(made.find(([, output]) => output.entryPoint === entry)[0]);
  const icon = readFileSync(join(root, 'icon.svg'));
  const iconName = `icon.${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  writeFileSync(join(assets, iconName), icon);
  // The browser learns of what the script imports at once, not after reading the script.
  const imports = metafile.outputs[made.find(([, each]) => each.entryPoint === 'main.tsx')[0]]
    .imports.filter((each) => each.kind === 'import-statement');
  const preload = imports
    .map(({ path }) => `<link rel="modulepreload" href="/assets/${basename(path)}" />`)
    .join('\n    ');
  const index = readFileSync(join(root, 'index.html'), 'utf8')
    .replace('ICON', iconName)
    .replace('STYLE', named('style.css'))
    .replace('SCRIPT', named('main.tsx'))
    .replace('<!-- PRELOAD -->', preload);
  writeFileSync(join(out, 'index.html'), index);
}

const kb = (bytes) => `${(bytes / 1024).toFixed(1).padStart(8)} kB`;

function weigh(metafile) {
  let total = 0;
  for (const file of Object.keys(metafile.outputs)) {
    const bytes = gzipSync(readFileSync(join(root, file)), { level: 9 }).length;
    total += bytes;
    console.log(`${kb(bytes)}  ${relative(assets, join(root, file))}`);
  }
  console.log(`${kb(total)}  in all, compressed; limit ${LIMIT_KB} kB`);
  return total <= LIMIT_KB * 1024;
}

/** Names of standards, and places named in messages of libraries: none is ever asked. */
const NAMES = [
  /^http:\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml|1998\/Math\/MathML)$/,
  /^http:\/\/www\.opengis\.net\//,
  /^https:\/\/github\.com\/(geotiffjs|protomaps)\//,
];

/** Addresses in the page that are no such name; the page works where there is no network. */
function foreign(metafile) {
  const texts = Object.keys(metafile.outputs).map((file) => readFileSync(join(root, file), 'utf8'));
  const found = texts.flatMap((text) => text.match(/https?:\/\/[\w./-]+/g) ?? []);
  return found.filter((address) => !NAMES.some((name) => name.test(address)));
}

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });
const built = await esbuild.build(options);
writeIndex(built.metafile);
const addresses = foreign(built.metafile);
if (addresses.length > 0) {
  console.error(`the page names outside addresses: ${addresses.join(' ')}`);
  process.exit(1);
}
if (!weigh(built.metafile)) {
  console.error(`the page is larger than ${LIMIT_KB} kB`);
  process.exit(1);
}
