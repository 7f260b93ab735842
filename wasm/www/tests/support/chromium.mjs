// Debian's Chromium under playwright-core.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

// The program itself rather than Debian's script around it, which adds extensions and Google's keys.
const PROGRAM = process.env.ADIT_CHROMIUM ?? ['/usr/lib/chromium/chromium', '/usr/bin/chromium'].find(existsSync);

/**
 * Starts the browser. Everything it does on its own account is switched off, so that what a proxy sees is the page's.
 *
 * @param {object} [options]
 * @param {number} [options.proxy] port of a proxy on loopback that every request goes through, also those to loopback
 */
export function launch({ proxy } = {}) {
  if (!PROGRAM) throw new Error('no Chromium at /usr/bin/chromium: apt-get install chromium, or name one in ADIT_CHROMIUM');
  // Some services have no switch against them: they are sent to a port that Chromium refuses to ask.
  const nowhere = '127.0.0.1:9';
  const args = [
    `--autofill-server-url=http://${nowhere}/`,
    `--gaia-url=https://${nowhere}/`,
    `--component-updater=disable-pings,url-source=http://${nowhere}/`,
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-domain-reliability',
    '--no-first-run',
    '--no-pings',
  ];
  if (proxy) args.push(`--proxy-server=http://127.0.0.1:${proxy}`, '--proxy-bypass-list=<-loopback>');
  return chromium.launch({ executablePath: PROGRAM, headless: true, chromiumSandbox: false, args });
}
