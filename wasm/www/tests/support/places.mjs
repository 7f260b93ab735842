// Where things are: the built page, the command line, the corpus, and where pictures go.
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's folder. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const TARGET = process.env.ADIT_TARGET ?? join(ROOT, 'target');

/** The page's source and the page as `cargo xtask web` builds it. */
export const SRC = join(ROOT, 'wasm/www/src');
export const DIST = join(ROOT, 'wasm/www/dist');
/** Screenshots, for people to look at. */
export const PICTURES = join(TARGET, 'page-screenshots');
/** The command line that verdicts are compared with. */
export const ADIT = process.env.ADIT_BIN ?? join(TARGET, 'debug/adit');
/** The folder of facts. */
export const SHARED = process.env.ADIT_SHARED ?? join(ROOT, '../shared');
/** Why tests with corpus files are left out, or false. */
export const noCorpus = existsSync(join(SHARED, 'corpus/profiles')) ? false : 'the corpus is not there (ADIT_SHARED, else ../shared)';

/** A profile of the corpus. */
export async function corpus(name) {
  return { name, bytes: await readFile(join(SHARED, 'corpus/profiles', name)) };
}

/** Every file below a folder, by its path with slashes. */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join('/'))
    .sort();
}
