// The findings as the object that `adit validate --format json` prints (docs/validate-json.md).

import { countsOf } from '../../verdict.js';

/** The report of files that were checked. */
export function jsonOf(values, files) {
  // The text with the variables filled in, and what a typed password opens, are the page's own affair.
  const reports = files.map(({ name, report: { variables, locked, unopened, ...report } }) => ({ file: name, ...report }));
  const sum = (amount) => reports.reduce((total, report) => total + amount(report), 0);
  return {
    version: 1,
    tool: { name: 'adit', version: ASSETS.version },
    schema_release: values.schema?.release ?? null,
    targets: files[0].targets.map(targetOf),
    at: files[0].at,
    files: reports,
    summary: {
      files: reports.length,
      errors: sum((report) => countsOf(report).error),
      warnings: sum((report) => countsOf(report).warning),
      notices: sum((report) => countsOf(report).notice),
      silenced: sum((report) => report.ignored_by_comment + report.known_to_baseline),
      no_profile: sum((report) => (report.verdict === 'not-read' ? 1 : 0)),
      unreadable: 0,
    },
  };
}

/** `ios-26.1+supervised` as an object. */
function targetOf(text) {
  const [system, ...more] = text.split('+');
  const [platform, version] = system.split('-');
  return { platform, supervised: more.includes('supervised'), user_enrollment: more.includes('user-enrollment'), version };
}
