// Builds the page: `node wasm/www/build.mjs` bundles src/ into dist/. `cargo xtask web` runs it after the WebAssembly.
//
// Every file but index.html, sw.js, the manifest and the icons has a hash of its content in its name, so that the
// service worker can keep it for good. All addresses are relative: the page works under any path.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeServiceWorker } from './build-offline.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, 'src');
const dist = join(here, 'dist');
const npmPackage = join(here, '..', 'package');

/** What a file's name carries of its content. */
const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 10);

/** Every file below a folder, relative to it. */
async function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/** Writes a file into dist under a name with its hash; gives that name. */
async function place(name, bytes) {
  const ending = extname(name);
  const placed = `${basename(name, ending)}-${hashOf(bytes)}${ending}`;
  await writeFile(join(dist, placed), bytes);
  return placed;
}

const shared = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  absWorkingDir: here,
};

/** Bundles one module and gives its text. */
async function bundled(entry, define, more = {}) {
  const result = await build({ ...shared, entryPoints: [join(src, entry)], define, write: false, ...more });
  return Buffer.from(result.outputFiles[0].contents);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

// The WebAssembly and the rules' pages, from the package. Without them the page says that they are missing.
const packaged = await filesBelow(join(npmPackage, 'dist'));
const wasm = packaged.find((name) => name.endsWith('.wasm'));
const pages = ['rule-pages.json', join('dist', 'rule-pages.json')].map((name) => join(npmPackage, name)).find(existsSync);
const complete = wasm !== undefined && existsSync(join(npmPackage, 'index.js'));
const { version } = JSON.parse(await readFile(join(npmPackage, 'package.json'), 'utf8').catch(() => '{"version":""}'));
const assets = {
  version,
  wasm: complete ? await place('adit.wasm', await readFile(join(npmPackage, 'dist', wasm))) : null,
  rulePages: pages ? await place('rule-pages.json', JSON.stringify(JSON.parse(await readFile(pages, 'utf8')))) : null,
};
if (!complete) console.warn('wasm/package/dist is missing: this build can check nothing (run cargo xtask web)');

// The samples.
assets.samples = {};
for (const name of await filesBelow(join(src, 'samples'))) {
  assets.samples[name] = await place(name, await readFile(join(src, 'samples', name)));
}

// The worker holds the package's code; the module itself it fetches by its hashed name.
assets.worker = await place(
  'worker.js',
  await bundled('worker.js', { ASSETS: JSON.stringify(assets) }, complete ? { alias: { '@adit/profile': join(npmPackage, 'index.js') } } : {
    alias: { '@adit/profile': join(src, 'not-built.js') },
  }),
);

// The page's modules. Parts that are imported on demand (the editor, the other views) become files of their own.
const app = await build({
  ...shared,
  entryPoints: [join(src, 'app.js')],
  define: { ASSETS: JSON.stringify(assets) },
  splitting: true,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  outdir: dist,
  metafile: true,
});
const appName = basename(Object.entries(app.metafile.outputs).find(([, output]) => output.entryPoint?.endsWith('src/app.js'))[0]);

// One style sheet: the common ones by name, then each view's own.
const styles = (await filesBelow(join(src, 'styles'))).map((name) => join('styles', name));
const viewStyles = (await filesBelow(join(src, 'views'))).filter((name) => name.endsWith('.css')).map((name) => join('views', name));
const sheet = await build({
  ...shared,
  stdin: {
    contents: [...styles, ...viewStyles].map((name) => `@import './${name.split(sep).join('/')}';`).join('\n'),
    resolveDir: src,
    loader: 'css',
  },
  write: false,
});
const styleName = await place('app.css', Buffer.from(sheet.outputFiles[0].contents));

const html = (await readFile(join(src, 'index.html'), 'utf8')).replaceAll('{{app.js}}', appName).replaceAll('{{app.css}}', styleName);
await writeFile(join(dist, 'index.html'), html);

// The manifest, the icons, robots.txt: as they are.
if (existsSync(join(src, 'static'))) await cp(join(src, 'static'), dist, { recursive: true });

await writeServiceWorker({ src, dist });
