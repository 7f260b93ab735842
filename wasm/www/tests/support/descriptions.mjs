// Descriptions of one profile of each type, and how each is made in the form.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adit, inFolder, now, validate } from './cli.mjs';
import { chooseType, fillForm } from './page.mjs';
import { AUTHORITY, IDENTITY } from './profiles.mjs';
import { complete, made } from './walks.mjs';

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
export const DESCRIPTIONS = {
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
export const byCommand = (description, folder) =>
  writeFile(join(folder, 'description.json'), JSON.stringify(description)).then(async () => {
    await writeFile(join(folder, 'alice.p12'), await readFile(IDENTITY.path));
    await writeFile(join(folder, 'ca.pem'), await readFile(AUTHORITY.path));
    await adit(['new', '--from', 'description.json', '-o', 'command.mobileconfig'], { cwd: folder });
  });

/** Puts a description into the form, and waits until a profile is made of it. */
export async function describe(page, type, description) {
  await chooseType(page, type);
  if (description.identity) await page.locator('button', { hasText: 'Add an identity' }).evaluate((button) => button.click());
  const all = fields(description);
  // The method decides which other fields there are.
  await fillForm(page, Object.fromEntries([...all].sort(([a], [b]) => Number(b.endsWith('.method')) - Number(a.endsWith('.method')))));
  await complete(page);
}

/** Makes a profile of a description in the form and gives it: it is clean, and the one that `adit new` makes of the same. */
export async function madeAlike(page, type, description) {
  await describe(page, type, description);
  const profile = await made(page);
  assert.equal(profile.name, 'Office.mobileconfig');
  const { diagnostics, verdict } = await validate(profile, now());
  assert.equal(verdict, 'accepted');
  assert.deepEqual(diagnostics.filter(({ code, severity }) => severity !== 'notice' && !MEANT.includes(code)), []);
  await inFolder(async (folder) => {
    await byCommand(description, folder);
    await writeFile(join(folder, 'page.mobileconfig'), profile.bytes);
    await adit(['diff', '--ignore-identity', 'command.mobileconfig', 'page.mobileconfig'], { cwd: folder });
  });
  return profile;
}
