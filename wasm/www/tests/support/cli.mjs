// The command line: what the page's verdicts are compared with, and what makes profiles for the tests.
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
      else reject(new Error(`adit ${args.join(' ')}: ${code}: ${stderr || stdout}`));
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

/** The whole report of `adit validate --at TIME` on one file, as JSON or SARIF. */
export async function report({ name, bytes }, at, more = [], format = 'json') {
  return inFolder(async (folder) => {
    await writeFile(join(folder, name), bytes);
    return JSON.parse(await adit(['validate', '--no-config', '--format', format, '--at', at, ...more, name], { cwd: folder, codes: [0, 1] }));
  });
}

/** What the report says of that file. */
export const validate = async (file, at, more) => (await report(file, at, more)).files[0];

/** A profile that `adit new` makes; `files` stand beside it. */
export async function make(name, args, files = {}) {
  return inFolder(async (folder) => {
    for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
    await adit(['new', ...args, '-o', name], { cwd: folder });
    return { name, bytes: await readFile(join(folder, name)) };
  });
}

/** The time as `--at` takes it. */
export const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** A report without the positions in UTF-16, which only JavaScript wants. */
export const inBytes = (value) => JSON.parse(JSON.stringify(value, (name, member) => (name.startsWith('utf16_') ? undefined : member)));
