// Real numbers, which the engine of JavaScript converts here, and Rust's standard library on the command line: both give the
// same text for every number, and the same number for every text. It also knows the letters and digits beyond ASCII; those
// in lower case, which it converts too, are in signatures.test.mjs.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check, encode, open } from '../package/node.js';
import { AT, adit, emptyFolder, show } from './support/places.mjs';
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

test('letters and digits beyond ASCII are those of the command line', async () => {
  // Signs of every block; those that are assigned in this engine's Unicode, since a newer one has more letters.
  const signs = [];
  for (let number = 0xa1; number < 0x32000; number += number < 0x3000 ? 23 : 211) {
    const sign = String.fromCodePoint(number);
    if (!/[\p{Cn}\p{Cs}\p{Co}]/u.test(sign)) signs.push(sign);
  }
  const text = profile(signs.map((sign) => ikev2({ RemoteAddress: `a${sign}b.example` })));
  const file = join(emptyFolder('letters'), 'letters.mobileconfig');
  writeFileSync(file, text);
  const strange = ({ diagnostics }) =>
    diagnostics.filter(({ code }) => code === 'vpn.remote-syntax').map(({ path }) => signs[Number(/\d+/.exec(path)[0])]);
  const [said] = adit(['validate', '--no-config', '--format', 'json', '--at', AT, file]).files;
  const found = strange(await check(text, { at: AT }));
  assert.deepEqual(found, strange(said));
  assert.ok(found.length > 50 && found.length < signs.length - 50, `${found.length} of ${signs.length}`);
});
