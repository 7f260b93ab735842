// @adit/profile: the functions, each a call of the WebAssembly module with JSON in between. index.d.ts describes them.

import { AditError, call, load, start } from './engine.js';
import { answered } from './signatures.js';

export { AditError };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export async function init(input) {
  // Nothing is fetched before somebody asks for it.
  await load(input ?? new URL('./dist/adit_profile_bg.wasm', import.meta.url));
}

export function initSync(module) {
  start(module);
}

/** A file as the module takes it: its bytes, and whether they are a text. */
function bytesOf(input, name) {
  if (typeof input === 'string') return { bytes: encoder.encode(input), text: true };
  if (input instanceof Uint8Array) return { bytes: input, text: false };
  throw new AditError('usage', `${name} must be a Uint8Array or a string`, name);
}

/** Options as the module takes them. */
function optionsOf(options, more = {}) {
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options))) {
    throw new AditError('usage', 'the options must be an object', 'options');
  }
  for (const key of Object.keys(more)) {
    if (options && Object.hasOwn(options, key)) throw new AditError('usage', `there is no option \`${key}\``, key);
  }
  return JSON.stringify({ ...options, ...more });
}

/** What most functions do: a file and options in, a report out. */
function report(name, input, options) {
  const { bytes, text } = bytesOf(input, 'input');
  const given = optionsOf(options, text ? { text } : {});
  return JSON.parse(call((wasm) => wasm[name](bytes, given)));
}

/** The same where the report tells whether a signature holds, which the platform finds out. */
async function verified(name, input, options) {
  const { bytes, text } = bytesOf(input, 'input');
  const given = optionsOf(options, text ? { text } : {});
  return JSON.parse(await answered(bytes, (file, answers) => call((wasm) => wasm[name](file, given, answers))));
}

export const check = (input, options) => verified('check', input, options);
export const open = (input, options) => verified('open', input, options);
export const explain = (input, options) => verified('explain', input, options);

export function encode(text, form, options) {
  if (typeof text !== 'string') throw new AditError('usage', 'text must be a string', 'text');
  if (typeof form !== 'string') throw new AditError('usage', "form must be 'xml' or 'binary'", 'form');
  const given = optionsOf(options);
  return call((wasm) => wasm.encode(encoder.encode(text), form, given));
}

export function fix(input, options) {
  const { bytes, text } = bytesOf(input, 'input');
  const given = optionsOf(options, text ? { text } : {});
  return unpacked(call((wasm) => wasm.fix(bytes, given)));
}

/** A report with bytes: four bytes of its length, the JSON, the bytes. */
function unpacked(packed) {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const json = decoder.decode(packed.subarray(4, 4 + length));
  return { ...JSON.parse(json), bytes: packed.slice(4 + length) };
}

export function build(spec, options) {
  if (spec === null || typeof spec !== 'object') throw new AditError('usage', 'the description must be an object', 'spec');
  const given = optionsOf(options);
  const { bytes, ...made } = unpacked(call((wasm) => wasm.build(encoder.encode(JSON.stringify(spec)), given)));
  return { ...made, bytes: made.text === null ? null : bytes };
}

export const specOf = (input, options) => report('specOf', input, options);
export const evaluateOnDemand = (input, question) => report('evaluateOnDemand', input, question);
export const convert = (input, options) => report('convert', input, options);

export function diff(before, after, options) {
  const first = bytesOf(before, 'before');
  const second = bytesOf(after, 'after');
  const given = optionsOf(options, { before_text: first.text, after_text: second.text });
  return JSON.parse(call((wasm) => wasm.diff(first.bytes, second.bytes, given)));
}

export function compareWithServer(input, swanctl, options) {
  const { bytes, text } = bytesOf(input, 'input');
  if (typeof swanctl !== 'string') throw new AditError('usage', 'swanctl must be a string', 'swanctl');
  const given = optionsOf(options, text ? { text } : {});
  return JSON.parse(call((wasm) => wasm.compareWithServer(bytes, swanctl, given)));
}

export const rules = () => JSON.parse(call((wasm) => wasm.rules()));
export const schema = () => JSON.parse(call((wasm) => wasm.schema()));
