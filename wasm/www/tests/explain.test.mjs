// The simulator of on-demand rules, the summary, the comparison with a server, the conversions, the differences: beside
// what the command line says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adit, inFolder } from './support/cli.mjs';
import { goTo, openFile, openFiles, outcome, saved, verdict } from './support/page.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';
import { sample, simulated } from './support/walks.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

/** What the command line prints as JSON of files. */
const said = (files, args, codes = [0, 1]) =>
  inFolder(async (folder) => {
    for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
    return JSON.parse(await adit(args, { cwd: folder, codes }));
  });

const bare = (text) => text.replaceAll('`', '');

test('the simulator says what adit ondemand says, rule by rule', async () => {
  const visit = await bench.visit();
  await simulated(visit.page);
  await visit.close();
});

test('the summary holds every sentence of adit explain, the proposals every algorithm', async () => {
  const file = await sample('on-demand.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  await goTo(page, 'Explain');
  const words = page.getByRole('region', { name: 'In plain words' });
  await words.waitFor();
  const [vpn] = (await said([file], ['explain', '--json', file.name])).vpns;
  const shown = await words.getByRole('listitem').allTextContents();
  const parts = vpn.parts.filter(({ title }) => title !== 'What is proposed on the wire');
  assert.deepEqual(shown, parts.flatMap(({ lines }) => lines.map(bare)));
  const proposals = await page.getByRole('region', { name: 'The exact proposals' }).textContent();
  for (const name of ['AES', '256', '384']) assert.ok(proposals.includes(name), `${name} in ${proposals}`);
  assert.ok((await page.getByRole('region', { name: 'The tunnel' }).getByRole('img').count()) > 0, 'a picture with a name');
  await visit.close();
});

test('the comparison with a server says what adit explain --server says', async () => {
  const file = await sample('on-demand.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  await goTo(page, 'Explain');
  const server = page.getByRole('region', { name: 'Compare with a strongSwan server' });
  await server.getByRole('button', { name: 'Insert an example' }).click();
  await server.getByText('Profile and server agree.').waitFor();
  // What an older server may have: they no longer agree.
  const text = server.getByLabel('swanctl.conf');
  await text.fill((await text.inputValue()).replace(/\bproposals = \S+/, 'proposals = aes256-sha256-modp2048').replace('eap-mschapv2', 'eap-tls'));
  await server.getByText('Profile and server do not agree.').waitFor();
  const swanctl = { name: 'swanctl.conf', bytes: await text.inputValue() };
  const { connections } = await said([file, swanctl], ['explain', '--json', file.name, '--server', swanctl.name]);
  const shown = await server.locator('.difference > p:nth-child(2)').allTextContents();
  assert.ok(shown.length > 0, 'there are differences');
  assert.deepEqual(shown, connections.flatMap(({ differences }) => differences.map(({ message }) => bare(message))));
  await visit.close();
});

test('a template is simulated and compared as one, with its values', async () => {
  const { bytes } = await sample('on-demand.mobileconfig');
  const text = bytes.toString().replace(/<key>OnDemandEnabled<\/key>\s*<integer>1/, '<key>OnDemandEnabled</key><integer>{{ ON }}').replaceAll('vpn.example.com', '{{ SERVER }}').replace('<dict>', '{% if ON %}<dict>{% endif %}');
  assert.ok(text.includes('{{ ON }}') && text.includes('{{ SERVER }}'));
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'template.mobileconfig', bytes: Buffer.from(text) });
  await page.locator('.source-notes').getByRole('button', { name: 'Check it as a template' }).click();
  await verdict(page);
  await goTo(page, 'Explain');
  await outcome(page).waitFor();
  const server = page.getByRole('region', { name: 'Compare with a strongSwan server' });
  await server.getByRole('button', { name: 'Insert an example' }).click();
  await server.getByRole('article').first().waitFor();
  await goTo(page, 'Validate');
  await page.getByText('Other versions and options').click();
  await page.getByLabel('Values of the variables').fill('SERVER=vpn.example.com\nON=1');
  await page.getByLabel('Values of the variables').blur();
  await verdict(page);
  await goTo(page, 'Explain');
  await server.getByText('Profile and server agree.').waitFor();
  await until(async () => /Connect|Disconnect/.test(await outcome(page).textContent()), 'a decision');
  await visit.close();
});

test('declarations, properties of the API and back are what adit convert writes', async () => {
  const file = await sample('on-demand.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  await goTo(page, 'Convert');
  const box = page.getByRole('region', { name: /^Declaration / }).first();
  await box.waitFor();
  const [shown] = await page.getByRole('region', { name: /^Declaration / }).allTextContents();
  const { declarations } = await said([file], ['convert', '--to', 'declarations', '--json', file.name]);
  assert.deepEqual(JSON.parse(shown), declarations[0]);
  await page.getByRole('radio', { name: /Properties of the API/ }).check();
  const api = page.getByRole('region', { name: /^Properties of/ });
  await api.waitFor();
  const { vpns } = await said([file], ['convert', '--to', 'api', '--json', file.name]);
  assert.deepEqual(JSON.parse(await api.textContent()), vpns[0].settings);
  await visit.close();
});

test('the differences of two profiles are those of adit diff', async () => {
  const files = [await sample('office-ikev2.mobileconfig'), await sample('on-demand.mobileconfig')];
  const visit = await bench.visit();
  const { page } = visit;
  await openFiles(page, files);
  await goTo(page, 'Diff');
  await page.getByLabel('Before', { exact: true }).selectOption({ label: files[0].name });
  await page.getByLabel('After', { exact: true }).selectOption({ label: files[1].name });
  const button = page.getByRole('button', { name: 'Download as JSON' });
  await button.waitFor();
  const handed = page.waitForEvent('download');
  await button.click();
  const { changes } = JSON.parse((await saved(await handed)).bytes);
  const expected = await said(files, ['diff', '--json', files[0].name, files[1].name]);
  assert.deepEqual(changes, expected.changes);
  assert.equal(await page.locator('.change').count(), changes.length);
  const shown = await page.locator('.diff').textContent();
  assert.ok(!shown.includes('correct horse'), 'no secret is shown');
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
