// What a file is: its container, its signature, and what that means for editing it.

import { h, icon, prose, sentence } from '../../dom.js';
import { hasVariables, isJson } from '../parts.js';

const KINDS = {
  xml: 'XML', binary: 'Binary property list', cms: 'CMS', certificate: 'Certificate', pkcs12: 'PKCS#12', unknown: 'Unknown format',
};

/** The kind of the file, or of what is inside a signed one. */
export function contentKind(file) {
  const format = file?.opened?.format ?? file?.report?.format;
  return (format?.kind === 'cms' ? format.content?.kind : null) ?? format?.kind;
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
  const encoding = (format.content ?? format).encoding?.name;
  if (encoding && encoding !== 'utf8') words.push(encoding.toUpperCase());
  return words.map((word) => h('span', { class: 'badge' }, word));
}

/** What the notes depend on: where it is the same, so are they. An edit matters where something is said of the file as it was. */
export function noteFacts({ opened, edited, text, ...file }, { template }) {
  const was = opened && (opened.signature || opened.problem || contentKind({ opened, ...file }) === 'binary');
  return [opened, Boolean(was && edited), text === '', Boolean(text && isJson({ text })), !template && hasVariables(text)];
}

/** Notes above the editor: the signature's verdict, a rendering, a template. */
export function notesOf(file, [opened, , , json, variables], { state }) {
  if (!opened) return [];
  const notes = [];
  if (json) notes.push(callout('notice', 'This is JSON. If these are declarations, ', h('a', { href: '#convert' }, 'Convert'), ' turns them into a profile.'));
  else if (opened.problem && file.text !== '' && !file.edited) notes.push(callout(opened.text === null ? 'error' : 'warning', h('span', { class: sentence(opened.problem) }, prose(opened.problem))));
  if (opened.signature) notes.push(signatureNote(opened.signature, file.edited));
  if (contentKind(file) === 'binary' && opened.text !== null) {
    notes.push(callout('notice', file.edited ? 'Edited as XML. The download is a binary property list again.' : 'This is a binary property list, shown as XML.'));
  }
  if (variables) {
    notes.push(callout('notice', 'There are variables in it. ', h('button', { class: 'link', type: 'button', onclick: () => state.set({ template: true }) }, 'Check it as a template')));
  }
  return notes;
}

function signatureNote({ verified, signers }, edited) {
  if (edited) return callout('warning', 'The text was edited, so the signature no longer holds. The download is not signed.');
  if (!signers.length) return callout('warning', 'There is no signature in the envelope.');
  return callout(
    verified ? 'ok' : 'error',
    h('ul', null, signers.map((signer) =>
      h('li', null, verified || signer.verification === 'verified' ? 'Signed by ' : 'The signature does not hold: ', h('strong', null, signer.name), signer.verification === 'verified' ? '' : ` (${signer.reason})`, signer.signing_time ? `, ${signer.signing_time.slice(0, 10)}` : '', `, ${signer.algorithm}.`))),
    verified && h('p', { class: 'hint' }, 'The content is what was signed. Whether a device trusts the signer was not checked.'),
  );
}

export function callout(kind, ...content) {
  return h('div', { class: `callout ${kind}` }, icon(kind), h('div', null, content));
}
