// A file's verdict in a word and an icon.

/** The worst of it: `{ icon, word, kind }`. */
export function verdictOf(file) {
  if (file.failure) return { kind: 'unknown', icon: 'unknown', word: 'Could not be checked' };
  const report = file.report;
  if (!report) return { kind: 'unknown', icon: 'unknown', word: 'Being checked' };
  const counts = countsOf(report);
  if (report.verdict === 'refused' || counts.error) return { kind: 'error', icon: 'error', word: 'Has errors' };
  if (report.verdict !== 'accepted') return { kind: 'unknown', icon: 'unknown', word: 'Cannot be judged' };
  if (counts.warning) return { kind: 'warning', icon: 'warning', word: 'Has warnings' };
  return { kind: 'ok', icon: 'ok', word: 'No problems' };
}

/** Of each finding its number, from 0, among those with the same code and path. */
export function numbersOf(findings) {
  const seen = new Map();
  return findings.map(({ code, path }) => {
    const number = seen.get(`${code}/${path}`) ?? 0;
    seen.set(`${code}/${path}`, number + 1);
    return number;
  });
}

/** How many findings of each severity. */
export function countsOf(report) {
  const counts = { error: 0, warning: 0, notice: 0 };
  for (const { severity } of report?.diagnostics ?? []) counts[severity] += 1;
  return counts;
}
