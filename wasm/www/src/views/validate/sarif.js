// The findings as SARIF 2.1.0, in the form that `adit validate --format sarif` prints.

import { numbersOf } from '../../verdict.js';

const LEVELS = { error: 'error', warning: 'warning', notice: 'note' };

/** A log of one run over some checked files. */
export function sarifOf(values, files) {
  const results = files.flatMap(resultsOf);
  const used = [...new Set(results.map(({ ruleId }) => ruleId))].sort();
  for (const result of results) result.ruleIndex = used.indexOf(result.ruleId);
  const { version } = ASSETS;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'adit',
            version,
            semanticVersion: version,
            rules: used.map((code) => descriptor(code, values)),
            properties: { schemaRelease: values.schema?.release },
          },
        },
        columnKind: 'unicodeCodePoints',
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: [] }],
        results,
      },
    ],
  };
}

function descriptor(code, { rulePages, rules }) {
  const page = rulePages?.[code];
  const level = rules?.find((rule) => rule.code === code)?.level;
  return {
    id: code,
    name: code,
    ...(page && {
      shortDescription: { text: page.title },
      fullDescription: { text: `${page.what} ${page.why}` },
      help: { text: `${page.mend}\n\nSource: ${page.source}` },
    }),
    // What depends on the target is a notice where none is named.
    ...(level && { defaultConfiguration: { level: LEVELS[level] ?? 'note' } }),
  };
}

function resultsOf(file) {
  const uri = encodeURIComponent(file.name).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const region = lineRegions(file);
  const place = (location) => ({ physicalLocation: { artifactLocation: { uri }, region: region(location) } });
  const numbers = numbersOf(file.report.diagnostics);
  return file.report.diagnostics.map((found, at) => {
    const { code, path } = found;
    const location = place(found.location);
    if (path) location.logicalLocations = [{ fullyQualifiedName: path, kind: 'member' }];
    const fixes = found.fixes.filter((fix) => fix.edits);
    return {
      ruleId: code,
      level: LEVELS[found.severity],
      message: { text: found.help ? `${found.message}: ${found.help}` : found.message },
      locations: [location],
      partialFingerprints: { 'aditFinding/v1': `${code}/${path}/${numbers[at] + 1}` },
      properties: { keyPath: path },
      ...(found.related.length && { relatedLocations: found.related.map((related) => ({ ...place(related.location), message: { text: related.message } })) }),
      ...(fixes.length && {
        fixes: fixes.map((fix) => ({
          description: { text: fix.title },
          artifactChanges: [{
            artifactLocation: { uri },
            replacements: fix.edits.map((edit) => ({ deletedRegion: region(edit), insertedContent: { text: edit.text } })),
          }],
        })),
      }),
    };
  });
}

/** Regions with lines and columns (in characters); edits come with UTF-16 offsets only, so their lines are counted here. */
function lineRegions(file) {
  const text = file.text ?? '';
  const starts = [0];
  for (const { index } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + (text.startsWith('\r\n', index) ? 2 : 1));
  const position = (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return [low + 1, [...text.slice(starts[low], offset)].length + 1];
  };
  return (place) => {
    const region = { byteOffset: place.byte_start, byteLength: place.byte_end - place.byte_start };
    let lines = null;
    if (place.line) lines = [[place.line, place.column], [place.end_line, place.end_column]];
    else if (place.utf16_start !== undefined) lines = [position(place.utf16_start), position(place.utf16_end)];
    if (lines) [[region.startLine, region.startColumn], [region.endLine, region.endColumn]] = lines;
    return region;
  };
}
