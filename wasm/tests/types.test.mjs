// The types are exact: what the functions give for the whole corpus and for samples that have what it has not compiles as
// literals of index.d.ts, and every variant that those types have occurs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as adit from '../package/node.js';
import { readDeclarations, variants } from './support/declarations.mjs';
import { compile } from './support/literals.mjs';
import { AT, PACKAGE, corpus, emptyFolder, noCorpus } from './support/places.mjs';
import * as samples from './support/samples.mjs';

const DECLARATIONS = join(PACKAGE, 'index.d.ts');
const values = [];

/** Keeps what a function gave for the compiler, and counts its variants. */
const counted = variants(readDeclarations(DECLARATIONS));
function keep(type, value) {
  counted.hold(value, type);
  values.push({ type, value });
  return value;
}

const files = [...samples.containers(), ...samples.profiles(), ...(noCorpus ? [] : corpus())];

test('every function of index.d.ts is there, and nothing else', () => {
  const { functions } = readDeclarations(DECLARATIONS);
  const declared = [...new Set(functions.map(({ name }) => name)), 'AditError'].sort();
  assert.deepEqual(Object.keys(adit).sort(), declared);
  const text = readFileSync(DECLARATIONS, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  assert.doesNotMatch(text, /\b(any|unknown|object)\b/);
});

test('check, open and fix', () => {
  for (const { bytes } of files) {
    keep('CheckReport', adit.check(bytes, { at: AT }));
    keep('CheckReport', adit.check(bytes, { at: AT, targets: ['ios-26.1', 'macos-15+supervised', 'tvos-18'] }));
    keep('Opened', adit.open(bytes));
    keep('FixReport', adit.fix(bytes, { at: AT, safety: 'unsafe' }));
  }
  keep('CheckReport', adit.check(samples.template, { set: { NAME: 'x', OTHER: 'y' } }));
});

test('explain', () => {
  for (const { bytes } of files) {
    keep('ExplainReport', adit.explain(bytes, { at: AT }));
    keep('ExplainReport', adit.explain(bytes, { at: AT, targets: ['macos-15', 'watchos-26'] }));
  }
  for (const target of ['ios-26', 'tvos-18+supervised', 'visionos-26+user-enrollment']) {
    keep('ExplainReport', adit.explain(files[0].bytes, { targets: [target] }));
  }
});

test('evaluateOnDemand', () => {
  for (const { bytes, question } of samples.questions()) {
    keep('OnDemandReport', adit.evaluateOnDemand(bytes, question));
  }
});

test('convert', () => {
  for (const { bytes } of files) {
    const { declarations } = keep('DeclarationsReport', adit.convert(bytes, { to: 'declarations' }));
    if (declarations.length > 0) keep('ProfileReport', adit.convert(JSON.stringify(declarations), { to: 'profile' }));
    keep('ApiReport', adit.convert(bytes, { to: 'api' }));
  }
});

test('diff', () => {
  files.forEach(({ bytes }, at) => {
    keep('DiffReport', adit.diff(bytes, files[(at + 1) % files.length].bytes));
    keep('DiffReport', adit.diff(bytes, bytes));
  });
});

test('compareWithServer', () => {
  for (const { bytes, swanctl } of samples.servers()) {
    keep('ComparisonReport', adit.compareWithServer(bytes, swanctl));
  }
});

test('build and specOf', () => {
  for (const { spec, options } of samples.specs()) {
    const made = keep('BuildReport', adit.build(spec, options));
    if (made.bytes) keep('SpecReport', adit.specOf(made.bytes));
  }
  for (const { bytes } of files) keep('SpecReport', adit.specOf(bytes));
});

test('rules and schema', () => {
  keep('RuleSummary', adit.rules()[0]);
  for (const rule of adit.rules()) keep('RuleSummary', rule);
  keep('Schema', adit.schema());
});

test('every variant of the types occurs', { skip: noCorpus }, () => {
  assert.deepEqual(counted.missing(), []);
});

test('the compiler takes every value as a literal of its type', () => {
  const folder = emptyFolder('types');
  compile(folder, values, samples.USES);
  console.log(`${values.length} values compiled`);
});
