// The page's parts that need no browser: the store, the client of the worker, labels of payloads, places of findings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { placesOf, startChecker } from '../src/checker.js';
import { createEngine } from '../src/engine.js';
import { payloadsOf } from '../src/payloads.js';
import { createState, encodingOf, inputOf, optionsOf, variablesOf } from '../src/state.js';
import { numbersOf } from '../src/verdict.js';
import { SRC } from './support/places.mjs';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const bytes = (text) => new TextEncoder().encode(text);

/** A worker that does nothing by itself: the test answers. */
function standIn() {
  const target = new EventTarget();
  target.sent = [];
  target.postMessage = (message) => target.sent.push(message);
  target.say = (data) => target.dispatchEvent(Object.assign(new Event('message'), { data }));
  target.answer = (name, result) => {
    const at = target.sent.findIndex((message) => message.name === name);
    const [{ id }] = target.sent.splice(at, 1);
    target.say({ id, result });
  };
  return target;
}

test('calls are answered by their number, whatever the order', async () => {
  const worker = standIn();
  const engine = createEngine(worker);
  const [first, second] = [engine.call('a'), engine.call('b')];
  worker.answer('b', 2);
  worker.answer('a', 1);
  assert.deepEqual(await Promise.all([first, second]), [1, 2]);
  const third = engine.call('c');
  worker.say({ id: worker.sent[0].id, error: { message: 'no', kind: 'usage' } });
  await assert.rejects(third, (error) => error.message === 'no' && error.kind === 'usage');
});

test('of several calls on a channel one is under way, one waits, and what was overtaken is dropped', async () => {
  const worker = standIn();
  const engine = createEngine(worker);
  const results = ['first', 'second', 'third'].map((input) => engine.latest('check', 'check', input));
  assert.deepEqual(worker.sent.map(({ args }) => args), [['first']]);
  assert.equal(await results[1], undefined, 'dropped before it was sent');
  worker.answer('check', 1);
  assert.equal(await results[0], undefined, 'its answer came too late');
  assert.deepEqual(worker.sent.map(({ args }) => args), [['third']]);
  const other = engine.latest('another', 'check', 'fourth');
  worker.answer('check', 3);
  assert.equal(await results[2], 3);
  worker.answer('check', 4);
  assert.equal(await other, 4);
});

test('a worker that fails fails every call, and says why', async () => {
  const worker = standIn();
  const engine = createEngine(worker);
  const call = engine.call('check');
  worker.say({ failed: 'no module' });
  await assert.rejects(call, /no module/);
  await assert.rejects(engine.ready, /no module/);
  await assert.rejects(engine.call('check'), /no module/);
});

test('the store tells once a turn, and only what was edited goes to the checker as text', async () => {
  const state = createState();
  let told = 0;
  state.subscribe(() => (told += 1));
  const id = state.add('a.mobileconfig', bytes('<a/>'));
  state.setFile(id, { text: '<a/>', revision: 1 });
  await turn();
  assert.equal(told, 1);
  assert.deepEqual(inputOf(state.file(id)), bytes('<a/>'));
  state.edit(id, '<a/>');
  assert.equal(state.file(id).edited, false, 'the same text is no edit');
  state.edit(id, '<b/>');
  assert.equal(inputOf(state.file(id)), '<b/>');
  assert.equal(state.file(id).revision, 2);
  state.setFile(id, { opened: { text: '<a/>' } });
  state.edit(id, '<a/>');
  assert.deepEqual(inputOf(state.file(id)), bytes('<a/>'), 'what was undone is the file again');
  state.edit(id, '<b/>');
  const utf16 = { name: 'utf16', big_endian: false, bom: true };
  state.setFile(id, { opened: { exact: true, format: { kind: 'cms', content: { kind: 'xml', encoding: utf16 } } } });
  assert.deepEqual(encodingOf(state.file(id)), { encoding: utf16 });
});

