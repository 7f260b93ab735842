// Mending: fixes one by one and all safe ones at once, undo, copies and downloads, and what becomes of a signature.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inBytes, report } from './support/cli.mjs';
import { ROOT, corpus, noCorpus } from './support/places.mjs';
import { binary, withIdentity } from './support/profiles.mjs';
import { download, editorText, jsonOf, openFile, openSample, saved, shownProblems, unfold, verdict } from './support/page.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';
import { mended, sample } from './support/walks.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

const undo = (page) => page.getByRole('button', { name: 'Undo', exact: true }).first();

test('all safe fixes at once give what adit validate --fix gives, as one step to undo', { skip: noCorpus }, async () => {
  const file = await corpus('093bef18f3-testuser1.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  const before = await editorText(page);
  await mended(page, file);
  await undo(page).click();
  await until(async () => (await editorText(page)) === before, 'the text as it was');
  await verdict(page);
  assert.deepEqual((await download(page, 'The profile')).bytes, file.bytes);
  await visit.close();
});

test('one fix changes what it says and nothing else', { skip: noCorpus }, async () => {
  const file = await corpus('093bef18f3-testuser1.mobileconfig');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  const { text } = await jsonOf(page);
  const found = text.files[0].diagnostics.find(({ fixes }) => fixes[0]?.edits);
  const [fix] = found.fixes;
  const item = await unfold(page, found.code);
  const before = await editorText(page);
  await item.getByRole('button', { name: fix.title }).click();
  await until(async () => (await editorText(page)) !== before, 'mended text');
  let expected = file.bytes;
  for (const { byte_start: from, byte_end: to, text: put } of [...fix.edits].sort((a, b) => b.byte_start - a.byte_start)) {
    expected = Buffer.concat([expected.subarray(0, from), Buffer.from(put), expected.subarray(to)]);
  }
  await verdict(page);
  assert.equal((await download(page, 'The profile')).bytes.toString(), expected.toString());
  const { text: after } = await jsonOf(page);
  assert.deepEqual(inBytes(after), await report({ ...file, bytes: expected }, after.at));
  await visit.close();
});

test('a binary profile stays binary when it has been mended', async () => {
  const file = await binary();
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  const { text } = await jsonOf(page);
  const weak = text.files[0].diagnostics.find(({ code, fixes }) => code === 'sa.weak-dh' && fixes.length > 0);
  const before = await editorText(page);
  await (await unfold(page, weak.code)).getByRole('button', { name: weak.fixes[0].title }).click();
  await until(async () => (await editorText(page)) !== before, 'mended text');
  await verdict(page);
  const taken = await download(page, 'The profile');
  assert.equal(taken.bytes.subarray(0, 8).toString(), 'bplist00');
  const after = (await report({ ...file, bytes: taken.bytes }, text.at)).files[0];
  assert.equal(after.format.kind, 'binary');
  assert.deepEqual(after.diagnostics.filter(({ code }) => code === 'sa.weak-dh'), []);
  await visit.close();
});

test('a signed profile: the verdict on its signature, and a warning before the signature is lost', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openSample(page, 'A signed profile');
  const source = page.getByRole('region', { name: 'Source' });
  await source.getByText('Signed', { exact: true }).waitFor();
  const untouched = await download(page, 'The profile');
  const before = await editorText(page);
  assert.ok(before.startsWith('<?xml'), 'shown as XML');
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('<!-- edited -->');
  await verdict(page);
  const dialog = page.getByRole('dialog', { name: /signature/i });
  await page.getByLabel('Download', { exact: true }).selectOption({ label: 'The profile' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByLabel('Download', { exact: true }).selectOption({ label: 'The profile' });
  const handed = page.waitForEvent('download');
  await dialog.getByRole('button', { name: /Download unsigned/ }).click();
  const taken = await saved(await handed);
  assert.equal(taken.bytes.toString(), `${before}<!-- edited -->`);
  assert.notEqual(untouched.bytes[0], taken.bytes[0], 'what was not touched is still signed');
  await visit.close();
});

test('a fix that moves a secret moves it as it is, and only the one that was chosen', async () => {
  const secret = 'k7Qm2vX9tR4wZ8pL3nB6';
  const { name, bytes } = await sample('weak-ikev2.mobileconfig');
  // Two payloads with the shared secret beside the dictionary it belongs into.
  const [head, payload, tail] = bytes.toString().replace('branch2014', secret).split(/(?<=<array>\n)([\s\S]*?<\/dict>\n)(?=\t<\/array>)/);
  const beside = payload.replace(/\t*<key>SharedSecret<\/key>\n\t*<string>.*<\/string>\n/, '').replace('<key>VPNType</key>', `<key>SharedSecret</key>\n\t\t\t<string>${secret}</string>\n\t\t\t<key>VPNType</key>`);
  const text = `${head}${beside}${beside}${tail}`;
  const secrets = (given) => given.split(secret).length - 1;
  assert.equal(secrets(text), 2);
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name, bytes: Buffer.from(text) });
  const misplaced = async () => (await shownProblems(page)).filter(({ code, message }) => code === 'key.misplaced' && message.startsWith('SharedSecret')).length;
  assert.equal(await misplaced(), 2);
  const item = await unfold(page, 'key.misplaced');
  await item.getByRole('button', { name: /^move it into PayloadContent\[0\]\.IKEv2/i }).click();
  await until(async () => (await editorText(page)) !== text, 'mended text');
  assert.equal(await misplaced(), 1, 'the other one stays for its own button');
  const mended = await editorText(page);
  assert.equal(secrets(mended), 2);
  // Nothing of what masks secrets elsewhere comes into a file.
  assert.ok(!/\*|•|KioqKio/.test(mended), mended);
  const moved = mended.indexOf(secret);
  assert.ok(moved > mended.indexOf('<key>IKEv2</key>') && moved < mended.indexOf('</array>'), 'inside now');
  assert.ok((await download(page, 'The profile')).bytes.toString() === mended);
  await undo(page).click();
  await until(async () => (await editorText(page)) === text, 'the text as it was');
  await visit.close();
});

