// The server of `cargo xtask web --serve`: what it sends and how, below a path; what it says when it cannot.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './support/chromium.mjs';
import { openSample } from './support/page.mjs';
import { DIST, ROOT, filesBelow } from './support/places.mjs';
import { until } from './support/wait.mjs';

const PROGRAM = join(ROOT, 'wasm/serve.mjs');
const BASE = '/some/where/';

let served;
let url;
before(async () => {
  served = spawn(process.execPath, [PROGRAM, DIST, '0', BASE], { stdio: ['ignore', 'pipe', 'inherit'] });
  served.stdout.setEncoding('utf8');
  const [said] = await once(served.stdout, 'data');
  [, url] = / at (http:\/\/127\.0\.0\.1:\d+\/some\/where\/) \(Ctrl-C ends it\)\n$/.exec(said);
});
after(() => served?.kill());

test('every file is sent with its type, the page’s policy, and nothing that a new build would have to outlive', async () => {
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(await readFile(join(DIST, 'index.html'), 'utf8'));
  const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', json: 'application/json', wasm: 'application/wasm', svg: 'image/svg+xml', png: 'image/png', webmanifest: 'application/manifest+json', mobileconfig: 'application/x-apple-aspen-config' };
  for (const path of ['', ...(await filesBelow(DIST))]) {
    const answer = await fetch(new URL(path, url));
    assert.equal(answer.status, 200, path);
    const header = (name) => answer.headers.get(name);
    assert.equal(header('content-type').split(';')[0], types[(path || 'index.html').split('.').at(-1)], path);
    assert.equal(header('content-security-policy'), `${policy}; frame-ancestors 'none'`);
    assert.deepEqual([header('cache-control'), header('x-content-type-options'), header('referrer-policy')], ['no-store', 'nosniff', 'no-referrer']);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), await readFile(join(DIST, path || 'index.html')), path);
  }
});

/** The status and the text of a raw request, whose path nothing tidies up. */
const raw = (path, method = 'GET') =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, path, method }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, text, location: answer.headers.location });
    });
    asked.on('error', reject).end();
  });

test('nothing else is sent, and what is wrong is said', async () => {
  assert.deepEqual(await raw('/some/where'), { status: 301, text: '', location: BASE });
  assert.deepEqual(await raw('/'), { status: 404, text: `the page is at ${BASE}\n`, location: undefined });
  for (const path of ['nope', 'icons/', '../../package.json', '%2e%2e/%2e%2e/package.json', '..%2f..%2fpackage.json', '%00', '%ff']) {
    assert.equal((await raw(BASE + path)).status, 404, path);
  }
  assert.equal((await raw(BASE, 'POST')).status, 405);
  assert.deepEqual(await raw(BASE, 'HEAD'), { status: 200, text: '', location: undefined });
});

test('the page works there, and its worker is bound by the policy', async () => {
  const browser = await launch();
  // Somebody who would gladly take what is sent.
  let taken = 0;
  const elsewhere = createServer((_, answer) => {
    taken += 1;
    answer.writeHead(200, { 'access-control-allow-origin': '*' }).end();
  });
  await new Promise((listening) => elsewhere.listen(0, '127.0.0.1', listening));
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    const trouble = [];
    context.on('console', (message) => trouble.push(message.text()));
    await page.goto(url);
    await openSample(page, 'An old IKEv2 profile');
    await until(() => page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'), 'the page stored by its service worker');
    assert.deepEqual(trouble, []);
    const worker = await until(() => page.workers().find((one) => one.url().includes('worker')), 'the worker');
    const send = (address) => fetch(address).then(() => 'sent', () => 'kept back');
    const address = `http://127.0.0.1:${elsewhere.address().port}/collect`;
    assert.equal(await worker.evaluate(send, address), 'kept back');
    assert.equal(taken, 0);
    // A page without a policy does reach it.
    const other = await context.newPage();
    assert.equal(await other.evaluate(send, address), 'sent');
  } finally {
    await browser.close();
    elsewhere.close();
  }
});

/** What a second server says and how it ends. */
async function ended(...args) {
  const program = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  program.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(program, 'close');
  return { code, said };
}

test('a port that is taken, and wrong usage, are told', async () => {
  const other = createServer();
  await new Promise((listening) => other.listen(0, '127.0.0.1', listening));
  const { port } = other.address();
  assert.deepEqual(await ended(DIST, String(port)), { code: 1, said: `error: port ${port} is taken; choose another with --port\n` });
  other.close();
  for (const args of [[], [DIST, '0', 'no/slash'], [DIST, '0', '/../']]) assert.equal((await ended(...args)).code, 2, args.join(' '));
});

test('Ctrl-C ends it, also while the page is open', async () => {
  const { hostname, port } = new URL(url);
  // A connection that stays.
  const held = request({ hostname, port, path: BASE, headers: { connection: 'keep-alive' } }, (answer) => answer.resume());
  held.on('error', () => {}).end();
  await once(held, 'response');
  served.kill('SIGINT');
  const [code, signal] = await once(served, 'exit');
  assert.deepEqual([code, signal], [null, 'SIGINT']);
});
