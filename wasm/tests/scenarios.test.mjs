// The scenarios of ../../scenarios/profiles, which Rust, Swift and Kotlin run too; its README has the format.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as adit from '../package/node.js';
import { ROOT, noCorpus } from './support/places.mjs';

const FOLDER = join(ROOT, 'scenarios/profiles');
const CORPUS = join(process.env.ADIT_SHARED ?? join(ROOT, '../shared'), 'corpus/profiles');
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const LISTED = read(join(ROOT, 'scenarios/list.json')).profiles;

/** The bytes of an input. */
function bytesOf(input) {
  const { text, base64, file, corpus, replace, cut, ...unknown } = input;
  assert.deepEqual(unknown, {}, 'an input that nobody knows');
  let bytes;
  if (text !== undefined) bytes = Buffer.from(text);
  else if (base64 !== undefined) {
    bytes = Buffer.from(base64, 'base64');
    assert.equal(bytes.toString('base64'), base64, 'this is no base64');
  } else if (file !== undefined) bytes = readFileSync(join(ROOT, file));
  else bytes = readFileSync(join(CORPUS, corpus));
  for (const [from, to] of replace ?? []) {
    const before = bytes.toString();
    assert.ok(before.includes(from), `${from} is not in the input`);
    bytes = Buffer.from(before.replaceAll(from, to));
  }
  return new Uint8Array(cut === undefined ? bytes : bytes.subarray(0, cut));
}

/** A report with a file, as it stands in a scenario. */
function made({ bytes, ...report }) {
  if (bytes === null || bytes.length === 0) return { report, file: null };
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { report, file: { text: text.decode(bytes) } };
  } catch {
    return { report, file: { base64: Buffer.from(bytes).toString('base64') } };
  }
}

const plain = (report) => ({ report });

/** Every operation, by its name in Rust. */
const OPERATIONS = {
  validate: async ({ input, options }) => plain(await adit.check(bytesOf(input), options)),
  explain: async ({ input, options }) => plain(await adit.explain(bytesOf(input), options)),
  evaluate_on_demand: ({ input, options }) => plain(adit.evaluateOnDemand(bytesOf(input), options)),
  convert: ({ input, options }) => plain(adit.convert(bytesOf(input), options)),
  diff: ({ input, after, options }) => plain(adit.diff(bytesOf(input), bytesOf(after), options)),
  build: ({ spec, options }) => made(adit.build(spec, options)),
  fix: ({ input, options }) => made(adit.fix(bytesOf(input), options)),
};

/** What comes of a scenario. */
async function outcome(scenario) {
  const run = OPERATIONS[scenario.operation];
  if (!run) throw new Error(`there is no operation \`${scenario.operation}\``);
  try {
    return await run(scenario);
  } catch (error) {
    if (!(error instanceof adit.AditError) || error.kind !== 'usage') throw error;
    return { error: error.path ? `${error.message} (${error.path})` : error.message };
  }
}

test('the scenarios of the list are there, and no others', () => {
  const names = readdirSync(FOLDER).map((name) => name.replace(/\.json$/, ''));
  assert.deepEqual(names.sort(), [...LISTED].sort());
  assert.ok(LISTED.length >= 40);
});

test('every scenario gives what stands in it', async () => {
  const operations = new Set();
  let ran = 0;
  let left = '';
  for (const name of LISTED) {
    const path = join(FOLDER, `${name}.json`);
    assert.ok(existsSync(path), `${path} is missing`);
    const scenario = read(path);
    if (scenario.input?.corpus && noCorpus) {
      left = noCorpus;
      continue;
    }
    assert.deepEqual(await outcome(scenario), scenario.expect, name);
    operations.add(scenario.operation);
    ran += 1;
  }
  if (left) console.log(`LEFT OUT: scenarios of the corpus: ${left}`);
  console.log(`${ran} scenarios of profiles`);
  assert.deepEqual([...operations].sort(), Object.keys(OPERATIONS).sort());
});

test('an operation, an input or a file that nobody knows is a failure', async () => {
  await assert.rejects(outcome({ operation: 'guess' }), /there is no operation/);
  await assert.rejects(outcome({ operation: 'validate', input: { colour: 'red' } }), /an input that nobody knows/);
  await assert.rejects(outcome({ operation: 'validate', input: { base64: '$' } }), /no base64/);
  await assert.rejects(outcome({ operation: 'validate', input: { file: 'scenarios/inputs/no-such-file' } }), /ENOENT/);
});
