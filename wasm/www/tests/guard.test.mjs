// The tests' own watch: what must not happen on the page would be seen if it did.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSample } from './support/page.mjs';
import { DIST } from './support/places.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

/** The policy that the page brings. */
async function policyOfPage() {
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(await readFile(join(DIST, 'index.html'), 'utf8'));
  return policy;
}

test('the policy allows the page its own files and nothing else', async () => {
  const directives = Object.fromEntries((await policyOfPage()).split(';').map((part) => part.trim().split(/\s+/)).map(([name, ...sources]) => [name, sources.join(' ')]));
  assert.deepEqual(directives, {
    'default-src': "'none'",
    'script-src': "'self' 'wasm-unsafe-eval'",
    'style-src': "'self'",
    'worker-src': "'self'",
    'manifest-src': "'self'",
    'connect-src': "'self'",
    'img-src': "'self' data:",
    'form-action': "'none'",
    'base-uri': "'none'",
  });
});

test('a server that sends the policy with every file binds the worker too, and all works', async () => {
  const bound = await start({ headers: { 'content-security-policy': `${await policyOfPage()}; frame-ancestors 'none'` } });
  try {
    const visit = await bound.visit();
    await openSample(visit.page, 'An old IKEv2 profile');
    await visit.stored();
    assert.deepEqual(visit.trouble, []);
    const worker = await until(() => visit.page.workers().find((one) => one.url().includes('worker')), 'the worker');
    const answer = await worker.evaluate(() => fetch('http://127.0.0.2/collect').then(() => 'sent', () => 'kept back'));
    assert.equal(answer, 'kept back');
    assert.deepEqual(bound.proxy.seen.filter(({ url }) => url.includes('127.0.0.2')), []);
    visit.trouble.length = 0;
    await visit.close();
  } finally {
    await bound.close();
  }
});

/** What the watch says while `provoke` runs in the page. */
async function seen(provoke, sign) {
  const visit = await bench.visit();
  await visit.page.evaluate(provoke);
  await until(() => visit.trouble.some((line) => sign.test(line)), `${sign} in ${JSON.stringify(visit.trouble)}`);
  visit.trouble.length = 0;
  await visit.close();
}

test('a style that the policy forbids is seen', () =>
  seen(() => document.body.setAttribute('style', 'color: red'), /policy \(event\): style-src/));

test('a script that the policy forbids is seen', () =>
  seen(() => {
    const script = document.createElement('script');
    script.textContent = 'window.foreign = true';
    document.body.append(script);
  }, /policy \(event\): script-src/));

test('a request elsewhere is kept back by the policy and seen', async () => {
  await seen(() => fetch('http://127.0.0.2/collect').catch(() => {}), /policy \(event\): connect-src/);
  assert.deepEqual(bench.proxy.seen.filter(({ url }) => url.includes('127.0.0.2')), []);
});

test('an uncaught error is seen', () => seen(() => void setTimeout(() => Promise.reject(new Error('provoked'))), /uncaught: .*provoked/));

test('a warning on the console, of the page or of its worker, is seen', async () => {
  await seen(() => console.warn('provoked'), /console: warning: provoked/);
  const visit = await bench.visit();
  const worker = await until(() => visit.page.workers()[0], 'the worker');
  await worker.evaluate(() => console.error('provoked in the worker'));
  await until(() => visit.trouble.some((line) => line.includes('provoked in the worker')), 'the worker’s message');
  visit.trouble.length = 0;
  await visit.close();
});

test('a request with a body, and one for anything that is no file of the page, is seen', async () => {
  const visit = await bench.visit();
  await visit.page.evaluate(() => fetch('./', { method: 'POST', body: 'secret' }));
  await assert.rejects(onlyFilesWereAskedFor(bench), /POST/);
  bench.site.seen.length = bench.proxy.seen.length = 0;
  await visit.page.evaluate(() => fetch('./index.html?secret'));
  await assert.rejects(onlyFilesWereAskedFor(bench), /secret/);
  visit.trouble.length = 0;
  await visit.close();
});
