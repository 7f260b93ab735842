// One profile of every type from its form: clean, for the command line too, and the one that `adit new` makes of the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adit, inFolder } from './support/cli.mjs';
import { DESCRIPTIONS, byCommand, describe, madeAlike } from './support/descriptions.mjs';
import { chooseType, fillForm, goTo, openFile, verdict } from './support/page.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';
import { complete, made, status } from './support/walks.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

for (const [type, description] of Object.entries(DESCRIPTIONS)) {
  test(`${type}: made in the form, clean, and the same that adit new makes`, async () => {
    const visit = await bench.visit({ view: '#build' });
    const { page } = visit;
    const profile = await madeAlike(page, type, description);
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'page.mobileconfig'), profile.bytes);
      const binary = await made(page, 'As binary');
      assert.equal(binary.bytes.subarray(0, 8).toString(), 'bplist00');
      await writeFile(join(folder, 'binary.mobileconfig'), binary.bytes);
      await adit(['diff', 'page.mobileconfig', 'binary.mobileconfig'], { cwd: folder });
    });
    await visit.close();
  });
}

test('there is a description here for every type that the command line makes', async () => {
  const { types } = JSON.parse(await adit(['new', '--list', '--json']));
  assert.deepEqual(types.map(({ type }) => type).sort(), Object.keys(DESCRIPTIONS).sort());
});

test('on-demand rules are made in the form', async () => {
  const visit = await bench.visit({ view: '#build' });
  const { page } = visit;
  await describe(page, 'globalprotect', DESCRIPTIONS.globalprotect);
  const editor = page.locator('[data-path="on-demand.rules"]');
  await editor.evaluate((element) => {
    for (let at = element; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  });
  const add = editor.getByRole('button', { name: 'Add a rule' });
  await add.click();
  const [first, second] = [0, 1].map((at) => editor.locator('.rule-card').nth(at));
  await first.getByLabel('Action').selectOption('disconnect');
  await first.getByLabel('On interface').selectOption('WiFi');
  await first.getByLabel('In Wi-Fi networks (SSID)').fill('Office, Head Office');
  await add.click();
  await second.getByLabel('Action').selectOption('evaluate-connection');
  await second.getByLabel('Hosts and domains').fill('intranet.example.com');
  await complete(page);
  const rules = [
    { action: 'disconnect', interface: 'WiFi', ssid: ['Office', 'Head Office'] },
    { action: 'evaluate-connection', connections: [{ action: 'connect-if-needed', domains: ['intranet.example.com'] }] },
  ];
  const profile = await made(page);
  await inFolder(async (folder) => {
    await byCommand({ ...DESCRIPTIONS.globalprotect, 'on-demand': { rules } }, folder);
    await writeFile(join(folder, 'page.mobileconfig'), profile.bytes);
    await adit(['diff', '--ignore-identity', 'command.mobileconfig', 'page.mobileconfig'], { cwd: folder });
  });
  await visit.close();
});

test('an existing profile opens in the form and comes out the same', async () => {
  await inFolder(async (folder) => {
    await byCommand(DESCRIPTIONS.ikev2, folder);
    const bytes = await readFile(join(folder, 'command.mobileconfig'));
    const visit = await bench.visit();
    const { page } = visit;
    await openFile(page, { name: 'existing.mobileconfig', bytes });
    await goTo(page, 'Build');
    await page.getByLabel('Start from a profile').selectOption({ label: 'existing.mobileconfig' });
    await page.getByText('existing.mobileconfig is in the form').first().waitFor();
    await complete(page);
    const profile = await made(page);
    await writeFile(join(folder, 'page.mobileconfig'), profile.bytes);
    await adit(['diff', '--ignore-identity', 'command.mobileconfig', 'page.mobileconfig'], { cwd: folder });
    // And back into the first view.
    await page.getByRole('button', { name: 'Open in Validate' }).click();
    await verdict(page);
    await visit.close();
  });
});

test('what is missing and what is wrong is said, and leads to its field', async () => {
  const visit = await bench.visit({ view: '#build' });
  const { page } = visit;
  await chooseType(page, 'ikev2');
  const preview = page.locator('.build-preview');
  await preview.getByRole('button', { name: 'Server' }).click();
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-path]')?.dataset.path), 'vpn.ikev2.server');
  await describe(page, 'ikev2', DESCRIPTIONS.ikev2);
  await fillForm(page, { 'vpn.ikev2.ike.diffie-hellman-group': '2' });
  await until(async () => /warning|error/.test(await status(page)), 'the finding');
  await page.locator('[data-path="vpn.ikev2.ike.diffie-hellman-group"] .field-error').getByText(/group/i).waitFor();
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
