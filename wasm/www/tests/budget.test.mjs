// What a visitor downloads beside the WebAssembly and the rules' pages, which the package's tests measure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { DIST, filesBelow } from './support/places.mjs';

const LIMIT = 150_000;

test('the code of the page stays within its budget', async () => {
  const sizes = [];
  for (const name of await filesBelow(DIST)) {
    if (!/\.(js|css|html)$/.test(name)) continue;
    const content = await readFile(join(DIST, name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    sizes.push([name, brotliCompressSync(content, { params }).length]);
  }
  const sum = sizes.reduce((total, [, size]) => total + size, 0);
  const kb = (size) => (size / 1000).toFixed(1);
  console.log(`MEASURED: page code ${kb(sum)} of ${LIMIT / 1000} KB Brotli, in ${sizes.length} files`);
  const largest = sizes.sort((a, b) => b[1] - a[1]).slice(0, 8).map(([name, size]) => `  ${kb(size)} KB ${name}`);
  assert.ok(sum <= LIMIT, `${kb(sum)} KB of page code, the limit is ${LIMIT / 1000} KB:\n${largest.join('\n')}`);
});
