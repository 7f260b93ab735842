// Signatures are the platform's to check: the verdicts are those of the command line, and where the platform cannot, that is
// said and nothing is guessed.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check, explain, open } from '../package/node.js';
import { AT, ROOT, adit, corpus, noCorpus } from './support/places.mjs';

const FOLDER = join(ROOT, 'core/profile/tests/cms');
const bytesOf = (name) => new Uint8Array(readFileSync(join(FOLDER, name)));
const verdicts = ({ signature }) => signature.signers.map(({ verification }) => verification);

/** Runs with another `crypto.subtle`. */
async function withSubtle(subtle, work) {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: { subtle }, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(globalThis, 'crypto', own);
  }
}

test('every signed file of the tests has the signature that adit show tells', async () => {
  const names = readdirSync(FOLDER).filter((name) => /\.(cms|pem)$/.test(name));
  const seen = new Map();
  for (const name of names) {
    const { signature } = await open(bytesOf(name));
    // What is no profile is not shown; the signature of what is inside is compared with rules alone.
    const said = signature?.verified !== undefined ? shown(name) : null;
    if (said) assert.deepEqual(signature, said.signature, name);
    for (const { algorithm, verification } of signature?.signers ?? []) {
      seen.set(`${algorithm}: ${verification}`, (seen.get(`${algorithm}: ${verification}`) ?? 0) + 1);
    }
  }
  for (const algorithm of ['RSA PKCS#1 v1.5', 'RSA-PSS', 'ECDSA', 'Ed25519']) {
    assert.ok(seen.get(`${algorithm}: verified`) >= 2, `${algorithm}: ${JSON.stringify([...seen])}`);
  }
});

test('a signer is found by the letters of its issuer, large or small: those of JavaScript are those of Rust', async () => {
  const { signature } = await open(bytesOf('issuer-in-other-letters.cms'));
  assert.deepEqual(signature.signers.map(({ verification, certificate }) => [verification, certificate]), [['verified', 0]]);
  assert.deepEqual(signature, shown('issuer-in-other-letters.cms').signature);
});

/** What `adit show` says, or null where there is nothing to show. */
function shown(name) {
  try {
    return adit(['show', '--json', name], { cwd: FOLDER });
  } catch {
    return null;
  }
}

test('a changed signature is found out, whatever its algorithm', async () => {
  for (const name of ['rsa-sha1.cms', 'rsa-sha256.cms', 'pss-sha256.cms', 'pss-key.cms', 'p256-sha256.cms', 'p384-sha384.cms', 'p521-sha512.cms', 'ed25519.cms']) {
    const bytes = bytesOf(name);
    assert.deepEqual(verdicts(await open(bytes)), ['verified'], name);
    bytes[bytes.length - 3] ^= 1;
    assert.deepEqual(verdicts(await open(bytes)), ['signature-mismatch'], name);
    const { diagnostics } = await check(bytes, { at: AT });
    assert.ok(diagnostics.some(({ code, severity }) => code === 'sign.signature-invalid' && severity === 'error'), name);
  }
});

test('a signature over attributes that were written in another order is asked about twice', async () => {
  let asked = 0;
  const own = crypto.subtle;
  const subtle = {
    importKey: (...args) => own.importKey(...args),
    verify(...args) {
      asked += 1;
      return own.verify(...args);
    },
  };
  const opened = await withSubtle(subtle, () => open(bytesOf('unsorted-signed-in-der.cms')));
  assert.deepEqual([verdicts(opened), asked], [['verified'], 2]);
});

test('without crypto.subtle nothing is verified, and nothing called forged', async () => {
  const opened = await withSubtle(undefined, () => open(bytesOf('p256-sha256.cms')));
  assert.deepEqual(verdicts(opened), ['not-verified']);
  assert.equal(opened.signature.signers[0].reason, 'the signature was not checked: ECDSA on P-256 cannot be checked here');
  assert.ok(opened.text.includes('<plist'));
  const { diagnostics } = await withSubtle(undefined, () => check(bytesOf('p256-sha256.cms'), { at: AT }));
  const [{ severity, message }] = diagnostics.filter(({ code }) => code === 'sign.signature-invalid');
  assert.equal(severity, 'warning', message);
});

test('an algorithm that the platform does not know, or that it fails at, is not checked', async () => {
  const failing = (name) => () => Promise.reject(new DOMException('no', name));
  const own = crypto.subtle;
  const importKey = (...args) => own.importKey(...args);
  for (const subtle of [
    { importKey: failing('NotSupportedError') },
    { importKey, verify: failing('OperationError') },
    { importKey: failing('TypeError') },
  ]) {
    const opened = await withSubtle(subtle, () => open(bytesOf('ed25519.cms')));
    assert.deepEqual(verdicts(opened), ['not-verified']);
    assert.match(opened.signature.signers[0].reason, /: Ed25519 cannot be checked here$/);
  }
  const unsound = await withSubtle({ importKey: failing('DataError') }, () => open(bytesOf('p256-sha256.cms')));
  assert.match(unsound.signature.signers[0].reason, /: the signer's key is no point of its curve$/);
});

test('what the caller does with the bytes meanwhile changes nothing', async () => {
  const bytes = bytesOf('rsa-sha256.cms');
  const before = await check(bytes, { at: AT });
  const later = check(bytes, { at: AT });
  bytes.fill(0);
  assert.deepEqual(await later, before);
});

test('a file without a signature asks nobody', async () => {
  const subtle = { importKey: () => assert.fail('asked') };
  const { signature } = await withSubtle(subtle, () => open(bytesOf('profile.mobileconfig')));
  assert.equal(signature, null);
});

test('the signed files of the corpus are verified', { skip: noCorpus }, async () => {
  let signed = 0;
  for (const { bytes } of corpus()) {
    const { signature } = await open(bytes);
    if (!signature) continue;
    assert.ok(signature.verified);
    const { problem } = await explain(bytes, { at: AT });
    assert.ok(problem === undefined || typeof problem === 'string');
    signed += 1;
  }
  assert.equal(signed, 14);
});
