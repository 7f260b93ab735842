// The ways of loading the module: over HTTP, from bytes, from a compiled module, in a worker; and what is said when it fails.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { serve } from '../serve.mjs';
import { PACKAGE, run } from './support/places.mjs';

const WASM = join(PACKAGE, 'dist/adit_profile_bg.wasm');
const index = JSON.stringify(new URL('../package/index.js', import.meta.url).href);

/** Runs a module in a Node of its own, and gives what it prints. */
const fresh = (code) => run('node', ['--input-type=module', '--eval', `import * as adit from ${index};\n${code}`]).trim();

test('importing fetches nothing and starts nothing', () => {
  const code = `
    globalThis.fetch = () => { throw new Error('fetched'); };
    await new Promise((later) => setTimeout(later, 50));
    try { await adit.check('x'); } catch (error) { console.log(error.name, error.kind, error instanceof adit.AditError); }`;
  assert.equal(fresh(code), 'AditError not-ready true');
});

test('bytes, a compiled module, and promises of them', () => {
  const load = `import { readFileSync } from 'node:fs'; const bytes = readFileSync(${JSON.stringify(WASM)});`;
  const say = "console.log((await adit.check('x')).verdict);";
  assert.equal(fresh(`${load} adit.initSync(bytes); ${say}`), 'not-read');
  assert.equal(fresh(`${load} adit.initSync(new WebAssembly.Module(bytes)); ${say}`), 'not-read');
  assert.equal(fresh(`${load} await adit.init(bytes); await adit.init(bytes); ${say}`), 'not-read');
  assert.equal(fresh(`${load} await adit.init(WebAssembly.compile(bytes)); ${say}`), 'not-read');
  assert.equal(fresh(`${load} await Promise.all([adit.init(bytes), adit.init(bytes)]); ${say}`), 'not-read');
});

test('over HTTP, once, with its type or without', async () => {
  const seen = [];
  const server = await serve(PACKAGE, { onRequest: (request) => seen.push(request) });
  try {
    const { init, check } = await import('../package/index.js');
    const url = `${server.url}dist/adit_profile_bg.wasm`;
    await assert.rejects(init(`${server.url}missing.wasm`), { kind: 'not-ready', message: /answers 404/ });
    await Promise.all([init(url), init(new URL(url))]);
    assert.equal((await check('x')).verdict, 'not-read');
    assert.deepEqual(seen.map(({ status }) => status), [404, 200]);
  } finally {
    await server.close();
  }
  const code = `
    const answer = new Response(new Uint8Array(${JSON.stringify([...readFileSync(WASM).subarray(0, 0)])}));
    try { await adit.init(answer); } catch (error) { console.log(error.kind); }
    const { readFileSync } = await import('node:fs');
    await adit.init(new Response(readFileSync(${JSON.stringify(WASM)}), { headers: { 'Content-Type': 'text/plain' } }));
    console.log((await adit.check('x')).verdict);`;
  assert.equal(fresh(code), 'not-ready\nnot-read');
});

test('what is no module is refused with the reason', () => {
  const code = `
    try { adit.initSync(new Uint8Array([1, 2, 3, 4])); } catch (error) { console.log(error.kind, error.message); }
    try { adit.initSync(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); } catch (error) { console.log(error.kind); }`;
  assert.match(fresh(code), /^not-ready the WebAssembly module cannot be used: .*\nnot-ready$/);
});

test('a worker gets the compiled module, and works', async () => {
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { check, initSync } from ${index};
    initSync(workerData);
    parentPort.on('message', async (text) => parentPort.postMessage(await check(text)));`;
  const workerData = await WebAssembly.compile(readFileSync(WASM));
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData });
  try {
    const report = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.postMessage('<plist version="1.0"><dict></dict></plist>');
    });
    assert.equal(report.verdict, 'refused');
  } finally {
    await worker.terminate();
  }
});
