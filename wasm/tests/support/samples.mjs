// Files that have what the corpus has not: every container, every encoding, every state of a signature. The CMS and PKCS#12
// files are those of adit-profile's own tests.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../../package/node.js';
import { ROOT } from './places.mjs';

const encoder = new TextEncoder();
const read = (folder, name) => new Uint8Array(readFileSync(join(ROOT, folder, name)));
const CMS = 'core/profile/tests/cms';

const plist = (inside, encoding = 'UTF-8') =>
  `<?xml version="1.0" encoding="${encoding}"?>\n<plist version="1.0">\n<dict>\n${inside}\n</dict>\n</plist>\n`;

/** An entry of a dictionary. */
export const entry = (key, value) => {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return `<key>${key}</key><${value}/>`;
  if (typeof value === 'number') return `<key>${key}</key><integer>${value}</integer>`;
  if (Array.isArray(value)) return `<key>${key}</key>${array(value)}`;
  if (typeof value === 'object') return `<key>${key}</key>${dict(value)}`;
  return `<key>${key}</key><string>${value}</string>`;
};
const dict = (entries) => `<dict>${Object.entries(entries).map(([key, value]) => entry(key, value)).join('\n')}</dict>`;
const array = (items) =>
  `<array>${items.map((item) => (typeof item === 'object' ? dict(item) : `<string>${item}</string>`)).join('')}</array>`;

/** A profile with payloads, each an object of its keys; what every payload needs is added. */
export function profile(payloads, more = {}) {
  const content = payloads.map((payload, index) => ({
    PayloadType: 'com.apple.vpn.managed',
    PayloadVersion: 1,
    PayloadIdentifier: `com.example.profile.${index}`,
    PayloadUUID: `7D2B9C10-0000-4000-8000-00000000000${index}`,
    PayloadDisplayName: `VPN ${index}`,
    UserDefinedName: `VPN ${index}`,
    ...payload,
  }));
  return plist(
    Object.entries({
      PayloadType: 'Configuration',
      PayloadVersion: 1,
      PayloadIdentifier: 'com.example.profile',
      PayloadUUID: '7D2B9C10-1111-4000-8000-000000000000',
      PayloadDisplayName: 'Example',
      PayloadContent: content,
      ...more,
    }).map(([key, value]) => entry(key, value)).join('\n'),
  );
}

/** An IKEv2 payload. */
export const ikev2 = (settings = {}, more = {}) => ({
  VPNType: 'IKEv2',
  IKEv2: {
    RemoteAddress: 'vpn.example.com',
    RemoteIdentifier: 'vpn.example.com',
    LocalIdentifier: 'alice@example.com',
    AuthenticationMethod: 'SharedSecret',
    SharedSecret: 'correct horse battery staple',
    ...settings,
  },
  ...more,
});

/** Text as UTF-16 or UTF-32 with a byte order mark. */
function wide(text, width, bigEndian) {
  const codes = width === 2 ? Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)) : [...text].map((one) => one.codePointAt(0));
  const bytes = new Uint8Array((codes.length + 1) * width);
  const view = new DataView(bytes.buffer);
  [0xfeff, ...codes].forEach((code, at) => {
    if (width === 2) view.setUint16(at * 2, code, !bigEndian);
    else view.setUint32(at * 4, code, !bigEndian);
  });
  return bytes;
}

