// Memory that a call takes is given back: the module does not grow with the number of calls.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check, explain, fix, open } from '../package/node.js';
import { memorySize } from '../package/engine.js';
import { AT, ROOT } from './support/places.mjs';

const profile = new Uint8Array(readFileSync(join(ROOT, 'benches/profile/eap.mobileconfig')));
const options = { at: AT, targets: ['ios-26.1'] };

test('10,000 checks take no more memory than 100, within 10 %', async () => {
  for (let count = 0; count < 100; count += 1) await check(profile, options);
  const early = memorySize();
  for (let count = 100; count < 10_000; count += 1) await check(profile, options);
  const late = memorySize();
  console.log(`MEASURED: WebAssembly memory ${early / 1024} KiB after 100 checks, ${late / 1024} KiB after 10,000`);
  assert.ok(late <= early * 1.1, `${early} bytes after 100 checks, ${late} after 10,000`);
});

test('other calls give their memory back too', async () => {
  const all = () => Promise.all([open(profile), fix(profile, options), explain(profile, options), check('no profile', options)]);
  for (let count = 0; count < 100; count += 1) await all();
  const early = memorySize();
  for (let count = 0; count < 1000; count += 1) await all();
  assert.ok(memorySize() <= early * 1.1, `${early} bytes, then ${memorySize()}`);
});

test('wrong usage gives its memory back', async () => {
  const wrong = () => assert.rejects(check(profile, { at: 'x'.repeat(10_000) }), { kind: 'usage' });
  for (let count = 0; count < 100; count += 1) await wrong();
  const early = memorySize();
  for (let count = 0; count < 2000; count += 1) await wrong();
  assert.ok(memorySize() <= early * 1.1, `${early} bytes, then ${memorySize()}`);
});

test('an instance that a large file made grow is replaced, and the call still answers', async () => {
  const large = `<?xml version="1.0"?>\n<plist version="1.0"><string>${'x'.repeat(30_000_000)}</string></plist>`;
  assert.equal((await check(large, options)).verdict, 'refused');
  assert.equal(memorySize(), 0);
  assert.equal((await check(profile, options)).verdict, 'accepted');
  assert.ok(memorySize() > 0 && memorySize() < 64 * 1024 * 1024);
});
