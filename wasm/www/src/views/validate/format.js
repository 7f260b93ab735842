// What a file is: its container, its signature, and what that means for editing it.

import { h, icon } from '../../dom.js';

const KINDS = {
  xml: 'XML', binary: 'Binary property list', cms: 'CMS', certificate: 'Certificate', pkcs12: 'PKCS#12', unknown: 'Unknown format',
};

/** The kind of the file, or of what is inside a signed one. */
export function contentKind(file) {
  const format = file?.opened?.format ?? file?.report?.format;
  return format?.kind === 'cms' ? (format.content ?? 'cms') : format?.kind;
}

/** Whether editing the file takes a signature off it. */
export const isSigned = (file) => file?.opened?.format?.kind === 'cms' && !file.opened.format.enveloped;

/** Badges for the head of the editor. */
export function formatOf(file) {
  const format = file?.opened?.format;
  if (!format) return [];
  const words = [];
  if (format.kind === 'cms') words.push(format.enveloped ? 'Encrypted' : 'Signed');
  words.push(KINDS[contentKind(file)] ?? contentKind(file));
  const encoding = format.encoding?.name;
  if (encoding && encoding !== 'utf8') words.push(encoding.toUpperCase());
  return words.map((word) => h('span', { class: 'badge' }, word));
}

/** Notes above the editor: the signature's verdict, that a rendering is shown, a password that is asked for. */
export function notesOf(file, values, { state }) {
  const opened = file?.opened;
  if (!opened) return [];
  const notes = [];
  if (opened.problem) notes.push(callout(opened.text === null ? 'error' : 'warning', opened.problem));
  if (opened.signature) notes.push(signatureNote(opened.signature, file.edited));
  if (contentKind(file) === 'binary' && opened.text !== null) {
    notes.push(callout('notice', file.edited ? 'Edited as XML; the download is binary again.' : 'A binary property list, shown as XML.'));
  }
  return notes;
}

function signatureNote(signature, edited) {
  const words = typeof signature === 'string' ? signature : signature.verdict;
  return callout(edited ? 'warning' : 'notice', edited ? `${words} The edited text is no longer signed.` : words);
}

export function callout(kind, ...content) {
  return h('div', { class: `callout ${kind}` }, icon(kind), h('div', null, content));
}
