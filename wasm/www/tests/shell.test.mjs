// The ways into the page, what stays after a reload, and the list of problems by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SRC } from './support/places.mjs';
import { editorText, openFile, openFiles, problems, shownProblems, unfold, verdict } from './support/page.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

const sample = async (name) => ({ name, bytes: await readFile(join(SRC, 'samples', name)) });
const openNames = (page) => page.getByRole('list', { name: 'Open files' }).locator('.file-label').allInnerTexts();
const current = (page) => page.getByRole('list', { name: 'Open files' }).locator('[aria-current] .file-label').innerText();

test('files that are dropped anywhere are opened together, the first is shown', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  const files = await Promise.all(['on-demand.mobileconfig', 'signed.mobileconfig'].map(sample));
  const drop = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const [name, bytes] of given) transfer.items.add(new File([Uint8Array.from(bytes)], name));
    return transfer;
  }, files.map(({ name, bytes }) => [name, [...bytes]]));
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: drop });
  await page.getByText('Drop to check').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: drop });
  await until(async () => (await openNames(page)).length === 2, 'two files');
  await verdict(page);
  assert.deepEqual(await openNames(page), files.map(({ name }) => name));
  assert.equal(await current(page), 'on-demand.mobileconfig');
  assert.equal(await page.getByText('Drop to check').isVisible(), false);
  await visit.close();
});

test('a profile that is pasted onto the page is opened; text pasted into a field stays there', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  const text = (await sample('weak-ikev2.mobileconfig')).bytes.toString();
  const paste = (selector) =>
    page.locator(selector).evaluate((element, given) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', given);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }));
    }, text);
  await paste('body');
  await until(async () => (await openNames(page)).length === 1, 'the pasted file');
  await verdict(page);
  assert.equal(await editorText(page), text);
  await page.getByText('Other versions and options').click();
  await paste('#p12-password');
  await verdict(page);
  assert.equal((await openNames(page)).length, 1);
  await visit.close();
});

test('samples open from the empty page; a reload brings everything back but a password; clearing leaves nothing', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await page.getByRole('button', { name: 'An old IKEv2 profile' }).click();
  await verdict(page);
  await page.getByLabel('Open a sample').selectOption({ label: 'A signed profile' });
  await until(async () => (await openNames(page)).length === 2, 'the second sample');
  await page.getByRole('button', { name: /^macOS / }).click();
  await page.getByText('Other versions and options').click();
  await page.getByLabel('Password of a PKCS#12').fill('correct horse');
  await page.getByLabel('Password of a PKCS#12').blur();
  await page.getByRole('button', { name: /^Colours/ }).click();
  await page.getByRole('button', { name: 'weak-ikev2.mobileconfig' }).first().click();
  await page.getByRole('button', { name: /Apply \d+ safe fixes/ }).click();
  await page.locator('.toast').getByText('The safe fixes were applied.').waitFor();
  const mended = await editorText(page);
  await page.reload();
  await verdict(page);
  assert.deepEqual(await openNames(page), ['weak-ikev2.mobileconfig', 'signed.mobileconfig']);
  assert.equal(await editorText(page), mended);
  assert.equal(await page.getByRole('button', { name: /^Remove macOS/ }).count(), 1);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
  assert.equal(await page.locator('#p12-password').inputValue(), '');
  assert.ok(await page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes('weak-ikev2') && !JSON.stringify({ ...sessionStorage }).includes('horse')));
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByRole('button', { name: 'Clear everything' }).click();
  await page.getByRole('heading', { name: 'Check a configuration profile' }).waitFor();
  assert.ok(!(await page.content()).includes('branch2014'));
  await page.reload();
  await page.getByRole('heading', { name: 'Check a configuration profile' }).waitFor();
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [0, 0, '']);
  await visit.close();
});

test('the list is filtered by severity, and F8 goes through what is left, in the list and in the editor', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await sample('weak-ikev2.mobileconfig'));
  const all = await shownProblems(page);
  const filters = page.getByRole('group', { name: 'Show by severity' });
  await filters.getByRole('button', { name: /notice/ }).click();
  await filters.getByRole('button', { name: /warning/ }).click();
  const errors = await shownProblems(page);
  assert.deepEqual(errors, all.filter(({ severity }) => severity === 'error'));
  assert.ok(errors.length > 2);
  const open = () => problems(page).locator('[aria-expanded=true]');
  await problems(page).locator('.problem-button').first().focus();
  const seen = [];
  for (let step = 0; step < errors.length; step++) {
    await page.keyboard.press('F8');
    assert.equal(await open().count(), 1);
    assert.ok(await open().evaluate((button) => button === document.activeElement), 'the focus follows');
    seen.push(await open().getAttribute('data-index'));
  }
  assert.equal(new Set(seen).size, errors.length);
  await page.keyboard.press('F8');
  assert.equal(await open().getAttribute('data-index'), seen[0], 'and begins anew');
  await page.keyboard.press('Shift+F8');
  assert.equal(await open().getAttribute('data-index'), seen.at(-1));
  // From the editor the next one by place.
  await page.getByRole('textbox', { name: 'Profile as XML' }).click({ position: { x: 60, y: 12 } });
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('F8');
  assert.ok(await page.locator('.code-editor').evaluate((host) => host === document.activeElement));
  const first = await open().getAttribute('data-index');
  assert.equal(first, [...seen].sort((a, b) => a - b)[0]);
  await visit.close();
});