const latin = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Files as { name, bytes }: containers, encodings, signatures. */
export function containers() {
  const small = (encoding) => plist('<key>PayloadType</key><string>Configuration</string><key>PayloadContent</key><array/>', encoding);
  const files = {
    'utf-8 with a mark': new Uint8Array([0xef, 0xbb, 0xbf, ...encoder.encode(small('UTF-8'))]),
    'utf-16 little': wide(small('UTF-16'), 2, false),
    'utf-16 big': wide(small('UTF-16'), 2, true),
    'utf-32 little': wide(small('UTF-32'), 4, false),
    'utf-32 big': wide(small('UTF-32'), 4, true),
    'latin 1': latin(`${small('ISO-8859-1')}<!-- \xe9 -->`),
    'windows 1252': latin(`${small('windows-1252')}<!-- \x80 -->`),
    'another of the ASCII family': latin(small('ISO-8859-15')),
    'an encoding that nobody knows': latin(small('x-no-such-encoding')),
    binary: encode(small('UTF-8'), 'binary'),
    'a certificate in PEM': read(CMS, 'certificate.pem'),
    'a certificate in DER': read(CMS, 'certificate.der'),
    'PKCS#12': read('core/profile/tests/pkcs12', 'modern-p256.p12'),
    nothing: encoder.encode('no profile'),
    empty: new Uint8Array(),
    'the binary profile of the benches': read('benches/profile', 'eap-binary.mobileconfig'),
    'a broken binary list': new Uint8Array([...encoder.encode('bplist00'), 1, 2, 3]),
  };
  for (const name of readdirSync(join(ROOT, CMS))) {
    if (/\.(cms|pem)$/.test(name)) files[name] = read(CMS, name);
  }
  // A signature that was altered, and one whose certificate was.
  const altered = (name, find, to) => {
    const bytes = Buffer.from(read(CMS, name));
    const at = bytes.indexOf(find);
    if (at < 0) throw new Error(`${name} has no ${find}`);
    bytes.write(to, at, 'latin1');
    return new Uint8Array(bytes);
  };
  const last = read(CMS, 'rsa-noattr.cms');
  last[last.length - 1] ^= 1;
  files['an altered signature'] = last;
  files['an altered content'] = altered('rsa-sha256.cms', 'example', 'axample');
  files['a certificate without times'] = altered('rsa-sha256.cms', Buffer.from([0x17, 0x0d]), '\x13');
  files['an altered certificate'] = altered('rsa-sha256.cms', Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02]), '\xa0\x03\x02\x01\x02\x7f');
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
}

/** A template that asks for values. */
export const template = profile([ikev2({ RemoteAddress: '{{NAME}}', RemoteIdentifier: '{{MISSING}}' })]);

