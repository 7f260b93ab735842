// What the page hands out about a file: SARIF as the command line writes it, and a finding as text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { report } from './support/cli.mjs';
import { SRC, corpus, noCorpus } from './support/places.mjs';
import { binary } from './support/profiles.mjs';
import { download, jsonOf, openFile, problems, unfold, verdict } from './support/page.mjs';
import { start } from './support/visit.mjs';
import { until } from './support/wait.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

const sample = async (name) => ({ name, bytes: await readFile(join(SRC, 'samples', name)) });

const FILES = {
  'with fixes': () => sample('weak-ikev2.mobileconfig'),
  signed: () => sample('signed.mobileconfig'),
  'that is binary': binary,
  'with CRLF and beyond ASCII': async () => {
    const { bytes } = await sample('weak-ikev2.mobileconfig');
    return { name: "it's (100%) ours.mobileconfig", bytes: Buffer.from(bytes.toString().replace('Branch', 'Büro 🔐').replaceAll('\n', '\r\n')) };
  },
  'in UTF-16': async () => {
    const { name, bytes } = await sample('weak-ikev2.mobileconfig');
    return { name, bytes: Buffer.from(`\ufeff${bytes.toString().replace('Branch', 'Büro 🔐').replace('UTF-8', 'UTF-16')}`, 'utf16le') };
  },
  'that is no profile': async () => ({ name: 'notes.mobileconfig', bytes: Buffer.from('hello\n') }),
  'that breaks off': async () => {
    const { name, bytes } = await sample('weak-ikev2.mobileconfig');
    return { name, bytes: bytes.subarray(0, 2000) };
  },
  'of the corpus, beyond ASCII': async () => ({ ...(await corpus('30c66b9d78-vpn.mobileconfig')), name: 'Büro VPN.mobileconfig' }),
};

for (const [kind, file] of Object.entries(FILES)) {
  test(`SARIF of a file ${kind} is that of the command line`, { skip: kind.includes('corpus') && noCorpus }, async () => {
    const { name, bytes } = await file();
    const visit = await bench.visit();
    await openFile(visit.page, { name, bytes });
    await visit.page.getByRole('button', { name: /^iOS / }).click();
    const { at, targets } = (await jsonOf(visit.page)).text;
    assert.equal(targets.length, 1);
    // The rules' pages come after the first verdict.
    await until(async () => JSON.parse((await download(visit.page, 'Findings as SARIF')).bytes).runs[0].tool.driver.rules.every(({ help }) => help), 'the rules’ pages');
    const log = JSON.parse((await download(visit.page, 'Findings as SARIF')).bytes);
    const target = `${targets[0].platform}-${targets[0].version}`;
    const expected = await report({ name, bytes }, at, ['--target', target], 'sarif');
    assert.ok(log.runs[0].results.length > 0);
    assert.deepEqual(log, expected);
    await visit.close();
  });
}

test('SARIF of a file that was mended in the page is that of the mended file', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, await sample('weak-ikev2.mobileconfig'));
  await page.getByRole('button', { name: /^Apply (\d+ )?safe fix/ }).click();
  await page.locator('.toast').getByText('The safe fixes were applied.').waitFor();
  const { at } = (await jsonOf(page)).text;
  await until(async () => JSON.parse((await download(page, 'Findings as SARIF')).bytes).runs[0].tool.driver.rules.every(({ help }) => help), 'the rules’ pages');
  const file = await download(page, 'The profile');
  assert.deepEqual(JSON.parse((await download(page, 'Findings as SARIF')).bytes), await report(file, at, [], 'sarif'));
  await visit.close();
});

test('a finding is shared as text that names the file, the place and the rule, and no secret', async () => {
  const visit = await bench.visit();
  await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const file = await sample('weak-ikev2.mobileconfig');
  await openFile(visit.page, file);
  await verdict(visit.page);
  const item = await unfold(visit.page, 'ikev2.psk-weak');
  await item.getByRole('button', { name: 'Share as text' }).click();
  const text = await until(() => visit.page.evaluate(() => navigator.clipboard.readText()), 'the text');
  assert.match(text, /^warning: SharedSecret is shorter than 20 characters \[ikev2\.psk-weak\]\nin weak-ikev2\.mobileconfig, at PayloadContent\[0\]\.IKEv2\.SharedSecret, line 43, column 5\n/);
  const secret = 'branch2014';
  assert.ok(file.bytes.includes(secret) && !text.includes(secret));
  assert.ok(!(await problems(visit.page).innerText()).includes(secret));
  await visit.close();
});
