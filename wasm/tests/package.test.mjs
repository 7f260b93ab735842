// The package as it is published: what npm packs, what the checkers of packages say, and two programs that use it.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../serve.mjs';
import { PACKAGE, ROOT, TOOLS, emptyFolder, run } from './support/places.mjs';

const packed = emptyFolder('packed');
const [{ filename, files }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', packed], { cwd: PACKAGE }));
const tarball = join(packed, filename);

/** A folder with an example and the package in its node_modules, unpacked as npm would. */
function installed(example) {
  const folder = emptyFolder(`example-${example}`);
  cpSync(join(ROOT, 'wasm/examples', example), folder, { recursive: true });
  const home = join(folder, 'node_modules/@adit/profile');
  mkdirSync(home, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', home]);
  return folder;
}

test('npm packs the files of the package and nothing else', () => {
  assert.deepEqual(files.map(({ path }) => path).sort(), [
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'dist/adit_profile.js',
    'dist/adit_profile_bg.wasm',
    'dist/rule-pages.json',
    'engine.js',
    'index.d.ts',
    'index.js',
    'node.d.ts',
    'node.js',
    'package.json',
    'signatures.js',
  ]);
});

test('publint has nothing to say', () => {
  const said = run(join(TOOLS, 'publint'), ['run', tarball, '--strict']);
  assert.match(said, /All good!/);
});

test('every entry has the right types', () => {
  const args = [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './wasm', '--no-emoji', '--no-color'];
  run(join(TOOLS, 'attw'), args, { env: { ...process.env, NO_COLOR: '1' } });
});

test('the version is that of the crate', () => {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const [, wanted] = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8').match(/\[workspace\.package\]\nversion = "(.*)"/);
  assert.equal(version, wanted);
});

test('the example for Node checks files', () => {
  const folder = installed('node');
  const good = join(ROOT, 'benches/profile/eap.mobileconfig');
  const said = run('node', ['--disable-warning=ExperimentalWarning', 'check.js', good], { cwd: folder });
  assert.match(said, /eap\.mobileconfig: accepted\n/);
  assert.match(said, / is an IKEv2 VPN/);
  const bad = run('node', ['--disable-warning=ExperimentalWarning', 'check.js', 'package.json'], { cwd: folder, codes: [1] });
  assert.match(bad, /package\.json: not-read\n/);
});

test('the example for a bundler checks files', async () => {
  const folder = installed('bundler');
  symlinkSync(join(ROOT, 'wasm/node_modules/esbuild'), join(folder, 'node_modules/esbuild'));
  run('node', ['build.js'], { cwd: folder });
  const built = readdirSync(join(folder, 'dist'));
  assert.equal(built.length, 2, `${built}`);
  // The bundle asks for the module at its own address, as in a page.
  const server = await serve(join(folder, 'dist'));
  const ownFetch = globalThis.fetch;
  const asked = [];
  globalThis.fetch = (url) => {
    asked.push(new URL(url).protocol);
    return ownFetch(new URL(new URL(url).pathname.split('/').at(-1), server.url));
  };
  try {
    const { judge } = await import(join(folder, 'dist/main.js'));
    const [verdict] = await judge(new Blob([readFileSync(join(ROOT, 'benches/profile/eap.mobileconfig'))]));
    assert.equal(verdict, 'accepted');
    assert.deepEqual(asked, ['file:']);
  } finally {
    globalThis.fetch = ownFetch;
    await server.close();
  }
});