/** Profiles with what the corpus has not: kinds of VPN, and what pictures show. */
export function profiles() {
  const eap = { AuthenticationMethod: 'Certificate', ExtendedAuthEnabled: 1, AuthName: 'alice', SharedSecret: '' };
  const association = (more) => ({ EncryptionAlgorithm: 'AES-256-GCM', IntegrityAlgorithm: 'SHA2-384', DiffieHellmanGroup: 20, ...more });
  const other = (kind, settings, more = {}) => ({ VPNType: kind, [kind]: settings, ...more });
  const all = {
    'several of each kind': profile([
      ikev2(),
      ikev2(eap),
      other('IPSec', { RemoteAddress: 'a', AuthenticationMethod: 'SharedSecret', XAuthEnabled: 1, XAuthName: 'x', PromptForVPNPIN: true }),
      other('IPSec', { RemoteAddress: 'a', AuthenticationMethod: 'Certificate', PromptForVPNPIN: true, PayloadCertificateUUID: 'X' }),
      { VPNType: 'L2TP', IPSec: { AuthenticationMethod: 'SharedSecret' }, PPP: { CommRemoteAddress: 'b', AuthName: 'c' } },
      { VPNType: 'PPTP', PPP: { CommRemoteAddress: 'b' } },
      other('VPN', { RemoteAddress: 'c', AuthenticationMethod: 'Password+Certificate' }, { VPNSubType: 'com.example.app' }),
      other('TransparentProxy', { RemoteAddress: 'd', ProviderType: 'app-proxy' }, { VPNSubType: 'com.example.app' }),
      { VPNType: 'Nonsense', UserDefinedName: '' },
    ]),
    'proofs and secrets': profile([
      ikev2({ PPK: 'abc', PPKIdentifier: 'x', IKESecurityAssociationParameters: association({ PostQuantumKeyExchangeMethods: [] }) }),
      ikev2({ ...eap, AuthenticationMethod: 'None', PayloadCertificateUUID: 'X' }),
      ikev2({ IncludeAllNetworks: 1 }),
      ikev2({ EnforceRoutes: 1 }),
      other('IPSec', { RemoteAddress: 'a' }, { IPv4: { OverridePrimary: 1 } }),
    ]),
    'an app for chosen apps': profile([
      { PayloadType: 'com.apple.vpn.managed.applayer', VPNUUID: 'x', SafariDomains: ['a.example'], VPNType: 'VPN', VPNSubType: 'a.b', VPN: { RemoteAddress: 'c' } },
    ]),
    'always on': profile([
      other('AlwaysOn', {
        TunnelConfigurations: [
          { ProtocolType: 'IKEv2', Interfaces: ['WiFi'], ...ikev2().IKEv2 },
          { ProtocolType: 'IKEv2', Interfaces: ['Cellular'], ...ikev2(eap).IKEv2 },
        ],
        ServiceExceptions: [{ ServiceName: 'VoiceMail', Action: 'Allow' }],
      }),
    ]),
    'a name for everything and nothing': profile([{ VPNType: 'IKEv2', IKEv2: {}, UserDefinedName: '', PayloadDisplayName: '' }]),
    'on-demand rules that cannot be read': profile([ikev2({ OnDemandEnabled: 1, OnDemandRules: ['x'] })]),
    'on-demand rules of every kind': onDemand,
    'a comment that silences': profile([ikev2()]).replace('<key>RemoteIdentifier', '<!-- adit:ignore ikev2 -->\n<key>RemoteIdentifier'),
    'no VPN': profile([{ PayloadType: 'com.apple.dock' }]),
    'what is misspelt and mendable': profile([
      ikev2({ OnDemandEnabled: true, remoteaddress: 'x', DeadPeerDetectionRate: 'high', MTU: 9000 }, { OnDemandEnabled: 1 }),
    ]),
    'names left out': profile(
      ['IKEv2', 'VPN', 'L2TP'].map((kind) => ({
        ...(kind === 'IKEv2' ? ikev2() : { VPNType: kind, [kind]: { RemoteAddress: 'a' } }),
        UserDefinedName: undefined,
        PayloadDisplayName: undefined,
      })),
    ),
    'what a person has to fill in': profile([ikev2({ CertificateType: 'ECDSA256', ExtendedAuthEnabled: 1, SharedSecret: undefined }), { ...ikev2(), UserDefinedName: undefined }]),
    declarations: '{"Type":"com.apple.configuration.network.vpn.ikev2","Identifier":"x","Payload":{}}',
  };
  return Object.entries(all).map(([name, text]) => ({ name, bytes: encoder.encode(text) }));
}

const onDemandSettings = {
  OnDemandEnabled: 1,
  OnDemandRules: [
    { Action: 'Disconnect', InterfaceTypeMatch: 'Ethernet', SSIDMatch: ['Office'] },
    { Action: 'Ignore', InterfaceTypeMatch: 'WiFi', DNSDomainMatch: ['example.com'], DNSServerAddressMatch: ['10.*'] },
    { Action: 'Connect', SSIDMatch: ['Cafe'], URLStringProbe: 'https://probe.example.com/' },
    {
      Action: 'EvaluateConnection',
      InterfaceTypeMatch: 'Cellular',
      ActionParameters: [
        { Domains: ['never.example'], DomainAction: 'NeverConnect' },
        { Domains: ['dns.example'], DomainAction: 'ConnectIfNeeded', RequiredDNSServers: ['10.0.0.53'] },
        { Domains: ['probe.example'], DomainAction: 'ConnectIfNeeded', RequiredURLStringProbe: 'https://in.example/' },
        { Domains: ['plain.example'], DomainAction: 'ConnectIfNeeded' },
      ],
    },
    { Action: 'Allow', SSIDMatch: ['Lists'] },
  ],
};
const onDemand = profile([ikev2(onDemandSettings)]);

