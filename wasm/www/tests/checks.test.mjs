// Ten files in the page: what it finds is what the command line finds, by code, severity, byte range, message and fixes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inBytes, make, report } from './support/cli.mjs';
import { corpus, noCorpus } from './support/places.mjs';
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
  'with PKCS#12': () => corpus('16231bf633-VPN.mobileconfig'),
  binary: () =>
    make(
      'binary.mobileconfig',
      [
        ...['ikev2', '--format', 'binary', '--seed', 'page tests', '--name', 'Büro 🔐', '--server', 'vpn.example.com'],
        ...['--username', 'alice', '--password-file', 'password.txt', '--ike-dh-group', '2', '--allow', 'sa.weak-dh'],
      ],
      { 'password.txt': 'correct horse' },
    ),
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

test('the verdict is on the targets that are chosen', { skip: noCorpus }, async () => {
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
