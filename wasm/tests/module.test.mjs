// The module and what stands beside it: it asks nothing of its surroundings, wrong usage is told, the rules' pages are those
// of the command line.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as adit from '../package/node.js';
import { PACKAGE, adit as cli } from './support/places.mjs';
import { ikev2, profile } from './support/samples.mjs';

const module = new WebAssembly.Module(readFileSync(join(PACKAGE, 'dist/adit_profile_bg.wasm')));

test('it imports nothing from env, and nothing but what wasm-bindgen gives it', () => {
  const imports = WebAssembly.Module.imports(module);
  assert.deepEqual(imports.filter((one) => one.module === 'env'), []);
  for (const one of imports) {
    assert.equal(one.module, './adit_profile_bg.js');
    // No clock, no randomness, no console: strings, errors, the table of references, and conversions of numbers and letters.
    assert.match(
      one.name,
      /^__wb(g|indgen)_(__wbindgen_throw|init_externref_table|generic|cast|string|error|(Number|String|call|new|test)_[0-9a-f]{16}$)/,
    );
  }
});

test('what it asks of the engine are numbers and letters', () => {
  const glue = readFileSync(join(PACKAGE, 'dist/adit_profile.js'), 'utf8');
  const asked = [...glue.matchAll(/__wbg_(Number|String|call|new|test)_[0-9a-f]{16}: [^}]*?(?:const ret =|return) ([\w. ]+)\(/g)];
  assert.deepEqual(
    asked.map(([, name, called]) => [name, called]).sort(),
    [
      ['Number', 'Number'],
      ['String', 'String'],
      ['call', 'String.prototype.toLowerCase.call'],
      ['new', 'new RegExp'],
      ['test', 'arg0.test'],
    ],
  );
});

test('the pages of the rules are those of adit rules', () => {
  const pages = JSON.parse(readFileSync(join(PACKAGE, 'dist/rule-pages.json'), 'utf8'));
  const wanted = cli(['rules', '--format', 'json']);
  const given = Object.fromEntries(
    wanted.map(({ code, title, what, why, mend, source }) => [code, { title, what, why, mend, source }]),
  );
  assert.deepEqual(pages, given);
  const summaries = wanted.map(({ code, family, subject, level, title }) => ({ code, family, subject, level, title }));
  assert.deepEqual(adit.rules(), summaries);
});

test('schema() lists the types and fields of adit new --list', () => {
  assert.deepEqual(adit.schema().types, cli(['new', '--list', '--json']).types);
});

test('wrong usage names the option, and is no trap', async () => {
  const file = profile([ikev2()]);
  const wrong = [
    [() => adit.check(7), 'input'],
    [() => adit.check(file, 'x'), 'options'],
    [() => adit.check(file, { at: 'tomorrow' }), 'at'],
    [() => adit.check(file, { targets: ['beos-5'] }), 'targets'],
    [() => adit.check(file, { select: ['nonsense'] }), 'select'],
    [() => adit.check(file, { nonsense: true }), 'nonsense'],
    [() => adit.check(file, { text: true }), 'text'],
    [() => adit.fix(file, { safety: 'perhaps' }), 'safety'],
    [() => adit.convert(file, { to: 'nowhere' }), 'to'],
    [() => adit.convert(file), 'to'],
    [() => adit.evaluateOnDemand(file, {}), 'network'],
    [() => adit.evaluateOnDemand(file, { network: { ssids: 'x' } }), 'network'],
    [() => adit.compareWithServer(file, 7), 'swanctl'],
    [() => adit.explain(file, { payload: 9 }), 'payload'],
    [() => adit.encode('no list', 'binary'), ''],
    [() => adit.encode(file, 'json'), 'form'],
    [() => adit.build('x'), 'spec'],
    [() => adit.diff(file, null), 'after'],
  ];
  for (const [call, path] of wrong) {
    // What answers later rejects, everything else throws.
    await assert.rejects(async () => call(), (error) => {
      assert.ok(error instanceof adit.AditError && error instanceof Error);
      assert.deepEqual([error.kind, error.path], ['usage', path], error.message);
      assert.ok(error.message.length > 0);
      return true;
    }, call.toString());
  }
});

test('what is given is not changed', async () => {
  const bytes = new TextEncoder().encode(profile([ikev2()]));
  const before = bytes.slice();
  const options = { at: '2026-11-21T00:00:00Z', targets: ['ios-26.1'] };
  const given = structuredClone(options);
  await adit.check(bytes, options);
  adit.fix(bytes, options);
  assert.deepEqual(bytes, before);
  assert.deepEqual(options, given);
});

test('binary and XML are written back as they were read', async () => {
  const xml = profile([ikev2()]);
  const binary = adit.encode(xml, 'binary');
  const opened = await adit.open(binary);
  assert.deepEqual([opened.format.kind, opened.exact, opened.problem], ['binary', false, null]);
  assert.deepEqual(adit.encode(opened.text, 'binary'), binary);
  assert.ok(adit.diff(xml, binary).same);
  assert.deepEqual(adit.encode(xml, 'xml'), new TextEncoder().encode(xml));
});

test('no secret stands in a report', async () => {
  const secret = 'Xq7-vR2m9Tb4-unguessable';
  const file = profile([ikev2({ SharedSecret: secret, MTU: 9000, Misplaced: secret.length })]);
  const reports = [
    await adit.check(file, { targets: ['ios-26.1'] }),
    await adit.explain(file),
    adit.diff(file, file.replace(secret, 'another')),
    adit.convert(file, { to: 'declarations' }),
    adit.convert(file, { to: 'api' }),
  ];
  for (const report of reports) assert.ok(!JSON.stringify(report).includes(secret));
});
