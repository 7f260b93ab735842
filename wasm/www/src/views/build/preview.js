// The profile that the form makes, as it is now: what it lacks, what the rules find in it, its XML; to download.

import { count, h, icon, prose, replace, sentence } from '../../dom.js';
import { check, copyButton } from '../parts.js';
import { fieldOfKey, secretsOf } from './spec.js';

const TYPE = 'application/x-apple-aspen-config';
/** Longer ones are shown in part, and without colours. */
const LONG = 60_000;
const MOST = 50;
const HIDDEN = '••••••••';

export function previewOf(context, { model, focusField, labelOf, binary }) {
  let showSecrets = false;
  let drawn = null; // What the box shows.
  let noticesOpen = false;
  let made = null; // The report of the last profile that was made.
  const status = h('div', { class: 'build-status', role: 'status' });
  const problems = h('div', { class: 'stack' });
  const code = h('pre', { class: 'code preview', role: 'region', 'aria-label': 'The profile as XML', tabindex: '0' });
  const name = () => `${(model.spec.profile?.name || 'profile').replace(/[^\p{L}\p{N}._ -]+/gu, '').trim() || 'profile'}.mobileconfig`;
  const tools = [
    h('button', { class: 'button small primary', type: 'button', onclick: () => context.save(name(), made.text, TYPE) }, icon('download'), 'Download'),
    h('button', { class: 'button small', type: 'button', onclick: async () => {
      try {
        context.save(name(), await binary(), TYPE);
      } catch (error) {
        context.notify(error.message);
      }
    } }, icon('download'), 'As binary'),
    h('button', { class: 'button small', type: 'button', onclick: () => {
      context.state.add(name(), new TextEncoder().encode(made.text));
      location.hash = '#validate';
    } }, icon('arrow'), 'Open in Validate'),
    copyButton(context, () => made.text),
  ];
  const hide = check('Show secrets', false, (on) => {
    showSecrets = on;
    draw();
  });
  const output = h('div', { class: 'stack' }, h('div', { class: 'row' }, tools), hide, code);
  const element = h('section', { class: 'panel build-preview', 'aria-labelledby': 'preview-title' }, h('div', { class: 'panel-head' }, h('h2', { id: 'preview-title' }, 'The profile'), status), h('div', { class: 'panel-body stack' }, problems, output));

  /** Shows what came of a description: the paths it lacks, errors with a path, or a profile with its findings. */
  function show({ missing, errors, report, text }) {
    made = text ? { text, report } : null;
    output.hidden = !made;
    const found = report?.diagnostics ?? [];
    const weighty = [...found.filter(({ severity }) => severity === 'error'), ...found.filter(({ severity }) => severity === 'warning')];
    const notices = found.filter(({ severity }) => severity === 'notice');
    const worst = found.some(({ severity }) => severity === 'error') ? 'error' : found.some(({ severity }) => severity === 'warning') ? 'warning' : 'ok';
    const counts = ['error', 'warning', 'notice'].map((severity) => [severity, found.filter((one) => one.severity === severity).length]).filter(([, number]) => number);
    const words = missing.length || errors.length ? ['notice', 'Not complete yet'] : worst === 'ok' ? ['ok', counts.length ? count(counts[0][1], 'notice') : 'No problems'] : [worst, counts.map(([severity, number]) => count(number, severity)).join(', ')];
    if (status.textContent !== words[1]) replace(status, h('span', { class: `badge ${words[0]}` }, icon(words[0]), words[1]));
    replace(
      problems,
      missing.length > 0 && h('div', null, h('h3', null, 'Still needed'), h('ul', { class: 'jump-list' }, missing.map((path) => h('li', null, jump(path, labelOf(path)))))),
      errors.length > 0 && h('ul', { class: 'build-findings' }, errors.map((one) => h('li', null, icon('error'), h('span', { class: sentence(one.message) }, prose(one.message)), one.path && jump(one.path, labelOf(one.path))))),
      weighty.length > 0 && h('ul', { class: 'build-findings' }, weighty.slice(0, MOST).map(finding), weighty.length > MOST && h('li', { class: 'hint' }, `and ${weighty.length - MOST} more: see them in Validate`)),
      notices.length > 0 && h('details', { open: noticesOpen, ontoggle: (event) => (noticesOpen = event.target.open) }, h('summary', null, count(notices.length, 'notice')), h('ul', { class: 'build-findings' }, notices.slice(0, MOST).map(finding))),
    );
    problems.hidden = !problems.hasChildNodes();
    draw();
  }

  function finding(one) {
    const path = fieldOfKey(one.path, model.spec, model.type);
    return h(
      'li',
      null,
      icon(one.severity),
      h('div', null, h('span', { class: 'visually-hidden' }, `${one.severity}: `), h('span', { class: sentence(one.message) }, prose(one.message)), one.help && h('p', { class: sentence(one.help, 'hint') }, prose(one.help)), path ? jump(path, labelOf(path)) : h('code', { class: 'hint' }, one.path)),
    );
  }

  const jump = (path, label) => h('button', { class: 'jump', type: 'button', onclick: () => focusField(path) }, label);

  function draw() {
    if (!made) return;
    const asked = `${showSecrets} ${made.text}`;
    if (asked === drawn) return;
    drawn = asked;
    let text = made.text;
    if (!showSecrets) {
      for (const secret of secretsOf(model.spec, model.type)) text = text.replaceAll(`<string>${escaped(secret)}</string>`, `<string>${HIDDEN}</string>`);
    }
    text = text.replace(/<data>([\s\S]*?)<\/data>/g, (whole, content) => {
      const bytes = Math.floor(content.replace(/\s/g, '').length * 0.75);
      return content.length < 120 && showSecrets ? whole : `<data>… ${bytes.toLocaleString('en')} bytes</data>`;
    });
    replace(code, text.length > LONG ? `${text.slice(0, LONG)}\n…` : coloured(text));
  }

  return { element, show };
}

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** XML with its tags in a colour of their own. */
function coloured(text) {
  return text.split(/(<[^>]*>)/).filter(Boolean).map((part) => (part.startsWith('<') ? h('span', { class: 'xml-tag' }, part) : part));
}