/** What is asked of on-demand rules. */
export function questions() {
  const ask = (network, text = onDemand, more = {}) => ({ bytes: encoder.encode(text), question: { network, ...more } });
  const of = (settings) => profile([ikev2(settings)]);
  const cellular = (host, more = {}) => ask({ interface: 'Cellular', host, ...more });
  const ends = (action) => of({ OnDemandEnabled: 1, OnDemandRules: [{ Action: action }] });
  const lists = profile([
    {
      VPNType: 'IPSec',
      IPSec: {
        RemoteAddress: 'a',
        OnDemandEnabled: 1,
        OnDemandMatchDomainsNever: ['never.example'],
        OnDemandMatchDomainsAlways: ['always.example'],
        OnDemandMatchDomainsOnRetry: ['retry.example'],
      },
    },
  ]);
  const probe = 'https://probe.example.com/';
  const inner = 'https://in.example/';
  return [
    ask({ interface: 'Ethernet' }),
    ask({ interface: 'Other' }),
    ask({ interface: 'WiFi', ssid: 'Nowhere', search_domains: ['example.com'], dns_servers: ['10.0.0.1'], tunnel: 'up' }),
    ask({ interface: 'WiFi', ssid: 'Cafe' }),
    ask({ interface: 'WiFi', ssid: 'Cafe', probes: { [probe]: 'ok' } }),
    ask({ interface: 'WiFi', ssid: 'Cafe', probes: { [probe]: 'failed' } }, onDemand, { mode: 'personal-vpn' }),
    ask({ interface: 'WiFi', ssid: 'Lists', host: 'x', probes: {} }),
    cellular(null),
    cellular('other.example'),
    cellular('never.example'),
    cellular('dns.example'),
    cellular('dns.example', { required_dns: 'silent' }),
    cellular('dns.example', { required_dns: 'answer', host_resolves: true }),
    cellular('dns.example', { required_dns: 'answer', host_resolves: false }),
    cellular('probe.example', { host_resolves: true, probes: { [inner]: 'failed' } }),
    cellular('plain.example'),
    cellular('plain.example', { host_resolves: true }),
    ask({ interface: 'WiFi', user_override: true }),
    ask({ interface: 'WiFi' }, of({})),
    ask({ interface: 'WiFi' }, of({ OnDemandEnabled: 1 })),
    ask({ interface: 'WiFi' }, ends('Connect')),
    ask({ interface: 'WiFi', tunnel: 'up' }, ends('Disconnect')),
    ask({ interface: 'WiFi' }, ends('Ignore')),
    ask({ interface: 'WiFi' }, of({ OnDemandEnabled: 1, OnDemandRules: ['x'] })),
    ask({ interface: 'WiFi' }, of({ OnDemandEnabled: 1, OnDemandRules: [{ Action: 'Connect', Unknown: 'x', SSIDMatch: [] }] })),
    ask({ interface: 'WiFi' }, of({ OnDemandEnabled: 1, OnDemandRules: [{ Action: 'Connect', InterfaceTypeMatch: 5 }] })),
    ask({ interface: 'WiFi' }, profile([{ ...ikev2(onDemandSettings), UserDefinedName: undefined, PayloadDisplayName: undefined }])),
    ask({ interface: 'WiFi' }, profile([{ ...ikev2(onDemandSettings), VPNType: undefined }])),
    ask({ interface: 'WiFi' }, profile([{ ...ikev2(onDemandSettings), PayloadType: 'com.apple.vpn.managed.applayer', VPNType: undefined }])),
    ask({ interface: 'WiFi' }, onDemand.replace(/<key>PayloadUUID<\/key><string>7D2B9C10-0000[^<]*<\/string>/, '')),
    ask({ interface: 'WiFi' }, 'no profile'),
    ...['never.example', 'always.example', 'retry.example'].map((host) => ask({ interface: 'WiFi', host, host_resolves: false }, lists)),
  ];
}

