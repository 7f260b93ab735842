// A trap costs one call: it becomes an error with a message, the instance is replaced, and the next call works. Tested with
// the package's own code around a module that has entries which trap (`cargo xtask web --traps`).

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import { ROOT, TRAPS } from './support/places.mjs';

const skip = existsSync(join(TRAPS, 'index.js')) ? false : 'target/web/traps is not built (cargo xtask web --traps)';
const load = (name) => import(pathToFileURL(join(TRAPS, name)).href);
const profile = new Uint8Array(readFileSync(join(ROOT, 'benches/profile/eap.mobileconfig')));

const TRAPPING = {
  trapPanic: /^the checker ended the call \(.*unreachable.*\); a fresh one has taken its place/,
  trapOverflow: /^the checker (ran out of stack|ended the call) \(.*\); a fresh one has taken its place/,
  trapMemory: /^the checker ended the call \(.*\); a fresh one has taken its place/,
};

test('every kind of trap is an error with a message, and the next call works', { skip }, async () => {
  const { AditError, check } = await load('node.js');
  const { call, memorySize } = await load('engine.js');
  const before = await check(profile);
  const size = memorySize();
  for (let round = 0; round < 3; round += 1) {
    for (const [name, message] of Object.entries(TRAPPING)) {
      // It fills four gigabytes first: once is enough.
      if (name === 'trapMemory' && round > 0) continue;
      const trap = () => call((wasm) => (name === 'trapOverflow' ? wasm[name](0) : wasm[name]()));
      assert.throws(trap, (error) => {
        assert.ok(error instanceof AditError, `${error}`);
        assert.equal(error.kind, 'trap');
        assert.match(error.message, message);
        return true;
      }, name);
      assert.equal(memorySize(), 0, 'the instance is gone');
      assert.deepEqual(await check(profile), before, `after ${name}`);
      assert.ok(memorySize() <= size * 1.1, `${size} bytes before, ${memorySize()} after ${name}`);
    }
  }
});

test('wrong usage and what is no profile leave the instance as it is', { skip }, async () => {
  const { check, open } = await load('node.js');
  const { memorySize } = await load('engine.js');
  await assert.rejects(check(profile, { at: 'yesterday' }), { kind: 'usage', path: 'at' });
  assert.equal((await open(new Uint8Array([1, 2, 3]))).text, null);
  assert.ok(memorySize() > 0);
});

test('the same in a worker', { skip }, async () => {
  const index = JSON.stringify(pathToFileURL(join(TRAPS, 'node.js')).href);
  const engine = JSON.stringify(pathToFileURL(join(TRAPS, 'engine.js')).href);
  const code = `
    import { parentPort } from 'node:worker_threads';
    import { check } from ${index};
    import { call } from ${engine};
    const said = [(await check('x')).verdict];
    for (const name of ['trapPanic', 'trapOverflow']) {
      try { call((wasm) => wasm[name](0)); } catch (error) { said.push(error.kind); }
      said.push((await check('x')).verdict);
    }
    parentPort.postMessage(said);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  try {
    const said = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    assert.deepEqual(said, ['not-read', 'trap', 'not-read', 'trap', 'not-read']);
  } finally {
    await worker.terminate();
  }
});

test('the package itself has no such entries', async () => {
  const module = new WebAssembly.Module(readFileSync(join(ROOT, 'wasm/package/dist/adit_profile_bg.wasm')));
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.deepEqual(names.filter((name) => /trap|panic|overflow|exhaust/i.test(name)), []);
});
