// Real numbers, which the engine of JavaScript converts here, and Rust's standard library on the command line: both give the
// same text for every number, and the same number for every text. Letters, which it converts too, are in signatures.test.mjs.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode, open } from '../package/node.js';
import { emptyFolder, show } from './support/places.mjs';
import { ikev2, profile } from './support/samples.mjs';

/** Numbers of every size, the same in each run; texts that are written in unusual ways first. */
function texts() {
  const bits = new DataView(new ArrayBuffer(8));
  let state = 1n;
  const next = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return state;
  };
  const found = ['1.', '.5', '+5', '-0', '0', '1e21', '1E+21', '1e-7', '-1.5e-300', '0.1', '1e23', '9007199254740993',
    '5e-324', '2.4703282292062328e-324', '2.4703282292062327e-324', '1.7976931348623157e308', '0.000001', '0.0000001', '123456789012345680000', '1e999'];
  while (found.length < 3000) {
    bits.setBigUint64(0, next());
    const number = bits.getFloat64(0);
    if (Number.isFinite(number)) found.push(String(number), (Number(next() >> 40n) / 1000).toString());
  }
  return found;
}

test('real numbers have the text that the command line gives them, and are read to the last bit', async () => {
  const given = texts();
  const numbers = Object.fromEntries(given.map((_, place) => [`N${place}`, `REAL${place}.`]));
  const xml = profile([ikev2()], { Numbers: numbers }).replace(
    /<string>REAL(\d+)\.<\/string>/g,
    (_, place) => `<real>${given[place]}</real>`,
  );
  const bytes = encode(xml, 'binary');
  const file = join(emptyFolder('numbers'), 'numbers.mobileconfig');
  writeFileSync(file, bytes);
  const { text } = await open(bytes);
  assert.equal(text, show(file));
  const written = [...text.matchAll(/<key>N(\d+)<\/key>\s*<real>([^<]*)<\/real>/g)];
  assert.equal(written.length, given.length);
  for (const [, place, real] of written) {
    assert.doesNotMatch(real, /e/);
    const number = real.endsWith('infinity') ? Infinity : Number(real);
    assert.ok(Object.is(number, Number(given[place])), `${given[place]} became ${real}`);
  }
});