/** Profiles beside configurations of strongSwan. */
export function servers() {
  const psk = encoder.encode(profile([ikev2({
    IKESecurityAssociationParameters: { EncryptionAlgorithm: 'AES-256-GCM', IntegrityAlgorithm: 'SHA2-384', DiffieHellmanGroup: 20 },
    ChildSecurityAssociationParameters: { EncryptionAlgorithm: 'AES-256-GCM', IntegrityAlgorithm: 'SHA2-384', DiffieHellmanGroup: 20 },
    EnablePFS: 1,
  })]));
  const connection = (name, ike, esp, more = '') => `connections {
  ${name} {
    version = 2
    proposals = ${ike}
    pools = pool
    local { auth = psk
      id = vpn.example.com
    }
    remote { auth = psk
    }
    ${more}
    children { net { esp_proposals = ${esp}
      local_ts = 0.0.0.0/0
    } }
  }
}
pools { pool { addrs = 10.0.0.0/24
} }
secrets { ike-1 { secret = "correct horse battery staple"
} }
`;
  const good = connection('rw', 'aes256gcm16-prfsha384-ecp384', 'aes256gcm16-ecp384');
  const eap = encoder.encode(profile([ikev2({ AuthenticationMethod: 'None', ExtendedAuthEnabled: 1, AuthName: 'alice', AuthPassword: 'x', SharedSecret: undefined })]));
  const wantsAnother = good.replace('auth = psk\n    }', 'auth = eap-mschapv2\n      eap_id = bob\n    }').replace('auth = psk', 'auth = pubkey');
  return [
    good,
    connection('rw', 'aes128-sha256-modp2048', 'aes128-sha256'),
    connection('rw', 'aes256gcm16-prfsha384-ecp384', 'aes256gcm16-ecp256', 'mobike = no'),
    'nonsense {',
    '',
    good.replace('children', 'nothing'),
  ].map((swanctl) => ({ bytes: psk, swanctl }))
    .concat([{ bytes: eap, swanctl: wantsAnother }, { bytes: encoder.encode('no profile'), swanctl: good }, { bytes: encoder.encode(profile([{ VPNType: 'VPN', VPN: {} }])), swanctl: good }]);
}

/** Sets a member by its path. */
function set(object, path, value) {
  const names = path.split('.');
  const last = names.pop();
  let at = object;
  for (const name of names) at = at[name] ??= {};
  at[last] = value;
}

const certificate = () => readFileSync(join(ROOT, CMS, 'certificate.pem'), 'utf8');
const base64 = (folder, name) => ({ base64: Buffer.from(read(folder, name)).toString('base64') });

/** The value of a field in the `round`th description. */
function valueOf({ kind, example, path }, round) {
  if (kind.word) return kind.word[round % kind.word.length];
  if (kind['word-list']) return kind['word-list'];
  switch (kind) {
    case 'integer':
    case 'number':
      return Number(example);
    case 'boolean':
      return round % 2 === 0 ? example === 'true' : example !== 'true';
    case 'text-list':
      return example.split(',');
    case 'secret':
      return round % 2 === 0 ? example : { base64: Buffer.from(example).toString('base64') };
    case 'file':
      return base64('core/profile/tests/pkcs12', 'modern-p256.p12');
    case 'files':
      return [
        { content: certificate(), name: 'CA', payload: round % 2 === 0 ? 'root' : 'intermediate' },
        { content: base64(CMS, 'certificate.der') },
      ];
    case 'pairs':
      return { [example.split('=')[0]]: example.split('=')[1] };
    case 'rules':
      return [
        { action: 'disconnect', interface: 'WiFi', ssid: ['Office'], 'dns-domain': ['example.com'] },
        { action: 'ignore', interface: 'Ethernet', 'dns-server': ['10.*'], 'url-probe': 'https://in.example.com/' },
        { action: 'connect', interface: 'Cellular' },
        {
          action: 'evaluate-connection',
          connections: [
            { domains: ['a.example'], action: 'connect-if-needed', 'dns-servers': ['10.0.0.53'], 'url-probe': 'https://in.example.com/' },
            { domains: ['b.example'], action: 'never-connect' },
          ],
        },
        { action: 'allow' },
      ];
    case 'services':
      return ['VoiceMail', 'AirPrint', 'CellularServices', 'DeviceCommunication'].map((service, at) => ({
        service,
        action: at % 2 === 0 ? 'Allow' : 'Drop',
      }));
    case 'apps':
      return [{ app: 'com.example.a' }, { app: 'com.example.b', 'udp-only': true }];
    case 'mac-apps':
      return [
        { identifier: 'com.example.a', requirement: 'anchor apple' },
        { identifier: 'com.example.b', requirement: 'anchor apple', 'signing-identifier': 'com.example.c', path: '/Applications/B.app' },
      ];
    case 'table':
      return {};
    default:
      return example;
  }
}