test('a verdict is said to screen readers, and hovering shows the rule’s page with its fixes', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await sample('weak-ikev2.mobileconfig'));
  await until(async () => /^weak-ikev2\.mobileconfig: \d+ errors, \d+ warnings, \d+ notices/.test(await page.getByRole('status').first().innerText()), 'the count');
  // The editor draws what is in view: go there by the list.
  await unfold(page, 'value.case');
  await page.locator('.code-editor .finding.error').filter({ hasText: 'medium' }).hover();
  const shown = page.locator('.code-editor .about');
  await shown.getByText('value.case', { exact: true }).waitFor();
  await shown.locator('.about-rule').waitFor();
  await shown.getByRole('button', { name: 'write Medium' }).click();
  await until(async () => (await editorText(page)).includes('<string>Medium</string>'), 'the fix');
  await visit.close();
});

test('several files keep their own edits and history', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFiles(page, await Promise.all(['weak-ikev2.mobileconfig', 'on-demand.mobileconfig'].map(sample)));
  const show = (name) => page.getByRole('list', { name: 'Open files' }).locator('.file-name', { hasText: name }).click();
  await page.getByRole('button', { name: /Apply \d+ safe fixes/ }).click();
  await page.locator('.toast').getByText('The safe fixes were applied.').waitFor();
  const mended = await editorText(page);
  await show('on-demand');
  await verdict(page);
  const other = await editorText(page);
  assert.notEqual(other, mended);
  await show('weak');
  await verdict(page);
  assert.equal(await editorText(page), mended);
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await until(async () => (await editorText(page)) === (await sample('weak-ikev2.mobileconfig')).bytes.toString(), 'what was opened');
  await visit.close();
});

test('F8 goes through findings with one code and one path, and one is unfolded at a time', async () => {
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const text = bytes.toString().replace('<key>PayloadContent</key>', '<key>A</key><true/><key>A</key><true/><key>A</key><true/><key>PayloadContent</key>');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'twice.mobileconfig', bytes: Buffer.from(text) });
  const all = await shownProblems(page);
  assert.equal(all.filter(({ code, message }) => code === 'key.unknown' && /\bA\b/.test(message)).length, 3);
  const open = () => problems(page).locator('[aria-expanded=true]');
  await problems(page).locator('.problem-button').first().focus();
  const seen = new Set();
  for (let step = 0; step < all.length; step++) {
    await page.keyboard.press('F8');
    assert.equal(await open().count(), 1);
    seen.add(await open().getAttribute('data-index'));
  }
  assert.equal(seen.size, all.length);
  await visit.close();
});

test('the focus stays in the notes while the text is edited and checked', async () => {
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'template.mobileconfig', bytes: Buffer.from(bytes.toString().replace('vpn.example.com', '{{ server }}')) });
  const link = page.locator('.source-notes').getByRole('button', { name: 'Check it as a template' });
  await link.focus();
  // What comes without the user: a verdict for another target, and a theme.
  await page.evaluate(() => document.querySelector('.chip.add').click());
  await verdict(page);
  assert.ok(await link.evaluate((button) => button === document.activeElement), 'the focus is where it was');
  await page.getByRole('textbox', { name: 'Profile as XML' }).click({ position: { x: 60, y: 12 } });
  await page.keyboard.press('Control+Home');
  await page.evaluate(() => (window.note_ = document.querySelector('.source-notes button')));
  await page.keyboard.type('<!-- a -->');
  await verdict(page);
  assert.ok(await page.evaluate(() => window.note_.isConnected), 'an edit is no reason to draw it anew');
  await visit.close();
});

test('a text is found where it stands, also after letters that are longer in lower case', async () => {
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'find.mobileconfig', bytes: Buffer.from(bytes.toString().replace('<dict>', '<!-- İİİ (x) --><dict>')) });
  await page.getByRole('textbox', { name: 'Profile as XML' }).click({ position: { x: 60, y: 12 } });
  const field = page.getByRole('searchbox', { name: 'Find in the profile' });
  for (const [wanted, there] of [['OVERRIDEprimary', 'OverridePrimary'], ['(X)', '(x)'], ['i̇i', null], ['[a-z]', null], ['\\', null]]) {
    await page.keyboard.press('Control+f');
    await field.fill(wanted);
    await until(async () => (await page.locator('.find output').textContent()) === (there ? '1 of 1' : 'Not found'), wanted);
    await page.keyboard.press('Escape');
    if (there) assert.equal(await page.evaluate(() => document.querySelector('.code-editor').shadowRoot.getSelection().toString()), there);
  }
  await visit.close();
});

test('a text that is typed letter by letter is found from where one stands', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'find.mobileconfig', bytes: Buffer.from('<!-- ax ab abc abc -->') });
  await page.getByRole('textbox', { name: 'Profile as XML' }).click({ position: { x: 60, y: 12 } });
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+f');
  const said = (words) => until(async () => (await page.locator('.find output').textContent()) === words, words);
  for (const [letter, words] of [['a', '1 of 4'], ['b', '1 of 3'], ['c', '1 of 2'], ['Enter', '2 of 2'], ['Shift+Enter', '1 of 2'], ['Shift+Enter', '2 of 2'], ['Backspace', '3 of 3'], ['Enter', '1 of 3']]) {
    await page.keyboard.press(letter);
    await said(words);
  }
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
