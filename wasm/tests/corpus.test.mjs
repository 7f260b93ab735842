// Every file of the corpus is judged as the command line judges it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../package/node.js';
import { AT, corpus, noCorpus, validateCorpus } from './support/places.mjs';

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

function compare(options, flags, least = 500) {
  const wanted = validateCorpus(flags);
  const files = corpus();
  assert.equal(files.length, 100);
  let found = 0;
  for (const { name, bytes } of files) {
    const { diagnostics, per_target: perTarget, ...report } = check(bytes, { at: AT, ...options });
    const { file, diagnostics: told, ...rest } = wanted.get(name);
    assert.deepEqual(report, rest, name);
    assert.deepEqual(diagnostics.map(essence), told.map(essence), name);
    assert.equal((perTarget ?? []).length, (options.targets ?? []).length, name);
    found += diagnostics.length;
  }
  assert.ok(found > least, `${found} diagnostics`);
}

test('100 files of the corpus give the diagnostics of adit validate', { skip: noCorpus }, () => compare({}, []));

test('the same for named systems', { skip: noCorpus }, () => {
  const targets = ['ios-26.1+supervised', 'macos-15+supervised'];
  compare({ targets }, ['--target', 'ios-26.1', '--target', 'macos-15', '--supervised']);
});

test('the same for chosen rules', { skip: noCorpus }, () => {
  compare({ select: ['sa', 'ikev2'], ignore: ['sa.weak-dh'] }, ['--select', 'sa,ikev2', '--ignore', 'sa.weak-dh'], 100);
});

test('the same for templates', { skip: noCorpus }, () => compare({ template: true }, ['--template']));
