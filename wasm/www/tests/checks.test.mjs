// Ten files in the page: what it finds is what the command line finds, by code, severity, byte range, message and fixes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { essence, make, validate } from './support/cli.mjs';
import { ROOT, corpus, noCorpus } from './support/places.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { openFile, openFiles, reportOf, shownProblems } from './support/page.mjs';

const NEW = join(ROOT, 'cli/tests/new');

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
    make('binary.mobileconfig', [
      ...['ikev2', '--format', 'binary', '--seed', 'page tests', '--name', 'Büro 🔐', '--server', 'vpn.example.com'],
      ...['--username', 'alice', '--password-file', join(NEW, 'password.txt'), '--ike-dh-group', '2', '--allow', 'sa'],
    ]),
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
    const { at, file: said } = await reportOf(visit.page);
    const expected = await validate({ name, bytes }, at);
    assert.deepEqual(essence(said.diagnostics), essence(expected.diagnostics));
    for (const member of ['verdict', 'format', 'suppressed', 'ignored_by_comment']) assert.deepEqual(said[member], expected[member], member);
    // What is on the screen is the same, although it is grouped.
    const lines = (diagnostics) => diagnostics.map(({ severity, code, message }) => `${severity} ${code} ${message.replaceAll('`', '')}`).sort();
    assert.deepEqual(lines(await shownProblems(visit.page)), lines(expected.diagnostics));
    await visit.close();
  });
}
