// What several views are made of: copy buttons, regions that scroll, places that take a dropped file, empty states.

import { h, icon, prose, sentence } from '../dom.js';

let ids = 0;
/** A name for an element that others refer to. */
export const uid = (stem) => `${stem}-${++ids}`;

/**
 * What a field for a secret has beside `type: 'password'`, which is what keeps it from being read aloud, from keyboards
 * that learn, and out of what browsers restore after a crash. None of them is for logging in here, and browsers and
 * password managers offer to keep every password but that of one time.
 */
export const UNSAVED = { autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', 'data-1p-ignore': true, 'data-lpignore': 'true', 'data-bwignore': true };

/** Runs at most once per `pause`, after the last call. */
export function later(run, pause = 150) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), pause);
  };
}

/** A button that copies what `text()` gives. */
export function copyButton({ notify }, text, label = 'Copy') {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      notify('Copied.');
    } catch {
      notify('The browser does not let the page copy. Select the text and copy it by hand.');
    }
  };
  return h('button', { class: 'button small', type: 'button', onclick: copy }, icon('copy'), label);
}

/** A button that downloads what `content()` gives. */
export function saveButton({ save }, name, content, type, label = 'Download') {
  return h('button', { class: 'button small', type: 'button', onclick: () => save(name(), content(), type) }, icon('download'), label);
}

/** Something wide: it scrolls by itself, by keyboard too. */
export function scroller(label, ...children) {
  return h('div', { class: 'scroller', role: 'region', 'aria-label': label, tabindex: '0' }, children);
}

/** Text as it is, in a box that scrolls. */
export function codeBox(label, text) {
  return h('pre', { class: 'code', role: 'region', 'aria-label': label, tabindex: '0' }, text);
}

/** A section with a heading. */
export function panel(title, body, ...tools) {
  const id = uid('panel');
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': id },
    h('div', { class: 'panel-head' }, h('h2', { id }, title), tools.length > 0 && h('div', { class: 'row' }, tools)),
    h('div', { class: 'panel-body stack' }, body),
  );
}

/** A message with an icon and a tint: `error`, `warning`, `notice` or `ok`. */
export function callout(kind, ...children) {
  return h('div', { class: `callout ${kind}` }, icon(kind), h('div', null, children));
}

/** A label over a control, with a hint below. */
export function field(label, control, hint = null) {
  control.id ||= uid('field');
  const help = hint && h('p', { class: 'hint', id: `${control.id}-hint` }, hint);
  if (help) control.setAttribute('aria-describedby', help.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, help);
}

/** A choice of one of a few: `[value, words]` each. */
export function select(options, value, onchange, more = {}) {
  const element = h('select', { ...more, onchange: () => onchange(element.value) }, options.map(([word, text]) => h('option', { value: word }, text)));
  element.value = value;
  return element;
}

/** A box to tick, and its label. */
export function check(label, checked, onchange) {
  const box = h('input', { type: 'checkbox', checked, onchange: () => onchange(box.checked) });
  return h('label', { class: 'check' }, box, h('span', null, label));
}

/** A button that opens a file picker; `take` gets a File. */
export function fileButton(label, take, more = {}) {
  const input = h('input', { type: 'file', hidden: true, 'aria-label': label, ...more, onchange: () => {
    if (input.files[0]) take(input.files[0]);
    input.value = '';
  } });
  return h('span', { class: 'file-button' }, h('button', { class: 'button small', type: 'button', onclick: () => input.click() }, icon('open'), label), input);
}

/** Makes an element take dropped files itself; the page leaves drops inside `data-drop` alone. */
export function takesDrops(element, take) {
  element.dataset.drop = '';
  element.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    element.classList.add('drop-here');
  });
  element.addEventListener('dragleave', () => element.classList.remove('drop-here'));
  element.addEventListener('drop', (event) => {
    element.classList.remove('drop-here');
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  return element;
}

/** What a view shows without a file: what it does, and the ways to open one. */
export function withoutFile(context, title, text) {
  return h(
    'div',
    { class: 'panel nothing' },
    h('h1', null, title),
    h('p', null, text),
    h(
      'div',
      { class: 'row' },
      h('button', { class: 'button primary', type: 'button', onclick: () => context.openPicker() }, icon('open'), 'Open a profile'),
      h('button', { class: 'button', type: 'button', onclick: () => context.openSample('on-demand.mobileconfig') }, 'Try a sample'),
    ),
  );
}

/** A list of places and reasons: what a conversion loses, what a form cannot hold. */
export function placesAndReasons(list) {
  return h('ul', { class: 'reasons', role: 'list', tabindex: list.length > 6 ? '0' : null }, list.map(({ path, reason }) => h('li', null, path && h('code', null, path), h('span', null, reason))));
}

/** Whether a text has the variables of a template: {{ user }}, {% if %}, ${USER}, %USER%, <%= user %>. */
export const hasVariables = (text) => /\{\{[^{}\n]+\}\}|\{%|\$\{\w+\}|>[^<]*%[A-Za-z_]{2,}%|<%/.test((text ?? '').slice(0, 100_000));

/** Whether a file is JSON, as declarations are: its first characters say so, which a template's brace does not. */
export function isJson(file) {
  const text = file.text ?? new TextDecoder().decode(file.bytes.subarray(0, 200));
  return /^\uFEFF?\s*(\{\s*["}]|\[\s*[\]{"])/.test(text.slice(0, 200));
}

/** What a view says of a file that the checker has nothing for: why, or of one it could not read where to go from there. */
export function unreadable({ state }, file, { not_read: notRead, error, problem = error }) {
  if (!notRead) return callout('error', h('span', { class: sentence(problem) }, prose(problem)));
  const why = file.edited ? null : file.opened?.problem;
  const { template } = state.get();
  const asTemplate = h('button', { class: 'link', type: 'button', onclick: () => state.set({ template: true }) }, 'Read it as a template');
  return callout(
    'error',
    h('p', null, h('strong', null, 'This file cannot be read as a profile.')),
    why && h('p', { class: sentence(why) }, prose(why), '.'),
    h('p', null, isJson(file) ? ['It looks like declarations, which ', h('a', { href: '#convert' }, 'Convert'), ' turns into a profile.'] : !template && hasVariables(file.text) ? ['There are variables in it. ', asTemplate] : [h('a', { href: '#validate' }, 'Validate'), ' shows what is wrong with it.']),
  );
}

/** The key under which what was made of a file can be kept: the file, its text, and what it is judged for. */
export function fileKey(file, values) {
  return file ? JSON.stringify([file.id, file.revision, values.targets, values.supervised, values.userEnrollment, values.template, values.variables, values.password, file.name]) : '';
}