test('a password that is typed opens the identity of a profile', async () => {
  const file = await withIdentity();
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  const codes = async () => (await shownProblems(page)).map(({ code }) => code);
  const before = await codes();
  assert.ok(before.includes('cert.p12-no-password'), before.join(' '));
  await page.getByRole('button', { name: 'Type the password of the PKCS#12' }).click();
  const field = page.getByLabel('Password of a PKCS#12');
  // What the identity holds is judged only when it is open.
  const inside = 'ikev2.certtype-default-rsa';
  const line = page.locator('.locked');
  const said = page.getByRole('status').first();
  for (const [typed, opens, words] of [['wrong', false, 'The password does not open the PKCS#12.'], ['secret', true, 'The password opens the PKCS#12']]) {
    await field.fill(typed);
    await field.press('Enter');
    await until(async () => (await codes()).includes(inside) === opens, `the verdict with the password ${typed}`);
    await line.getByText(words).waitFor();
    await until(async () => (await said.textContent()).includes(words), 'that it is said to screen readers');
    assert.equal(await field.getAttribute('aria-invalid'), String(!opens));
    assert.equal(await page.locator('#p12-error').isVisible(), !opens);
  }
  // What the report hands out is the command line's, which knows no typed password.
  assert.ok(!('locked' in (await jsonOf(page)).text.files[0]));
  await field.fill('');
  await field.press('Enter');
  await line.getByRole('button', { name: 'Type the password of the PKCS#12' }).waitFor();
  // A password that the profile has itself is not the typed one's affair.
  const other = { name: 'own.mobileconfig', bytes: Buffer.from(file.bytes.toString().replace('<key>PayloadContent</key>\n\t\t\t<data>', '<key>Password</key>\n\t\t\t<string>other</string>\n\t\t\t<key>PayloadContent</key>\n\t\t\t<data>')) };
  await openFile(page, other);
  assert.ok((await codes()).includes('cert.p12-password'));
  assert.equal(await line.isVisible(), false);
  await visit.close();
});

