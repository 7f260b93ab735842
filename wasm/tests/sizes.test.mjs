// What everybody who uses the package or opens the page downloads, beside its budget. A size that grows by more than 3 %
// over what sizes.json remembers fails, so that growth is seen where it happens: run with ADIT_REGENERATE=1 to take it. A
// size over its budget fails too, unless sizes.json knows it as a debt: then the table says so, and it may only shrink.
// (A thousandth more is taken: what rustc makes is not the same to the byte on every machine.)

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';
import { PACKAGE, ROOT } from './support/places.mjs';

const KIB = 1024;
const REMEMBERED = new URL('./sizes.json', import.meta.url);
const PAGE = join(ROOT, 'wasm/www/dist');

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;

/** All files of the package's and of the page's dist of one kind; what is in both is counted once for each. */
function files(folder, test) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter(test).map((name) => readFileSync(join(folder, name)));
}

const sum = (all, size) => all.reduce((total, bytes) => total + size(bytes), 0);

/** Prints what was measured, each { what, size, limit }, for the table; then holds it against limits and memory. */
function hold(measured) {
  const shown = (bytes) => `${(bytes / KIB).toFixed(1)} KiB`;
  for (const { what, size, limit } of measured) {
    const debt = size > limit ? `, OVER by ${shown(size - limit)}` : '';
    console.log(`MEASURED: ${what}: ${shown(size)} of ${shown(limit)}${debt}`);
  }
  const remembered = existsSync(REMEMBERED) ? JSON.parse(readFileSync(REMEMBERED, 'utf8')) : {};
  if (process.env.ADIT_REGENERATE) {
    const taken = Object.fromEntries(measured.map(({ what, size }) => [what, size]));
    writeFileSync(REMEMBERED, `${JSON.stringify({ ...remembered, ...taken }, null, 2)}\n`);
  }
  for (const { what, size, limit } of measured) {
    const before = process.env.ADIT_REGENERATE ? size : (remembered[what] ?? Math.min(size, limit));
    assert.ok(size <= Math.max(limit, before * 1.001), `${what}: ${shown(size)}, the limit is ${shown(limit)}`);
    const grown = `${what} grew from ${shown(before)} to ${shown(size)}; ADIT_REGENERATE=1 takes it`;
    assert.ok(size <= before * 1.03, grown);
  }
}

for (const [where, folder] of [['package', join(PACKAGE, 'dist')], ['page', PAGE]]) {
  const skip = existsSync(folder) ? false : `${folder} is not built`;
  test(`the WebAssembly of the ${where}`, { skip }, () => {
    const all = files(folder, (name) => name.endsWith('.wasm'));
    assert.equal(all.length, 1);
    hold([
      { what: `wasm of the ${where}`, size: sum(all, (bytes) => bytes.length), limit: 1000 * KIB },
      { what: `wasm of the ${where}, Brotli`, size: sum(all, brotli), limit: 300 * KIB },
    ]);
  });
  test(`the pages of the rules in the ${where}`, { skip }, () => {
    const all = files(folder, (name) => /rule-pages[^/]*\.json$/.test(name));
    assert.equal(all.length, 1);
    hold([{ what: `rule pages of the ${where}, Brotli`, size: sum(all, brotli), limit: 110 * KIB }]);
  });
}
