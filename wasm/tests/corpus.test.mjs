// Every file of the corpus is judged as the command line judges it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, convert, explain } from '../package/node.js';
import { AT, corpus, noCorpus, ofCorpus, validateCorpus } from './support/places.mjs';

/** Of a location what the command line says too. */
const place = ({ byte_start, byte_end, line, column, end_line, end_column }) => ({
  byte_start, byte_end, line, column, end_line, end_column,
});

/** Of a diagnostic what both sides must agree on: everything but what only this edge adds. */
function essence({ location, related, fixes, ...plain }) {
  return {
    ...plain,
    location: place(location),
    related: related.map(({ message, location: at }) => ({ message, location: place(at) })),
    fixes: fixes.map(({ title, safety, edits }) => ({
      title,
      safety,
      edits: edits?.map(({ byte_start, byte_end, text }) => ({ byte_start, byte_end, text })) ?? null,
    })),
  };
}

async function compare(options, flags, least = 500) {
  const wanted = validateCorpus(flags);
  const files = corpus();
  assert.equal(files.length, 100);
  let found = 0;
  for (const { name, bytes } of files) {
    const { diagnostics, per_target: perTarget, ...report } = await check(bytes, { at: AT, ...options });
    const { file, diagnostics: told, ...rest } = wanted.get(name);
    assert.deepEqual(report, rest, name);
    assert.deepEqual(diagnostics.map(essence), told.map(essence), name);
    assert.equal((perTarget ?? []).length, (options.targets ?? []).length, name);
    found += diagnostics.length;
  }
  assert.ok(found > least, `${found} diagnostics`);
}

test('100 files of the corpus give the diagnostics of adit validate', { skip: noCorpus }, () => compare({}, []));

test('the same for named systems', { skip: noCorpus }, async () => {
  const targets = ['ios-26.1+supervised', 'macos-15+supervised'];
  await compare({ targets }, ['--target', 'ios-26.1', '--target', 'macos-15', '--supervised']);
});

test('the same for chosen rules', { skip: noCorpus }, async () => {
  await compare({ select: ['sa', 'ikev2'], ignore: ['sa.weak-dh'] }, ['--select', 'sa,ikev2', '--ignore', 'sa.weak-dh'], 100);
});

test('the same for templates', { skip: noCorpus }, () => compare({ template: true }, ['--template']));

/** Holds what a function gives for each file against what a command says, its `file` left out; some files have none. */
async function compareCommand(command, call, isNone) {
  let said = 0;
  for (const { name, bytes } of corpus()) {
    const wanted = ofCorpus([...command, name]);
    const given = await call(bytes);
    if (wanted === null) {
      assert.ok(isNone(given), name);
      continue;
    }
    const { file, ...rest } = wanted;
    assert.equal(file, name);
    assert.deepEqual(given, rest, name);
    said += 1;
  }
  assert.ok(said > 10, `${said} files`);
}

test('the corpus is explained as adit explain does', { skip: noCorpus }, async () => {
  const at = new Date().toISOString();
  await compareCommand(['explain', '--json'], (bytes) => explain(bytes, { at }), ({ problem }) => problem !== undefined);
});

for (const to of ['declarations', 'api']) {
  test(`the corpus is converted as adit convert --to ${to} does`, { skip: noCorpus }, async () => {
    await compareCommand(['convert', '--to', to, '--json'], (bytes) => convert(bytes, { to }), ({ error }) => error !== undefined);
  });
}
