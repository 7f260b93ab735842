// Files that are no profiles, or not yet: every view says what they are and where to go from there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { editorText, goTo, openFile, outcome, problems, verdict } from './support/page.mjs';
import { ROOT } from './support/places.mjs';
import { start } from './support/visit.mjs';
import { sample } from './support/walks.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

const DECLARATION = { Type: 'com.apple.configuration.network.vpn.ikev2', Identifier: 'com.example.vpn', Payload: { VisibleName: 'Office', HostName: 'vpn.example.com', LocalIdentifier: 'a', RemoteIdentifier: 'vpn.example.com', Authentication: { Method: 'None' } } };
const headline = (page) => page.locator('.verdict h2').textContent();

test('declarations lead to Convert, which turns them into a profile', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  assert.ok((await page.locator('input[type=file][multiple]').first().getAttribute('accept')).split(',').includes('.json'));
  await openFile(page, { name: 'vpn.json', bytes: Buffer.from(JSON.stringify(DECLARATION)) });
  assert.equal(await headline(page), 'This is JSON, not a profile');
  await goTo(page, 'Explain');
  const main = page.getByRole('main');
  await main.getByText('It looks like declarations').waitFor();
  await main.getByRole('link', { name: 'Convert', exact: true }).click();
  await page.getByRole('region', { name: 'Profile', exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Open in Validate' }).click();
  await verdict(page);
  assert.ok((await editorText(page)).includes('<string>vpn.example.com</string>'));
  await visit.close();
});

test('a template is offered to be read as one, in Explain too, and a brace does not make it JSON', async () => {
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const text = `{% if office %}${bytes.toString().replace('vpn.example.com', '{{ server }}')}{% endif %}`;
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'office.mobileconfig.j2', bytes: Buffer.from(text) });
  assert.notEqual(await headline(page), 'This is JSON, not a profile');
  await goTo(page, 'Convert');
  await page.getByText('This file cannot be read as a profile.').waitFor();
  await goTo(page, 'Explain');
  await page.getByRole('button', { name: 'Read it as a template' }).click();
  await page.getByRole('region', { name: 'The tunnel' }).waitFor();
  // Convert reads it so, too: its variables stay, but for those that have a value.
  await goTo(page, 'Convert');
  const made = page.getByRole('region', { name: /^Declaration / });
  await made.getByText('"HostName": "{{ server }}"').waitFor();
  await goTo(page, 'Validate');
  await page.getByText('Other versions and options').click();
  await page.getByLabel('Values of the variables').fill('server=vpn.example.org');
  await page.getByLabel('Values of the variables').blur();
  await goTo(page, 'Convert');
  await made.getByText('"HostName": "vpn.example.org"').waitFor();
  await visit.close();
});

test('Convert says what is wrong with a file, not that variables are in it', async () => {
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const text = bytes.toString();
  const payloads = [text.indexOf('<array>'), text.lastIndexOf('</array>') + 8];
  const wifi = `<array><dict><key>PayloadType</key><string>com.apple.wifi.managed</string><key>SSID_STR</key><string>%SerialNumber%</string></dict></array>`;
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'wifi.mobileconfig', bytes: Buffer.from(text.slice(0, payloads[0]) + wifi + text.slice(payloads[1])) });
  await goTo(page, 'Convert');
  await page.getByText('the profile holds no VPN').waitFor();
  assert.ok(!(await page.getByRole('main').innerText()).includes('variables'));
  await goTo(page, 'Build');
  await page.getByLabel('Start from a profile').selectOption({ label: 'wifi.mobileconfig' });
  await page.locator('.toast').getByText('cannot be opened in the form: the profile holds no VPN').waitFor();
  await visit.close();
});

test('what else is no profile is called by its name, without words for programmers', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  const p12 = await readFile(join(ROOT, 'core/profile/tests/pkcs12/modern-p256.p12'));
  for (const [name, bytes, title, words] of [
    ['alice.p12', p12, 'This is a PKCS#12 file, not a profile', 'This is a PKCS#12 file, not a profile: a profile carries it'],
    ['notes.mobileconfig', Buffer.from('hello'), 'This profile has errors', 'Not a configuration profile: a profile is an XML'],
  ]) {
    await goTo(page, 'Validate');
    await openFile(page, { name, bytes });
    assert.equal(await headline(page), title);
    for (const view of ['Explain', 'Convert']) {
      await goTo(page, view);
      const main = page.getByRole('main');
      await main.getByText('This file cannot be read as a profile.').waitFor();
      const said = await main.innerText();
      assert.ok(said.toLowerCase().includes(words.toLowerCase()), said);
      assert.ok(!said.includes('`') && !said.includes('check says why'), said);
      await main.getByRole('link', { name: 'Validate' }).waitFor();
    }
  }
  await visit.close();
});

test('on a phone the verdict comes first, with what there is to say of the file', async () => {
  const visit = await bench.visit({ width: 390, height: 844 });
  const { page } = visit;
  await openFile(page, { name: 'empty.mobileconfig', bytes: Buffer.from('') });
  assert.equal(await page.getByRole('textbox', { name: 'Profile as XML' }).isVisible(), true, 'a place to paste into');
  await openFile(page, await sample('signed.mobileconfig'));
  assert.equal(await problems(page).isVisible(), true);
  await page.locator('.findings').getByText(/^Signed by/).waitFor();
  // Who turns to the source stays there.
  await page.getByRole('button', { name: 'Source', exact: true }).click();
  await openFile(page, await sample('weak-ikev2.mobileconfig'));
  assert.equal(await problems(page).isVisible(), false);
  await visit.close();
});

test('a payload that was renamed is one group of changes', async () => {
  const one = await sample('on-demand.mobileconfig');
  const two = { name: 'after.mobileconfig', bytes: Buffer.from(one.bytes.toString().replaceAll('Field staff', 'Everybody').replace('<key>RemoteAddress</key>', '<key>NATKeepAliveInterval</key>\n\t\t\t\t<integer>60</integer>\n\t\t\t\t<key>RemoteAddress</key>')) };
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, one);
  await openFile(page, two);
  await goTo(page, 'Diff');
  await page.locator('.diff-verdict').waitFor();
  const groups = await page.locator('.diff h2').allTextContents();
  assert.deepEqual(groups.filter((title) => title.includes('PayloadContent[1]')).length, 1, groups.join(' | '));
  assert.ok((await page.locator('.change').allTextContents()).some((text) => text.includes('NATKeepAliveInterval')));
  await visit.close();
});
