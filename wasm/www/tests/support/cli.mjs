// The command line: what the page's verdicts are compared with, and what makes profiles for the tests.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADIT } from './places.mjs';

/** Runs the program and gives its standard output; any exit code of `codes` is good. */
export function adit(args, { cwd, codes = [0] } = {}) {
  return new Promise((resolve, reject) => {
    execFile(ADIT, args, { cwd, maxBuffer: 1 << 28, encoding: 'buffer' }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (codes.includes(code)) resolve(stdout);
      else reject(new Error(`adit ${args.join(' ')}: ${code}: ${stderr}`));
    });
  });
}

/** Calls with a folder of its own that is gone afterwards. */
export async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'adit-page-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `adit validate --format json --at TIME` says of one file. */
export async function validate({ name, bytes }, at, more = []) {
  return inFolder(async (folder) => {
    await writeFile(join(folder, name), bytes);
    const said = await adit(['validate', '--no-config', '--format', 'json', '--at', at, ...more, name], { cwd: folder, codes: [0, 1] });
    return JSON.parse(said).files[0];
  });
}

/** A profile that `adit new` makes. */
export async function make(name, args) {
  return inFolder(async (folder) => {
    await adit(['new', ...args, '-o', name], { cwd: folder });
    return { name, bytes: await readFile(join(folder, name)) };
  });
}

/** Of each diagnostic what both sides must agree on. */
export function essence(diagnostics) {
  return diagnostics.map(({ code, severity, message, location, fixes }) => ({
    code,
    severity,
    message,
    bytes: location ? [location.byte_start, location.byte_end] : null,
    fixes: fixes.map(({ title, safety, edits }) => ({
      title,
      safety,
      edits: edits ? edits.map(({ byte_start: from, byte_end: to, text }) => ({ from, to, text })) : null,
    })),
  }));
}

/** Fails unless nothing at all is found in a profile, but for `allowed`. */
export async function isClean(file, at, allowed = []) {
  const { verdict, diagnostics } = await validate(file, at);
  assert.equal(verdict, 'accepted');
  assert.deepEqual(diagnostics.filter(({ code }) => !allowed.includes(code)).map(({ code, message }) => `${code}: ${message}`), []);
}
