// The last part of the build: the service worker with the list of the page's files.
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';

/** What the service worker must not keep: itself, and what no page ever asks for. */
const NOT_KEPT = /^(sw\.js|.*\.(map|br|gz))$/;

/**
 * Writes `sw.js` for everything that stands in `dist`: so it is the last step.
 *
 * @param {object} folders
 * @param {string} folders.src the page's source
 * @param {string} folders.dist the finished page
 */
export async function writeServiceWorker({ src, dist }) {
  const files = await hashes(dist);
  await build({
    entryPoints: [join(src, 'sw.js')],
    outfile: join(dist, 'sw.js'),
    define: { ADIT_FILES: JSON.stringify(files) },
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
    allowOverwrite: true,
  });
}

/** Every file to keep, by its path below `dist` (the page itself is ''), with its hash as `integrity` wants it. */
async function hashes(dist) {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join('/'))
    .filter((path) => !NOT_KEPT.test(path))
    .sort();
  const files = {};
  for (const path of paths) {
    const hash = createHash('sha256').update(await readFile(join(dist, path))).digest('base64');
    files[path === 'index.html' ? '' : path] = `sha256-${hash}`;
  }
  return files;
}
