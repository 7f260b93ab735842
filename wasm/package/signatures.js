// Signatures of signed profiles, checked by the platform: the module has no arithmetic of public keys of its own. It throws
// what it has to know, the Web Cryptography API answers, and the call is made again with the answers. Nothing leaves the
// machine, and a file without a signature is judged in one go.

import { Questions } from './engine.js';

/** How often one call may ask: a signer asks twice at most, and each time it has been answered before. */
const ROUNDS = 4;

/** Runs `work(bytes, answers)` until it has no more questions. */
export async function answered(bytes, work) {
  let given = bytes;
  let answers = '';
  for (let round = 1; ; round += 1) {
    try {
      return work(given, answers);
    } catch (error) {
      if (!(error instanceof Questions) || round > ROUNDS) throw error;
      // The caller may do with the bytes what it likes while the platform computes.
      if (given === bytes) given = bytes.slice();
      const more = await Promise.all(error.questions.map(async (question) => `${question.id}:${await answer(question)}`));
      answers = [answers, ...more].filter(Boolean).join(' ');
    }
  }
}

/** `holds`, `fails`, `bad-key` or `unavailable`. */
async function answer({ algorithm: name, hash, curve, salt, key, message, signature }) {
  // There is none in a page that was loaded over plain HTTP.
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return 'unavailable';
  let imported;
  try {
    const form = name.startsWith('RSA') ? 'spki' : 'raw';
    imported = await subtle.importKey(form, bytesOf(key), { name, hash, namedCurve: curve }, false, ['verify']);
  } catch (error) {
    return error?.name === 'DataError' ? 'bad-key' : 'unavailable';
  }
  try {
    const algorithm = { name, hash, saltLength: salt };
    return (await subtle.verify(algorithm, imported, bytesOf(signature), bytesOf(message))) ? 'holds' : 'fails';
  } catch {
    return 'unavailable';
  }
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
