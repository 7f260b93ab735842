// Ten files in the page: what it finds is what the command line finds, by code, severity, byte range, message and fixes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inBytes, report } from './support/cli.mjs';
import { corpus, noCorpus } from './support/places.mjs';
import { FILES } from './support/files.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { compared, sample } from './support/walks.mjs';
import { jsonOf, openFile, shownProblems, verdict } from './support/page.mjs';

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

test('a finding is listed for the targets that it concerns, whatever its words name', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const text = bytes.toString().replace('<key>RemoteAddress</key>', '<key>EnforceStrictAlgorithmSelection</key><integer>0</integer><key>RemoteAddress</key>');
  await openFile(page, { name: 'new.mobileconfig', bytes: Buffer.from(text) });
  await page.getByText('Other versions and options').click();
  const add = async (system, version) => {
    await page.getByLabel('System', { exact: true }).selectOption(system);
    await page.getByLabel('Version', { exact: true }).fill(version);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
  };
  for (const [system, version] of [['ios', '18.5'], ['ios', '18.0.0'], ['macos', '15'], ['macos', '15.0'], ['ios', '18.5.0']]) await add(system, version);
  await verdict(page);
  const chips = page.getByRole('list', { name: 'Targets', exact: true }).getByRole('listitem');
  assert.deepEqual(await chips.allTextContents(), ['iOS 18.5', 'iOS 18.0', 'macOS 15.0']);
  const listed = async (target) => {
    await page.getByLabel('Problems of').selectOption({ label: target });
    return (await shownProblems(page)).filter(({ code }) => code === 'key.too-new').length;
  };
  assert.deepEqual([await listed('All targets'), await listed('iOS 18.5'), await listed('iOS 18.0'), await listed('macOS 15.0')], [1, 0, 1, 1]);
  // What concerns every target is listed for each.
  assert.ok((await shownProblems(page)).some(({ code }) => code === 'sa.weak-dh'));
  await visit.close();
});

test('a version that no system can have is refused, and every file is still checked', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await sample('weak-ikev2.mobileconfig'));
  await page.getByText('Other versions and options').click();
  const field = page.getByLabel('Version', { exact: true });
  for (const wrong of ['256', '26.999', '26.1.300', '26.', '.1', '1.2.3.4', 'x', '']) {
    await field.fill(wrong);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    assert.equal(await field.getAttribute('aria-invalid'), 'true', wrong);
  }
  assert.equal(await page.getByRole('list', { name: 'Targets', exact: true }).getByRole('listitem').count(), 0);
  await field.fill('255.0.1');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await verdict(page);
  assert.ok((await shownProblems(page)).length > 0);
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
