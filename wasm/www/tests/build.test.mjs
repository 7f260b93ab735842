// One profile of every type from its form: clean, for the command line too, and the one that `adit new` makes of the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adit, inFolder, now, validate } from './support/cli.mjs';
import { chooseType, fillForm, goTo, openFile, verdict } from './support/page.mjs';
import { AUTHORITY, IDENTITY } from './support/profiles.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';
import { complete, made, status } from './support/walks.mjs';

const server = 'vpn.example.com';
const name = 'Office';
const secret = 'k7Qm2vX9tR4wZ8pL3nB6';
const password = 'correct horse battery';
const algorithms = { encryption: 'AES-256-GCM', 'diffie-hellman-group': 20 };
const byPassword = { method: 'password', password };
const file = (path) => ({ file: path });
const user = { pkcs12: { content: file('alice.p12'), password: IDENTITY.password } };
const certificates = [{ content: file('ca.pem') }];

/** For each type a description as `adit new --from` takes it; `with` is chosen at the certificates. */
const DESCRIPTIONS = {
  ikev2: {
    profile: { name, identifier: 'com.example.office', organization: 'Example Inc.' },
    vpn: {
      ikev2: {
        server,
        'certificate-type': 'ECDSA256',
        pfs: true,
        authentication: { method: 'eap', name: 'alice', password },
        ike: { ...algorithms, integrity: 'SHA2-384' },
        child: algorithms,
      },
    },
    certificates,
  },
  'always-on': {
    profile: { name, scope: 'System' },
    vpn: { 'always-on': { tunnel: { server, 'local-identifier': 'device@example.com', authentication: { method: 'certificate' } } } },
    identity: { user },
    certificates,
  },
  ipsec: { profile: { name }, vpn: { ipsec: { server, account: 'alice', password, authentication: { method: 'shared-secret', group: 'staff', secret } } } },
  'cisco-anyconnect': { profile: { name }, vpn: { 'cisco-anyconnect': { server, account: '$USERID$', group: 'staff', 'provider-type': 'packet-tunnel', authentication: { method: 'certificate' } } }, identity: { user } },
  'juniper-ssl': { profile: { name }, vpn: { 'juniper-ssl': { server, account: 'alice', realm: 'Users', role: 'Staff', subtype: 'pulse', authentication: byPassword } } },
  netmotion: { profile: { name }, vpn: { netmotion: { server, account: 'alice', subtype: 'macos', authentication: byPassword } } },
  'f5-ssl': { profile: { name }, vpn: { 'f5-ssl': { server: 'https://vpn.example.com', subtype: 'ios', 'provider-type': 'packet-tunnel', authentication: { method: 'certificate' } } }, identity: { user } },
  'sonicwall-mobile-connect': { profile: { name }, vpn: { 'sonicwall-mobile-connect': { server, account: 'alice', 'login-group-or-domain': 'LocalDomain', authentication: byPassword } } },
  'aruba-via': { profile: { name }, vpn: { 'aruba-via': { server, authentication: { method: 'certificate' } } }, identity: { user } },
  'custom-ssl': { profile: { name }, vpn: { 'custom-ssl': { server, identifier: 'com.example.vpn', account: 'alice', authentication: byPassword } } },
  globalprotect: { profile: { name }, vpn: { globalprotect: { server, account: 'alice', authentication: byPassword } } },
};

/** What a profile with a password in it has to be told; nobody can do without. */
const MEANT = ['secret.plaintext'];

/** The description's fields by their path, as they are put into the form. */
function fields(tree, path = '') {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    if (key === 'certificates') return [[here, { files: [AUTHORITY.path] }]];
    if (value?.file) return [[here, { files: [IDENTITY.path] }]];
    if (typeof value === 'object') return fields(value, here);
    return [[here, String(value)]];
  });
}

/** What `adit new` makes of a description. */
const byCommand = (description, folder) =>
  writeFile(join(folder, 'description.json'), JSON.stringify(description)).then(async () => {
    await writeFile(join(folder, 'alice.p12'), await readFile(IDENTITY.path));
    await writeFile(join(folder, 'ca.pem'), await readFile(AUTHORITY.path));
    await adit(['new', '--from', 'description.json', '-o', 'command.mobileconfig'], { cwd: folder });
  });

/** Puts a description into the form, and waits until a profile is made of it. */
async function describe(page, type, description) {
  await chooseType(page, type);
  if (description.identity) await page.locator('button', { hasText: 'Add an identity' }).evaluate((button) => button.click());
  const all = fields(description);
  // The method decides which other fields there are.
  await fillForm(page, Object.fromEntries([...all].sort(([a], [b]) => Number(b.endsWith('.method')) - Number(a.endsWith('.method')))));
  await complete(page);
}

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

for (const [type, description] of Object.entries(DESCRIPTIONS)) {
  test(`${type}: made in the form, clean, and the same that adit new makes`, async () => {
    const visit = await bench.visit({ view: '#build' });
    const { page } = visit;
    await describe(page, type, description);
    const profile = await made(page);
    assert.equal(profile.name, 'Office.mobileconfig');
    const { diagnostics, verdict: said } = await validate(profile, now());
    assert.equal(said, 'accepted');
    assert.deepEqual(diagnostics.filter(({ code, severity }) => severity !== 'notice' && !MEANT.includes(code)), []);
    await inFolder(async (folder) => {
      await byCommand(description, folder);
      await writeFile(join(folder, 'page.mobileconfig'), profile.bytes);
      await adit(['diff', '--ignore-identity', 'command.mobileconfig', 'page.mobileconfig'], { cwd: folder });
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
