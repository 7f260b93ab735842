// Ten files in the page: what it finds is what the command line finds, by code, severity, byte range, message and fixes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inBytes, report } from './support/cli.mjs';
import { corpus, noCorpus } from './support/places.mjs';
import { binary, withIdentity } from './support/profiles.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { download, jsonOf, openFile, shownProblems } from './support/page.mjs';

/** What is shown of the file, by its kind. */
const FILES = {
  signed: () => corpus('0538b1ff5d-ios.mobileconfig'),
  'a template': () => corpus('2284532723-vpn.mobileconfig.j2'),
  malformed: () => corpus('1b68bac18e-create_vpn_configs.embedded0.mobileconfig'),
  'with text beyond ASCII': () => corpus('30c66b9d78-vpn.mobileconfig'),
  'the largest': () => corpus('944093cf41-my_vpn.mobileconfig'),
  'of IKEv2': () => corpus('406680093f-vpn-profile.mobileconfig'),
  'of IPSec': () => corpus('235d4ec6bf-hk1_3_.mobileconfig'),
  'of an app (VPN)': () => corpus('596417accb-sample.mobileconfig'),
  'with PKCS#12': withIdentity,
  'binary, with text beyond ASCII': binary,
};

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

for (const [kind, file] of Object.entries(FILES)) {
  test(`${kind}: the page says what the command line says`, { skip: noCorpus }, async () => {
    const { name, bytes } = await file();
    const visit = await bench.visit();
    await openFile(visit.page, { name, bytes });
    // All of it: code, severity, byte range, message and fixes of each diagnostic, and what stands around them.
    const { text: said, ...handed } = await jsonOf(visit.page);
    const expected = await report({ name, bytes }, said.at);
    assert.equal(handed.name, name.replace(/\.[^.]*$/, '.json'));
    const { diagnostics } = expected.files[0];
    assert.ok(diagnostics.length > 0, 'there is something to compare');
    assert.deepEqual(inBytes(said), expected);
    // What is on the screen is the same, although it is grouped and sorted.
    const lines = (list) => list.map(({ severity, code, message }) => `${severity} ${code} ${message.replaceAll('`', '')}`).sort();
    assert.deepEqual(lines(await shownProblems(visit.page)), lines(diagnostics));
    await visit.close();
  });
}

test('SARIF is what the command line writes', { skip: noCorpus }, async () => {
  const file = await corpus('406680093f-vpn-profile.mobileconfig');
  const visit = await bench.visit();
  await openFile(visit.page, file);
  const { text } = await jsonOf(visit.page);
  const { bytes } = await download(visit.page, 'Findings as SARIF');
  assert.deepEqual(JSON.parse(bytes), await report(file, text.at, [], 'sarif'));
  await visit.close();
});

test('the verdict is on the targets that are chosen, and on a template as one', { skip: noCorpus }, async () => {
  const visit = await bench.visit();
  const { page } = visit;
  const file = await corpus('2284532723-vpn.mobileconfig.j2');
  await openFile(page, file);
  const options = ['--target', 'ios-15.0', '--target', 'macos-26.0', '--supervised', '--template', '--set', 'SERVER=vpn.example.com'];
  await page.getByText('Other versions and options').click();
  for (const [system, version] of [['ios', '15.0'], ['macos', '26.0']]) {
    await page.getByLabel('System', { exact: true }).selectOption(system);
    await page.getByLabel('Version', { exact: true }).fill(version);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
  }
  await page.getByLabel('Supervised').check();
  await page.getByLabel('A template with variables').check();
  await page.getByLabel('Values of the variables').fill('SERVER=vpn.example.com');
  await page.getByLabel('Values of the variables').blur();
  const { text } = await jsonOf(page);
  assert.deepEqual(inBytes(text), await report(file, text.at, options));
  assert.equal(await page.getByRole('list', { name: 'Verdict per target' }).getByRole('listitem').filter({ hasText: /iOS 15/ }).count(), 1);
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
