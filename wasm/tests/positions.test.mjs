// Places in a file: bytes, lines and columns, and the UTF-16 units that JavaScript counts in, all of the same characters.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, encode, open } from '../package/node.js';
import { AT, corpus, noCorpus } from './support/places.mjs';

const encoder = new TextEncoder();

/** Every place of a report: of diagnostics, of what explains them, of edits. */
function places(report) {
  return report.diagnostics.flatMap(({ location, related, fixes }) => [
    location,
    ...related.map((one) => one.location),
    ...fixes.flatMap(({ edits }) => edits ?? []),
  ]);
}

/** Line and column of a place in a text, counted here. */
function lineAndColumn(text, utf16) {
  const lines = text.slice(0, utf16).split(/\r\n|\r|\n/);
  const last = lines.at(-1);
  return [lines.length, [...last].length + 1, last.length + 1];
}

/** Holds every place of a report against the text; `bytesOf` gives the bytes of a part of it. */
function hold(report, text, content, bytesOf) {
  const all = places(report);
  for (const place of all) {
    const part = text.slice(place.utf16_start, place.utf16_end);
    assert.deepEqual(content.subarray(place.byte_start, place.byte_end), bytesOf(part), JSON.stringify(place));
    if (place.line !== undefined) {
      assert.deepEqual([place.line, place.column, place.utf16_column], lineAndColumn(text, place.utf16_start));
      assert.deepEqual([place.end_line, place.end_column, place.utf16_end_column], lineAndColumn(text, place.utf16_end));
    }
  }
  return all.length;
}

test('UTF-16 offsets of the corpus name the same characters as its bytes', { skip: noCorpus }, async () => {
  let held = 0;
  for (const { name, bytes } of corpus()) {
    const { text, exact, format } = await open(bytes);
    const encoding = (format.content ?? format).encoding;
    if (!exact || encoding?.name !== 'utf8') continue;
    const mark = encoding.bom ? 3 : 0;
    const content = new Uint8Array([...new Uint8Array(mark), ...encoder.encode(text)]);
    held += hold(await check(bytes, { at: AT }), text, content, (part) => encoder.encode(part));
    assert.ok(!text.startsWith('\ufeff'), name);
  }
  assert.ok(held > 1000, `${held} places`);
});

const text = [
  '<?xml version="1.0" encoding="ENCODING"?>',
  '<plist version="1.0"><dict>',
  '<key>PayloadDisplayName</key><string>B\u00fcro \u{1f512}\u{1f600} \u65e5\u672c</string> <key>Nam\u00e9\u{1f600}</key><integer>1</integer>',
  '<key>PayloadType</key><string>Configuration\u{10ffff}</string><key>PayloadVersion</key><integer>2</integer>',
  '<key>PayloadContent</key><array></array>',
  '</dict></plist>',
  '',
].join('\r\n');

test('astral characters, CR LF and marks', async () => {
  const utf8 = text.replace('ENCODING', 'UTF-8');
  const bytes = encoder.encode(utf8);
  assert.ok(hold(await check(bytes), utf8, bytes, (part) => encoder.encode(part)) > 3);
  const marked = new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]);
  assert.equal((await open(marked)).text, utf8);
  hold(await check(marked), utf8, marked, (part) => encoder.encode(part));
});

test('UTF-16, both ways round', async () => {
  const wide = text.replace('ENCODING', 'UTF-16');
  for (const bigEndian of [false, true]) {
    const encode = (part) => {
      const bytes = new Uint8Array(part.length * 2);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < part.length; at += 1) view.setUint16(at * 2, part.charCodeAt(at), !bigEndian);
      return bytes;
    };
    const bytes = encode(`\ufeff${wide}`);
    const opened = await open(bytes);
    assert.deepEqual(opened.format.encoding, { name: 'utf16', big_endian: bigEndian, bom: true });
    assert.equal(opened.text, wide);
    assert.ok(hold(await check(bytes), wide, bytes, encode) > 3);
    // The same as a text, in the encoding that it was read from.
    const again = await check(wide, { encoding: opened.format.encoding });
    assert.deepEqual(again, await check(bytes));
  }
});

test('a text as input counts in that text, its mark included', async () => {
  const utf8 = text.replace('ENCODING', 'UTF-8');
  const plain = await check(utf8);
  const marked = await check(`\ufeff${utf8}`);
  assert.deepEqual(plain.diagnostics, (await check(encoder.encode(utf8))).diagnostics);
  assert.deepEqual(
    places(marked).map(({ utf16_start: from, utf16_end: to }) => [from, to]),
    places(plain).map(({ utf16_start: from, utf16_end: to }) => [from + 1, to + 1]),
  );
});

test('a binary file has bytes only', async () => {
  const binary = await check(encode('<plist><dict><key>PayloadType</key><string>x</string></dict></plist>', 'binary'));
  assert.equal(binary.format.kind, 'binary');
  for (const { location } of binary.diagnostics) assert.deepEqual(Object.keys(location), ['byte_start', 'byte_end']);
});
