// The findings as the object that `adit validate --format json` prints (docs/validate-json.md).

import { countsOf } from '../../verdict.js';

/** The report of some files that were checked. */
export function jsonOf(values, files) {
  const reports = files.map(({ name, report }) => ({ file: name, ...report }));
  const sum = (severity) => reports.reduce((total, report) => total + countsOf(report)[severity], 0);
  return {
    version: 1,
    tool: { name: 'adit', version: values.schema?.version ?? '' },
    schema_release: values.schema?.release ?? '',
    files: reports,
    summary: { files: reports.length, errors: sum('error'), warnings: sum('warning'), notices: sum('notice') },
  };
}
