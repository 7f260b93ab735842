// What is done on the page more than once: with a network and without.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adit, inBytes, inFolder, report } from './cli.mjs';
import { download, editorText, goTo, jsonOf, openFile, outcome, saved, shownProblems, verdict } from './page.mjs';
import { SRC } from './places.mjs';
import { expectState, until } from './wait.mjs';

/** A sample of the page, as a file. */
export const sample = async (name) => ({ name, bytes: await readFile(join(SRC, 'samples', name)) });

/** Opens a file; all that the page says of it is what the command line says. */
export async function compared(page, file) {
  await openFile(page, file);
  // All of it: code, severity, byte range, message and fixes of each diagnostic, and what stands around them.
  const { name, text: said } = await jsonOf(page);
  const expected = await report(file, said.at);
  assert.equal(name, file.name.replace(/\.[^.]*$/, '.json'));
  const { diagnostics } = expected.files[0];
  assert.ok(diagnostics.length > 0, 'there is something to compare');
  assert.deepEqual(inBytes(said), expected);
  // What is on the screen is the same, although it is grouped and sorted.
  const lines = (list) => list.map(({ severity, code, message }) => `${severity} ${code} ${message.replaceAll('`', '')}`).sort();
  assert.deepEqual(lines(await shownProblems(page)), lines(diagnostics));
}

/** Applies all safe fixes to the file that is shown and downloads it: what `adit validate --fix` makes of it. */
export async function mended(page, { name, bytes }) {
  const before = await editorText(page);
  await page.getByRole('button', { name: /^Apply (\d+ )?safe fix/ }).click();
  await until(async () => (await editorText(page)) !== before, 'mended text');
  await verdict(page);
  const taken = await download(page, 'The profile');
  assert.equal(taken.name, name);
  const expected = await inFolder(async (folder) => {
    await writeFile(join(folder, name), bytes);
    await adit(['validate', '--no-config', '--fix', name], { cwd: folder, codes: [0, 1] });
    return readFile(join(folder, name));
  });
  assert.equal(taken.bytes.toString(), expected.toString());
}

/** The networks that the simulator is walked through: what is chosen in it, and the same for the command line. */
const NETWORKS = [
  { interface: 'Wi-Fi', ssid: 'Head Office', args: ['--interface', 'wifi', '--ssid', 'Head Office'] },
  { interface: 'Wi-Fi', ssid: 'Café', args: ['--interface', 'wifi', '--ssid', 'Café'] },
  { interface: 'Wi-Fi', ssid: 'Café', domains: 'berlin.office.example.com', tunnel: 'up', args: ['--interface', 'wifi', '--ssid', 'Café', '--dns-domain', 'berlin.office.example.com', '--tunnel', 'up'] },
  { interface: 'Cellular', host: 'intranet.example.com', args: ['--interface', 'cellular', '--host', 'intranet.example.com'] },
  { interface: 'Cellular', host: 'intranet.example.com', resolves: 'no', required: 'silent', args: ['--interface', 'cellular', '--host', 'intranet.example.com', '--resolves', 'no', '--required-dns', 'silent'] },
  { interface: 'Cellular', host: 'www.example.org', args: ['--interface', 'cellular', '--host', 'www.example.org'] },
  { interface: 'Ethernet', servers: '10.0.0.53', args: ['--interface', 'ethernet', '--dns-server', '10.0.0.53'] },
  { interface: 'Ethernet', override: true, args: ['--interface', 'ethernet', '--user-override'] },
];

/** Walks the simulator: of each network the page says what `adit ondemand` says, rule by rule. */
export async function simulated(page) {
  const file = await sample('on-demand.mobileconfig');
  await openFile(page, file);
  await goTo(page, 'Explain');
  await outcome(page).waitFor();
  const text = async (label, value) => {
    const field = page.getByLabel(label, { exact: true });
    if (await field.isVisible()) await field.fill(value ?? '');
  };
  for (const network of NETWORKS) {
    await page.getByRole('radio', { name: network.interface }).check();
    await text('Wi-Fi network (SSID)', network.ssid);
    await text('Search domains', network.domains);
    await text('DNS servers', network.servers);
    await text('Host that an app asks for', network.host);
    await page.getByLabel('Its name resolves').selectOption(network.resolves ?? '');
    if (await page.getByLabel('Required DNS servers').count()) await page.getByLabel('Required DNS servers').selectOption(network.required ?? '');
    await page.getByLabel('The tunnel now').selectOption(network.tunnel ?? 'down');
    await page.getByLabel('The user switched Connect On Demand off').setChecked(network.override ?? false);
    const { decision } = await inFolder(async (folder) => {
      await writeFile(join(folder, file.name), file.bytes);
      return JSON.parse(await adit(['ondemand', '--json', file.name, ...network.args], { cwd: folder, codes: [0, 1] }));
    });
    await until(async () => (await outcome(page).textContent()).includes(decision.summary), `${decision.summary} for ${network.args.join(' ')}`);
    const states = await page.locator('.flow-rule').evaluateAll((rules) => rules.map((rule) => rule.dataset.state));
    assert.deepEqual(states.filter(Boolean), decision.trace.map((one) => one.verdict), network.args.join(' '));
    const reasons = await page.locator('.flow-rule .conditions .why').evaluateAll((all) => all.map((one) => one.textContent).filter(Boolean));
    assert.deepEqual(reasons, decision.trace.flatMap(({ keys }) => keys.map(({ why }) => why).filter(Boolean)), network.args.join(' '));
  }
}

/** What the form says of the profile as a whole, once it is about all that was filled in. */
export async function status(page) {
  const preview = page.locator('.build-preview');
  await expectState(preview, (element) => element.getAttribute('aria-busy') === 'false', 'the profile of the form as it stands');
  return preview.locator('.build-status').textContent();
}

/** Waits until the form makes a profile in which nothing is wrong. */
export const complete = (page) => until(async () => /^(No problems|\d+ notices?)$/.test(await status(page)), 'a profile without errors and warnings');

/** Downloads what the form makes. */
export async function made(page, button = 'Download') {
  const handed = page.waitForEvent('download');
  await page.locator('.build-preview').getByRole('button', { name: button, exact: true }).click();
  return saved(await handed);
}
