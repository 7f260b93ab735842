// A browser at the page: through the proxy, with everything written down that must not happen.
import assert from 'node:assert/strict';
import { launch } from './chromium.mjs';
import { DIST, filesBelow } from './places.mjs';
import { startProxy } from './proxy.mjs';
import { serve } from './server.mjs';
import { until } from './wait.mjs';

/** Any wait for the page to reach a state fails after this: long, because a loaded machine is not an error. */
const PATIENCE = 30_000;

/**
 * A browser behind a logging proxy, and a server with the page. Every test file starts one, and one visit a test.
 *
 * @param {object} [options]
 * @param {string} [options.base] the path the page is served below
 * @param {string} [options.folder] another build than the product's
 * @param {Record<string, string>} [options.headers] what the server adds to each answer
 */
export async function start({ base = '', folder = DIST, headers = {} } = {}) {
  const site = await serve(folder, base, headers);
  const proxy = await startProxy();
  const browser = await launch({ proxy: proxy.port });
  return {
    site,
    proxy,
    browser,
    visit: (options) => visit({ site, browser }, options),
    /** From here on there is no network. */
    cutOff: () => Promise.all([site.close(), proxy.close()]),
    async close() {
      await browser.close();
      await Promise.all([site.close(), proxy.close()]);
    },
  };
}

/**
 * One window with the page loaded and its checker ready. `script` runs in it before the page's own.
 *
 * `trouble` collects what must not happen: messages on the console, uncaught errors, violations of the policy, failed
 * requests. `close` ends the visit and fails when there was any.
 */
async function visit({ site, browser }, { width = 1280, height = 900, scheme = 'light', motion = 'no-preference', view = '', script = null } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: motion,
    acceptDownloads: true,
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(PATIENCE);
  const trouble = [];
  context.on('console', (message) => trouble.push(`console: ${message.type()}: ${message.text()}`));
  context.on('weberror', (error) => trouble.push(`uncaught: ${error.error().stack ?? error.error()}`));
  context.on('requestfailed', (request) => trouble.push(`failed: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`));
  await context.addInitScript(watchPolicy);
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.type()}: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(site.url + view, { waitUntil: 'load' });
  return {
    context,
    page,
    trouble,
    /** The page has been stored: it needs no network from now on. */
    stored: () => stored(page),
    async close() {
      await context.close();
      assert.deepEqual(trouble, []);
    },
  };
}

/** Runs in the page before its own scripts: the policy's violations go to the console, where the test sees them. */
function watchPolicy() {
  const say = (how, { effectiveDirective, violatedDirective, blockedURI, blockedURL, sourceFile, lineNumber }) =>
    console.error(`policy (${how}): ${effectiveDirective ?? violatedDirective} blocked ${blockedURI ?? blockedURL} at ${sourceFile}:${lineNumber}`);
  document.addEventListener('securitypolicyviolation', (event) => say('event', event));
  new ReportingObserver((reports) => reports.forEach(({ type, body }) => (type === 'csp-violation' ? say('report', body) : console.error(`report: ${type}: ${body?.message}`))), {
    buffered: true,
  }).observe();
}

const stored = (page) => until(() => page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'), 'the page stored by its service worker');

/** Fails unless every request, at the server and at the proxy, was a GET without body and query of a file of the page. */
export async function onlyFilesWereAskedFor({ site, proxy }) {
  const files = new Set(['', ...(await filesBelow(site.folder))]);
  const isFile = (path) => path.startsWith(site.prefix) && files.has(path.slice(site.prefix.length));
  const odd = [
    ...site.seen.filter(({ method, path, body, status }) => method !== 'GET' || body > 0 || !isFile(path) || ![200, 304].includes(status)),
    ...proxy.seen.filter(({ method, url, body }) => method !== 'GET' || body > 0 || !url.startsWith(site.origin) || !isFile(url.slice(site.origin.length))),
  ];
  assert.deepEqual(odd, []);
  assert.ok(site.seen.length > 0, 'the server saw nothing');
  // A window that is closed may take back what the proxy has just been asked for.
  assert.ok(proxy.seen.length >= site.seen.length, 'the proxy saw everything that the server saw');
}