test('settings that are taken back before they were checked, and chosen again, are checked', async () => {
  globalThis.ASSETS = {};
  const worker = standIn();
  const state = createState();
  startChecker({ engine: createEngine(worker), state, announce() {} });
  const asked = async () => {
    for (let tries = 0; tries < 100 && !worker.sent.some(({ name }) => name === 'check'); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    const found = worker.sent.find(({ name }) => name === 'check');
    if (found) worker.answer('check', { diagnostics: [] });
    await turn();
    return found ? (found.args[1].targets ?? 'none') : 'nothing asked';
  };
  state.set({ engine: 'ready' });
  state.add('a', bytes('<a/>'));
  await turn();
  worker.answer('open', { format: { kind: 'xml' }, text: '<a/>', exact: true });
  assert.equal(await asked(), 'none');
  const choose = async (targets) => {
    state.set({ targets });
    await turn();
  };
  await choose(['ios-26.1']);
  await choose([]);
  // What was asked for meanwhile is checked as the settings are.
  assert.equal(await asked(), 'none');
  await choose(['ios-26.1']);
  assert.deepEqual(await asked(), ['ios-26.1']);
  delete globalThis.ASSETS;
});

test('a file that is closed gives way to its neighbour', () => {
  const state = createState();
  const ids = ['a', 'b', 'c'].map((name) => state.add(name, bytes(name)));
  state.set({ current: ids[1] });
  state.close(ids[1]);
  assert.equal(state.get().current, ids[2]);
  state.close(ids[2]);
  assert.equal(state.get().current, ids[0]);
  state.close(ids[0]);
  assert.equal(state.get().current, null);
});

test('a session brings back files and settings, never a password; clearing leaves nothing', () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const state = createState(storage);
  const binary = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
  state.add('binary', binary);
  const id = state.add('text', bytes('é'));
  state.setFile(id, { text: 'é' });
  state.edit(id, 'ü');
  state.set({ targets: ['ios-26.1'], password: 'hunter2', theme: 'dark' });
  state.keep();
  assert.ok(![...kept.values()].some((value) => value.includes('hunter2')));
  const later = createState(storage);
  later.restore();
  const [first, second] = later.get().files;
  assert.deepEqual(first.bytes, binary);
  assert.deepEqual([first.edited, second.text, second.edited], [false, 'ü', true]);
  assert.deepEqual([later.get().targets, later.get().theme, later.get().password, later.get().current], [['ios-26.1'], 'dark', '', second.id]);
  later.forget();
  later.keep();
  assert.equal(kept.size, 0);
  assert.deepEqual(later.get().files, []);
});

test('settings become the checker’s options', () => {
  const state = createState();
  assert.match(optionsOf(state.get()).at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  state.set({ targets: ['ios-26.1', 'macos-15'], supervised: true, userEnrollment: true, template: true, variables: 'A=1\nno\n B = x=y ', password: 'p' });
  const { at, ...options } = optionsOf(state.get());
  assert.deepEqual(options, {
    targets: ['ios-26.1+supervised+user-enrollment', 'macos-15+supervised+user-enrollment'],
    template: true,
    set: { A: '1', B: 'x=y' },
    password: 'p',
  });
  assert.deepEqual(variablesOf('=x\n'), {});
});

test('payloads are labelled by type and name, in any order of keys, without what is nested or commented out', async () => {
  const text = await readFile(join(SRC, 'samples/on-demand.mobileconfig'), 'utf8');
  assert.deepEqual(payloadsOf(text).map(({ type }) => type), ['com.apple.security.root', 'com.apple.vpn.managed']);
  const odd = `<?xml version="1.0"?><plist><dict><key>PayloadType</key><string>Configuration</string><key>PayloadContent</key><array>
    <dict><key>PayloadContent</key><dict><key>PayloadType</key><string>inner</string></dict><!-- <key>PayloadType</key><string>no</string> -->
    <key>PayloadDisplayName</key><string>A &amp; <![CDATA[<B>]]></string><key>PayloadType</key><string>outer</string></dict>
    <dict/><dict><key>PayloadType</key><string/></dict></array><key>Other</key><array><dict/></array></dict></plist>`;
  assert.deepEqual(payloadsOf(odd), [{ type: 'outer', name: 'A & <B>' }, { type: '', name: '' }, { type: '', name: '' }]);
  for (let at = 0; at < odd.length; at += 7) payloadsOf(odd.slice(0, at));
});

test('findings with one code and path are told apart by their number', () => {
  const found = (code, path) => ({ code, path });
  assert.deepEqual(numbersOf([found('a', 'x'), found('b', 'x'), found('a', 'x'), found('a', ''), found('a', 'x')]), [0, 0, 1, 0, 2]);
});

test('findings of a file get the places of the same findings in its rendering', () => {
  const found = (code, path, at) => ({ code, path, location: { byte_start: at }, related: [], fixes: [], message: `${code} at ${at}` });
  const placed = placesOf([found('a', 'x', 1), found('a', 'x', 2), found('b', '', 3)], [found('a', 'x', 10), found('a', 'x', 20)]);
  assert.deepEqual(placed.map(({ message, location }) => [message, location?.byte_start]), [['a at 1', 10], ['a at 2', 20], ['b at 3', undefined]]);
});
