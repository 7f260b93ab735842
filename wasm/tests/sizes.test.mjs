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
import { judged, shown } from './support/sizes.mjs';

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
  for (const { what, size, limit } of measured) {
    const debt = size > limit ? `, OVER by ${shown(size - limit)}` : '';
    console.log(`MEASURED: ${what}: ${shown(size)} of ${shown(limit)}${debt}`);
  }
  const remembered = existsSync(REMEMBERED) ? JSON.parse(readFileSync(REMEMBERED, 'utf8')) : {};
  const { taken, faults } = judged(measured, remembered, Boolean(process.env.ADIT_REGENERATE));
  if (taken) writeFileSync(REMEMBERED, `${JSON.stringify(taken, null, 2)}\n`);
  assert.deepEqual(faults, []);
}

test('a debt only shrinks, also when sizes are taken anew', () => {
  const of = (size, before, anew = false) => {
    const { taken, faults } = judged([{ what: 'it', size, limit: 1000 }], before === null ? {} : { it: before }, anew);
    return [taken?.it ?? null, faults.length];
  };
  assert.deepEqual([of(1000, 1000), of(1029, 1000), of(1031, 1000), of(900, 1000)], [[null, 0], [null, 1], [null, 2], [null, 0]]);
  assert.deepEqual([of(940, 900), of(940, 900, true), of(1001, 990, true)], [[null, 1], [940, 0], [990, 1]], 'what is within its budget may be taken');
  assert.deepEqual([of(2000, 2000), of(2001, 2000), of(2003, 2000), of(1900, 2000)], [[null, 0], [null, 0], [null, 1], [null, 0]], 'a debt stays');
  assert.deepEqual([of(2001, 2000, true), of(2003, 2000, true), of(1900, 2000, true)], [[2000, 0], [2000, 1], [1900, 0]], 'or shrinks');
  assert.deepEqual([of(2000, null), of(2000, null, true), of(900, null, true)], [[null, 2], [null, 1], [900, 0]], 'none is begun');
});

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