/** A profile with PKCS#12 files of adit-profile's tests, none of which says its password, before its other payloads. */
async function withFiles(...names) {
  const { bytes } = await withIdentity();
  const folder = join(ROOT, 'core/profile/tests/pkcs12');
  const payloads = await Promise.all(names.map(async (name) => `<dict><key>PayloadType</key><string>com.apple.security.pkcs12</string><key>PayloadDisplayName</key><string>${name}</string><key>PayloadContent</key><data>${(await readFile(join(folder, name))).toString('base64')}</data></dict>`));
  const text = bytes.toString();
  const at = text.indexOf('<key>PayloadType</key>\n\t\t\t<string>com.apple.security.pkcs12');
  const [start, end] = [text.lastIndexOf('\t\t<dict>', at), text.indexOf('\t\t</dict>\n', at) + '\t\t</dict>\n'.length];
  return { name: 'files.mobileconfig', bytes: Buffer.from(text.slice(0, start) + payloads.join('\n') + text.slice(end)) };
}

/** Types a password; waits for the verdict with it. */
async function type(page, password) {
  const field = page.getByLabel('Password of a PKCS#12');
  await field.fill(password);
  await field.press('Enter');
  await verdict(page);
}

test('a PKCS#12 that no password opens is not called open', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await withFiles('pbe-rc4.p12'));
  await page.getByRole('button', { name: 'Type the password of the PKCS#12' }).click();
  await type(page, 'secret');
  const line = page.locator('.locked');
  await line.getByText('No identity could be read from the PKCS#12: the problems say why.').waitFor();
  assert.ok(!/opens/.test(await line.innerText()));
  assert.equal(await page.locator('#p12-error').isVisible(), false);
  assert.ok((await shownProblems(page)).some(({ code }) => code === 'cert.p12-unreadable'));
  await visit.close();
});

test('of several PKCS#12 files each is told by its payload', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await withFiles('modern-p256.p12', 'unicode-password.p12', 'pbe-rc4.p12'));
  await page.getByRole('button', { name: 'Type the password of the PKCS#12' }).click();
  await type(page, 'secret');
  const lines = () => page.locator('.locked p').allTextContents();
  await until(async () => (await lines()).length === 3, 'a line for each');
  const [first] = (await lines())[2].match(/\d+/);
  const name = (more) => `PayloadContent[${Number(first) + more}]`;
  assert.deepEqual(await lines(), [
    `The password does not open ${name(1)}. Type another`,
    `No identity could be read from ${name(2)}: the problems say why.`,
    `The password opens ${name(0)}: what is in it was judged too.`,
  ]);
  await page.locator('.locked').getByRole('button', { name: name(2) }).click();
  assert.match(await page.locator('.problem.open').innerText(), /cert\.p12-unreadable/);
  await visit.close();
});

test('a second wrong password is said to screen readers as the first was', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await withIdentity());
  await page.getByRole('button', { name: 'Type the password of the PKCS#12' }).click();
  await page.evaluate(() => {
    window.said_ = [];
    new MutationObserver(() => window.said_.push(document.querySelector('[role=status]').textContent)).observe(document.querySelector('[role=status]'), { childList: true, characterData: true, subtree: true });
  });
  const said = () => page.evaluate(() => window.said_.filter((text) => text.startsWith('The password does not open')).length);
  await type(page, 'wrong');
  await until(async () => (await said()) === 1, 'the first');
  await type(page, 'wrong again');
  await until(async () => (await said()) === 2, 'the second');
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
