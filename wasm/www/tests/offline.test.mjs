// The page without a network, below any path, and when a new version of it is put on the server.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeServiceWorker } from '../build-offline.mjs';
import { DESCRIPTIONS, madeAlike } from './support/descriptions.mjs';
import { FILES } from './support/files.mjs';
import { chooseType, goTo, shownProblems, unfold, verdict } from './support/page.mjs';
import { DIST, SRC, filesBelow, noCorpus } from './support/places.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { compared, mended, sample, simulated } from './support/walks.mjs';

const folder = await mkdtemp(join(tmpdir(), 'adit-page-'));
after(() => rm(folder, { recursive: true }));

/** Says in an error what it happened with. */
const named = (what, work) => work().catch((error) => Promise.reject(new Error(`${what}: ${error.message}`, { cause: error })));

test('without a network all of it works: ten verdicts, fixes, every form, the simulator, every view', async () => {
  const bench = await start({ base: 'some/where' });
  try {
    const visit = await bench.visit();
    await visit.stored();
    await onlyFilesWereAskedFor(bench);
    await bench.cutOff();
    await visit.page.reload();
    const { page } = visit;
    const file = await sample('weak-ikev2.mobileconfig');
    await compared(page, file);
    await mended(page, file);
    for (const [kind, given] of noCorpus ? [] : Object.entries(FILES)) await named(kind, async () => compared(page, await given()));
    await simulated(page);
    await goTo(page, 'Build');
    for (const [type, description] of Object.entries(DESCRIPTIONS)) {
      await chooseType(page, type);
      await page.getByRole('button', { name: 'Start anew' }).click();
      await named(type, () => madeAlike(page, type, description));
    }
    for (const view of ['Convert', 'Diff', 'Explain', 'Validate']) await goTo(page, view);
    // The pages of the rules and the samples have been stored too.
    await page.getByRole('combobox', { name: 'Open a sample' }).selectOption({ label: 'A signed profile' });
    await page.getByRole('button', { name: /signed\.mobileconfig/ }).first().waitFor();
    await verdict(page);
    await unfold(page, (await shownProblems(page))[0].code);
    await page.getByText('About this rule').waitFor();
    await visit.close();
  } finally {
    await bench.close();
  }
});

test('the manifest makes it an app that opens profiles', async () => {
  const bench = await start({ base: 'app' });
  try {
    const visit = await bench.visit();
    const session = await visit.context.newCDPSession(visit.page);
    const { url, errors, manifest } = await session.send('Page.getAppManifest');
    assert.equal(url, `${bench.site.url}manifest.webmanifest`);
    assert.deepEqual(errors, []);
    assert.equal(manifest.scope, bench.site.url);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
    const { icons, file_handlers: handlers } = JSON.parse(await readFile(join(DIST, 'manifest.webmanifest')));
    const files = await filesBelow(DIST);
    assert.deepEqual(icons.filter(({ src }) => !files.includes(src)), []);
    assert.deepEqual(handlers.map(({ accept }) => Object.values(accept)).flat(2), ['.mobileconfig']);
    await visit.close();
    await onlyFilesWereAskedFor(bench);
  } finally {
    await bench.close();
  }
});

test('a new version is stored beside the old one, taken over on request, and fetches only what changed', async () => {
  const build = join(folder, 'update');
  await cp(DIST, build, { recursive: true });
  const bench = await start({ folder: build, base: 'deep/down' });
  try {
    const visit = await bench.visit();
    await visit.stored();
    const title = await visit.page.title();

    const html = await readFile(join(build, 'index.html'), 'utf8');
    await writeFile(join(build, 'index.html'), html.replace('<html', '<html data-version="2"'));
    await writeServiceWorker({ src: SRC, dist: build });
    const before = bench.site.seen.length;
    const version = () => visit.page.evaluate(() => document.documentElement.dataset.version ?? '1');

    await visit.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update();
      const worker = registration.installing ?? registration.waiting;
      if (worker.state !== 'installed') {
        await new Promise((resolve) => worker.addEventListener('statechange', () => worker.state === 'installed' && resolve()));
      }
    });
    assert.deepEqual(bench.site.seen.slice(before).map(({ path }) => path).sort(), ['/deep/down/', '/deep/down/sw.js']);
    // The browser lets a worker that still answers something go on for five minutes.
    await visit.page.reload({ waitUntil: 'networkidle' });
    assert.equal(await version(), '1', 'a reload mixes nothing in while the old version is open');

    await visit.page.evaluate(async () => {
      const { waiting } = await navigator.serviceWorker.getRegistration();
      const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
      waiting.postMessage('activate');
      await changed;
    });
    await visit.page.reload();
    assert.equal(await version(), '2');
    assert.equal(await visit.page.title(), title);
    const kept = await visit.page.evaluate(async () => {
      const names = await caches.keys();
      const keys = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
      return { names, pages: keys.flat().filter((url) => new URL(url).pathname.endsWith('/down/')).length };
    });
    assert.deepEqual(kept, { names: ['adit /deep/down/'], pages: 1 }, 'what the old version kept is gone');
    await visit.close();
    await onlyFilesWereAskedFor(bench);
  } finally {
    await bench.close();
  }
});

test('a server that is half-way through an update does not mix two versions', async () => {
  const build = join(folder, 'torn');
  await cp(DIST, build, { recursive: true });
  const bench = await start({ folder: build });
  try {
    const visit = await bench.visit();
    await visit.stored();
    // The list is new, the page is not yet.
    const html = await readFile(join(build, 'index.html'));
    await writeFile(join(build, 'index.html'), `${html}<!-- 2 -->`);
    await writeServiceWorker({ src: SRC, dist: build });
    await writeFile(join(build, 'index.html'), html);
    const states = await visit.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const found = new Promise((resolve) => registration.addEventListener('updatefound', () => resolve(registration.installing), { once: true }));
      await registration.update().catch(() => {});
      const worker = await found;
      if (worker.state !== 'redundant') {
        await new Promise((resolve) => worker.addEventListener('statechange', () => worker.state === 'redundant' && resolve()));
      }
      return { waiting: registration.waiting !== null, active: registration.active.state };
    });
    assert.deepEqual(states, { waiting: false, active: 'activated' });
    const said = visit.trouble.splice(0);
    assert.ok(said.every((line) => /integrity|sw\.js|index|Uncaught \(in promise\)/.test(line)), said.join('\n'));
    await visit.close();
  } finally {
    await bench.close();
  }
});
