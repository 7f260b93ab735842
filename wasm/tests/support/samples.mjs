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
  files['an altered certificate'] = altered('rsa-sha256.cms', Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02]), '\xa0\x03\x02\x01\x02\x7f');
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
}
