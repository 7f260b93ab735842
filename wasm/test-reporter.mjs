// Reports `node --test` in the lines of Rust's test harness, so that `cargo xtask test` counts and shows both alike:
// `node --test --test-reporter=./test-reporter.mjs --test-reporter-destination=stdout`.
import { relative } from 'node:path';
import { inspect } from 'node:util';

/** What went wrong, without the frames inside Node. */
function reason(error) {
  const cause = error?.cause ?? error;
  const text = cause instanceof Error || cause?.stack ? (cause.stack ?? String(cause)) : inspect(cause);
  const lines = text.split('\n').filter((line) => !/^\s+at .*(node:internal|\(native\))/.test(line));
  return lines.join('\n');
}

export default async function* report(source) {
  const failures = [];
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const group = data.details.type === 'suite';
    const file = data.file ? `${relative(process.cwd(), data.file)}: ` : '';
    const name = `${file}${data.name}`;
    if (type === 'test:pass' && data.skip !== undefined) {
      yield `LEFT OUT: ${name}: ${data.skip || 'marked to be skipped'}\n`;
      passed += 1; // The reader takes what was left out off again.
    } else if (type === 'test:pass') {
      // A file that held no test is reported under its own name.
      if (group || data.name === data.file) continue;
      passed += 1;
      yield `test ${name} ... ok (${(data.details.duration_ms / 1000).toFixed(1)} s)\n`;
    } else {
      // A group, or a test with parts, fails because of a part that has been told.
      if (data.details.error?.failureType === 'subtestsFailed') continue;
      failed += 1;
      failures.push(`---- ${name} ----\n${reason(data.details.error)}\n`);
      yield `test ${name} ... FAILED\n`;
    }
  }
  if (failures.length > 0) yield `\nfailures:\n\n${failures.join('\n')}\n`;
  yield `test result: ${failed === 0 ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed\n`;
}
