// The types are exact: what the functions give for the whole corpus and for samples that have what it has not compiles as
// literals of index.d.ts, and every variant that those types have occurs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as adit from '../package/node.js';
import { readDeclarations, variants } from './support/declarations.mjs';
import { compile } from './support/literals.mjs';
import { AT, PACKAGE, ROOT, corpus, emptyFolder, noCorpus } from './support/places.mjs';
import * as samples from './support/samples.mjs';

const DECLARATIONS = join(PACKAGE, 'index.d.ts');
const values = [];

/** Keeps what a function gave for the compiler, and counts its variants. */
const counted = variants(readDeclarations(DECLARATIONS));
const functions = new Map(readDeclarations(DECLARATIONS).functions.map(({ name, returns }) => [name, returns]));
function keep(name, value) {
  counted.hold(value, functions.get(name), name);
  values.push({ type: `Awaited<ReturnType<typeof adit.${name}>>`, value });
  return value;
}

/** The same for what a function takes. */
function keepGiven(type, value) {
  counted.hold(value, { kind: 'name', name: type, args: [] }, type);
  values.push({ type: `adit.${type}`, value });
}

const files = [...samples.containers(), ...samples.profiles(), ...(noCorpus ? [] : corpus())];

test('every function of index.d.ts is there, and nothing else', () => {
  const { functions } = readDeclarations(DECLARATIONS);
  const declared = [...new Set(functions.map(({ name }) => name)), 'AditError'].sort();
  assert.deepEqual(Object.keys(adit).sort(), declared);
  // Without comments, texts and names of members.
  const types = readFileSync(DECLARATIONS, 'utf8').replace(/\/\*[\s\S]*?\*\/|'[^']*'|\b\w+\??:/g, '');
  assert.deepEqual(types.match(/\b(any|unknown)\b/g), null);
});

test('check, open and fix', async () => {
  for (const { bytes } of files) {
    keep('check', await adit.check(bytes, { at: AT }));
    keep('check', await adit.check(bytes, { at: AT, targets: ['ios-26.1', 'macos-15+supervised', 'tvos-18'] }));
    keep('open', await adit.open(bytes));
    keep('fix', adit.fix(bytes, { at: AT, safety: 'unsafe' }));
  }
  keep('check', await adit.check(samples.template, { set: { NAME: 'x', OTHER: 'y' } }));
  keep('check', await adit.check(samples.template, { password: 'x' }));
  // One fix of a report and no other.
  const old = new Uint8Array(readFileSync(join(ROOT, 'wasm/www/src/samples/weak-ikev2.mobileconfig')));
  const { diagnostics } = await adit.check(old, { at: AT });
  const fixes = diagnostics.flatMap(({ code, path, fixes }) => fixes.map(({ safety }, fix) => ({ code, path, safety, fix }))).filter(({ safety }) => safety !== 'display-only');
  assert.ok(fixes.length > 1);
  for (const { code, path, fix } of fixes) {
    const report = keep('fix', adit.fix(old, { at: AT, one: { code, path, fix } }));
    assert.deepEqual(report.applied.map((one) => [one.code, one.path]), [[code, path]]);
  }
  assert.throws(() => adit.fix(files[0].bytes, { one: { code: 'sa.weak-dh', path: 'nowhere' } }), { name: 'AditError', kind: 'usage', path: 'one' });
});

test('explain', async () => {
  for (const { bytes } of files) {
    keep('explain', await adit.explain(bytes, { at: AT }));
    keep('explain', await adit.explain(bytes, { at: AT, targets: ['macos-15', 'watchos-26'] }));
  }
  for (const target of ['ios-26', 'tvos-18+supervised', 'visionos-26+user-enrollment']) {
    keep('explain', await adit.explain(files[0].bytes, { targets: [target] }));
  }
});

test('evaluateOnDemand', () => {
  for (const { bytes, question } of samples.questions()) {
    keep('evaluateOnDemand', adit.evaluateOnDemand(bytes, question));
  }
});

test('convert', () => {
  for (const { bytes } of files) {
    const { declarations } = keep('convert', adit.convert(bytes, { to: 'declarations' }));
    if (declarations?.length > 0) keep('convert', adit.convert(JSON.stringify(declarations), { to: 'profile' }));
    keep('convert', adit.convert(bytes, { to: 'api' }));
  }
});

test('diff', () => {
  files.forEach(({ bytes }, at) => {
    keep('diff', adit.diff(bytes, files[(at + 1) % files.length].bytes));
    keep('diff', adit.diff(bytes, bytes));
  });
});

test('compareWithServer', () => {
  for (const { bytes, swanctl } of samples.servers()) {
    keep('compareWithServer', adit.compareWithServer(bytes, swanctl));
  }
});

test('build and specOf', () => {
  for (const { spec, options } of samples.specs(adit.schema())) {
    const made = keep('build', adit.build(spec, options));
    if (made.bytes) {
      // A description that is taken is of the type that descriptions have, too.
      keepGiven('Spec', spec);
      keep('specOf', adit.specOf(made.bytes));
    }
  }
  for (const { bytes } of files) keep('specOf', adit.specOf(bytes));
});

test('rules and schema', () => {
  keep('rules', adit.rules());
  keep('schema', adit.schema());
});

test('every variant of the types occurs', { skip: noCorpus }, () => {
  const missing = counted.missing();
  assert.ok(missing.length === 0, `no value has these:\n${missing.join('\n')}`);
});

test('the compiler takes every value as a literal of its type', () => {
  const folder = emptyFolder('types');
  compile(folder, values);
  console.log(`${values.length} values compiled`);
});