/** Descriptions that use every field and every word of every type, and some that are wrong. */
export function specs(schema) {
  const made = [];
  for (const { type, fields, subtypes } of schema.types) {
    const minimal = {};
    for (const field of fields.filter((one) => one.required)) set(minimal, field.path, valueOf(field, 2));
    made.push({ spec: minimal });
    for (let round = 0; round < 14; round += 1) {
      const spec = {};
      const identity = ['pkcs12', 'scep', 'acme'][round % 3];
      const slice = ['dnn', 'app-category'][round % 2];
      const tunnels = round % 2 === 0 ? ['tunnel'] : ['wifi', 'cellular'];
      for (const field of fields) {
        const { path, methods } = field;
        if (path.startsWith('identity.') && !path.includes(`.${identity}.`)) continue;
        if (path.includes('cellular-slice') && !path.endsWith(slice)) continue;
        if (path.startsWith('per-app') && round % 4 >= 2) continue;
        const tunnel = /^vpn\.always-on\.(tunnel|wifi|cellular)\./.exec(path)?.[1];
        if (tunnel && !tunnels.includes(tunnel)) continue;
        const method = fields.find((one) => path.includes('.authentication.') && one.path === path.replace(/\.authentication\..*/, '.authentication.method'));
        if (methods.length > 0 && method && !methods.includes(valueOf(method, round))) continue;
        // The names of a type's apps; any other would make the VPN one of an unknown app.
        const value = path.endsWith('.subtype') ? subtypes[round % subtypes.length].name : valueOf(field, round);
        set(spec, path, value);
      }
      made.push({ spec, options: { format: round % 2 === 0 ? 'xml' : 'binary', seed: 'x' } });
    }
    made.push({ spec: { profile: {}, vpn: { [type]: { nonsense: 1 } } } });
  }
  const vpn = { ikev2: { server: 'x', authentication: { method: 'eap' } } };
  const acme = {
    'directory-url': 'https://acme.example.com/', 'client-identifier': 'x', 'key-type': 'RSA', 'key-size': 2048, 'hardware-bound': false,
    subject: 'CN=x',
  };
  for (const more of [
    { identity: { a: { pkcs12: { content: valueOf({ kind: 'file' }) } } }, certificates: [{ content: certificate() }] },
    { identity: { a: { scep: { url: 'https://scep.example.com/', 'alternative-names': { email: 'a@example.com' } } } } },
    { identity: { a: { scep: { url: 'https://scep.example.com/' } } } },
    { identity: { a: { acme: { ...acme, 'alternative-names': { dns: 'x.example' } } } } },
    { identity: { a: { acme } } },
    { proxies: { manual: { server: 'x' } } },
    { proxies: { http: { server: 'x' }, https: { server: 'x' } } },
    { dns: { 'server-url': 'https://x/' }, 'per-app': { 'match-app': true } },
    { 'on-demand': { 'no-user-override': true } },
    { 'on-demand': { enabled: false } },
    { vpn: { ipsec: { server: 'x', authentication: { method: 'shared-secret', secret: 'x' } } } },
    { vpn: { 'aruba-via': { server: 'x', authentication: { method: 'password' }, routing: { 'exclude-apns': true } } } },
    { vpn: { ikev2: { server: 'x', authentication: { method: 'eap-tls', 'authentication-method': 'None' }, ike: { 'lifetime-minutes': 60 } } } },
    { vpn: { ikev2: { server: 'x', authentication: { method: 'certificate' }, routing: { 'enforce-routes': true } } } },
    { vpn: { ipsec: { server: 'x', authentication: { method: 'certificate' } } } },
    { vpn: { 'aruba-via': { server: 'x', authentication: { method: 'password-and-certificate' } } } },
    { vpn: { 'always-on': { tunnel: vpn.ikev2 } } },
  ]) {
    made.push({ spec: { profile: { name: 'x' }, vpn, identity: { user: { scep: { url: 'https://x/' } } }, ...more } });
  }
  made.push({ spec: {} }, { spec: { profile: { name: 'x' }, vpn: { ikev2: { server: 'x' } } } });
  return made;
}
