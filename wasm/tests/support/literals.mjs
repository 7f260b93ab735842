// Values as TypeScript: each a constant of its type, written out, so that the compiler refuses whatever the type does not
// have, down to the last member.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE, TOOLS, run } from './places.mjs';

/** How much of values goes into one file. */
const FILE_SIZE = 2_000_000;

const literal = (value) => {
  if (value instanceof Uint8Array) return 'new Uint8Array()';
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${literal(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
};

/**
 * Compiles values, each { type, value }, below `folder`, with `more` code behind; throws what the compiler says.
 */
export function compile(folder, values, more = '') {
  const head = `import type * as adit from ${JSON.stringify(join(PACKAGE, 'index.js'))};\n`;
  const files = [];
  let text = head;
  const flush = () => {
    const name = `values-${files.length}.ts`;
    writeFileSync(join(folder, name), text);
    files.push(name);
    text = head;
  };
  values.forEach(({ type, value }, index) => {
    text += `export const v${index}: ${type} = ${literal(value)};\n`;
    if (text.length > FILE_SIZE) flush();
  });
  flush();
  if (more) {
    writeFileSync(join(folder, 'more.ts'), more.replaceAll('PACKAGE', pathToFileURL(PACKAGE).pathname));
    files.push('more.ts');
  }
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2022', 'dom'],
    types: [],
    resolveJsonModule: true,
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  run(join(TOOLS, 'tsc'), ['--project', folder, '--pretty', 'false']);
}
