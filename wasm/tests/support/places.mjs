// Where things are: the package, the command line that it is compared with, the corpus, the folder for what tests make.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TARGET = process.env.ADIT_TARGET ?? join(ROOT, 'target');
/** The npm package. */
export const PACKAGE = join(ROOT, 'wasm/package');
/** The same package around a module whose entries trap (`cargo xtask web --traps`). */
export const TRAPS = join(TARGET, 'web/traps');
/** Programs of the npm tools. */
export const TOOLS = join(ROOT, 'wasm/node_modules/.bin');
const ADIT = process.env.ADIT_BIN ?? join(TARGET, 'debug/adit');
const CORPUS = join(process.env.ADIT_SHARED ?? join(ROOT, '../shared'), 'corpus/profiles');

/** The time that everything is judged at. */
export const AT = '2026-11-21T00:00:00Z';

/** Why tests with corpus files are left out, or false. */
export const noCorpus = existsSync(CORPUS) ? false : 'the corpus is not there (ADIT_SHARED, else ../shared)';

/** Every file of the corpus: { name, bytes }. */
export function corpus() {
  const names = readdirSync(CORPUS).filter((name) => name !== 'INDEX.tsv');
  return names.sort().map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(CORPUS, name))) }));
}

/** An empty folder below the target folder. */
export function emptyFolder(name) {
  const folder = join(TARGET, 'web/tests', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs a program to its end; what it says is the error unless its status is one of `codes`. */
export function run(program, args, { cwd, codes = [0], env = process.env } = {}) {
  const done = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  if (!codes.includes(done.status)) {
    throw new Error(`${program} ${args.join(' ')}: ${done.status}\n${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}

/** The command line's JSON. */
export function adit(args, { cwd, codes = [0, 1] } = {}) {
  return JSON.parse(run(ADIT, args, { cwd, codes }));
}

/** A file as XML, from the command line. */
export const show = (file) => run(ADIT, ['show', '--unmask', file], { codes: [0] });

/** What the command line says of files of the corpus, by their names. */
export function validateCorpus(more = []) {
  const files = corpus().map(({ name }) => name);
  const said = adit(['validate', '--no-config', '--format', 'json', '--at', AT, ...more, ...files], { cwd: CORPUS });
  return new Map(said.files.map((file) => [file.file, file]));
}

/** What another command says of one file of the corpus: the object, or null where it has nothing but an error. */
export function ofCorpus(args) {
  const said = run(ADIT, args, { cwd: CORPUS, codes: [0, 1, 2] });
  return said.startsWith('{') ? JSON.parse(said) : null;
}
