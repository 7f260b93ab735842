// Ten files in the page: what it finds is what the command line finds, by code, severity, byte range, message and fixes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inBytes, report } from './support/cli.mjs';
import { corpus, noCorpus } from './support/places.mjs';
import { binary, withIdentity } from './support/profiles.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { compared } from './support/walks.mjs';
import { jsonOf, openFile } from './support/page.mjs';

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
    const visit = await bench.visit();
    await compared(visit.page, await file());
    await visit.close();
  });
}

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
  // The page adds what the command line does not print: whether it installs and connects on each.
  const [{ per_target: each, ...one }] = inBytes(text).files;
  const expected = await report(file, text.at, options);
  assert.deepEqual(each.map(({ target }) => target), expected.targets);
  assert.deepEqual({ ...inBytes(text), files: [one] }, expected);
  assert.equal(await page.getByRole('list', { name: 'Verdict per target' }).getByRole('listitem').filter({ hasText: /iOS 15/ }).count(), 1);
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
