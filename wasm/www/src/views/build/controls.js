// A control for each kind of field. Each gives `{ control, focus }`: `set(value)` is called with undefined for "not said".

import { h, icon, replace } from '../../dom.js';
import { UNSAVED, select } from '../parts.js';
import { choiceOf } from './labels.js';
import { rulesEditor } from './rules.js';

const PLAIN = { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' };

/** The names of files, by the value that holds their content. */
const fileNames = new WeakMap();

/** A file's content as the description has it. */
export async function material(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  const value = { base64: btoa(text) };
  fileNames.set(value, file.name);
  return value;
}

/** What is said of a content: its file's name, and its size. */
function contentWords(value) {
  if (!value) return 'No file';
  const size = typeof value === 'string' ? value.length : Math.floor((value.base64?.length ?? 0) * 0.75);
  return `${fileNames.get(value) ?? 'Content of the profile'} (${size.toLocaleString('en')} bytes)`;
}

const kindName = (kind) => (typeof kind === 'string' ? kind : Object.keys(kind)[0]);

/**
 * The control of a field. `describe(element)` ties labels and messages to it; `options` has what other parts of the form
 * know: `identities()`, `subtypes`, `changed()` for what draws itself.
 */
export function controlOf(field, value, set, options) {
  const name = kindName(field.kind);
  const kinds = { boolean: yesNo, word, 'word-list': wordList, 'text-list': textList, integer: number, number, secret, file: oneFile, files, pairs, rules, services, apps, 'mac-apps': macApps };
  if (field.path.endsWith('.identity') && name === 'text') return identity(field, value, set, options);
  return (kinds[name] ?? text)(field, value, set, options);
}

function text(field, value, set, { subtypes, id }) {
  const listed = field.flag === 'subtype' && subtypes.length ? h('datalist', { id: `${id}-list` }, subtypes.map((one) => h('option', { value: one.name }, one.note))) : null;
  const input = h('input', { type: 'text', ...PLAIN, value: value ?? '', placeholder: field.example && `e.g. ${field.example}`, list: listed?.id, oninput: () => set(input.value) });
  return { control: input, beside: listed };
}

function number(field, value, set, { problem }) {
  const whole = kindName(field.kind) === 'integer';
  const input = h('input', { type: 'text', inputmode: whole ? 'numeric' : 'decimal', ...PLAIN, value: value ?? '', placeholder: `e.g. ${field.example}`, oninput: () => {
    const typed = input.value.trim();
    const ok = typed === '' || (whole ? /^-?\d{1,15}$/ : /^-?\d+(\.\d+)?$/).test(typed);
    problem(ok ? null : whole ? 'A whole number' : 'A number');
    if (ok) set(typed === '' ? undefined : Number(typed));
  } });
  return { control: input };
}

function yesNo(field, value, set) {
  return { control: select([['', 'default'], ['true', 'yes'], ['false', 'no']], value === undefined ? '' : String(value), (word) => set(word === '' ? undefined : word === 'true')) };
}

function word(field, value, set) {
  const required = field.required && field.path.endsWith('.method');
  const words = field.kind.word.map((one) => [one, choiceOf(one)]);
  return { control: select(required && value ? words : [['', 'default'], ...words], value ?? '', (one) => set(one || undefined)) };
}

function identity(field, value, set, { identities }) {
  const names = identities();
  const all = value && !names.includes(value) ? [...names, value] : names;
  return { control: select([['', names.length > 1 ? 'say which' : (names[0] ?? 'none yet: add one below')], ...all.map((name) => [name, name])], value ?? '', (name) => set(name || undefined)) };
}

function secret(field, value, set) {
  const known = typeof value === 'string' || value === undefined;
  const input = h('input', { type: 'password', ...UNSAVED, value: known ? (value ?? '') : '', placeholder: known ? '' : 'bytes of the profile, kept', oninput: () => set(input.value) });
  const show = h('button', { class: 'button icon-only small', type: 'button', 'aria-pressed': 'false', 'aria-label': 'Show what is typed', title: 'Show what is typed', onclick: () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    show.setAttribute('aria-pressed', String(shown));
  } }, icon('eye'));
  // In a form of its own: several passwords in one are a login and its change to browsers.
  return { control: input, wrap: (element) => h('form', { class: 'with-button', onsubmit: (event) => event.preventDefault() }, element, show) };
}

function textList(field, value, set) {
  const area = h('textarea', { rows: Math.min(6, Math.max(2, (value?.length ?? 0) + 1)), ...PLAIN, value: (value ?? []).join('\n'), placeholder: field.example.replaceAll(',', '\n'), oninput: () => set(area.value.split(/[\n,]/).map((line) => line.trim()).filter(Boolean)) });
  return { control: area, hint: 'One on each line.' };
}

function wordList(field, value, set) {
  const chosen = [...(value ?? [])];
  const words = field.kind['word-list'];
  const row = h('div', { class: 'row' });
  const draw = (focus) => {
    const all = chosen.map((one, at) =>
      select([['', 'remove'], ...words.map((word) => [word, word])], one, (next) => {
        if (next) chosen[at] = next;
        else chosen.splice(at, 1);
        set([...chosen]);
        draw(Math.min(at, chosen.length));
      }, { 'aria-label': `Key exchange ${at + 1}`, class: 'narrow' }),
    );
    const add = chosen.length < 7 && select([['', chosen.length ? 'and then …' : 'none'], ...words.map((word) => [word, word])], '', (next) => {
      if (next) chosen.push(next);
      set([...chosen]);
      draw(chosen.length - 1);
    }, { 'aria-label': 'Add a key exchange', class: 'narrow' });
    replace(row, all, add);
    if (focus !== undefined) row.children[focus]?.focus();
  };
  draw();
  return { control: row, group: true };
}

function fileInput(label, take, more = {}) {
  const input = h('input', { type: 'file', hidden: true, 'aria-label': label, ...more, onchange: async () => {
    await take([...input.files]);
    input.value = '';
  } });
  return input;
}

function oneFile(field, value, set) {
  const words = h('span', { class: 'hint' }, contentWords(value));
  const remove = h('button', { class: 'button small quiet', type: 'button', hidden: !value, onclick: () => put(undefined) }, 'Remove');
  const put = (next) => {
    set(next);
    words.textContent = contentWords(next);
    remove.hidden = !next;
  };
  const input = fileInput(field.help, async ([file]) => file && put(await material(file)), { name: field.flag, accept: '.p12,.pfx,application/x-pkcs12' });
  const button = h('button', { class: 'button small', type: 'button', onclick: () => input.click() }, icon('open'), 'Choose a file');
  return { control: button, wrap: (element) => h('div', { class: 'row' }, element, input, words, remove) };
}

/** Rows of a list, with a button to add one and one to remove each. */
function rows({ value, set, draw, fresh, add, title }) {
  const list = [...(value ?? [])];
  const body = h('ol', { class: 'rows' });
  const told = () => set(list.filter((one) => one !== null).map((one) => structuredClone(one)));
  const redraw = (focus) => {
    replace(body, list.map((one, at) => h('li', { class: 'list-row' }, draw(one, told, at), h('button', { class: 'button small icon-only quiet', type: 'button', 'aria-label': `Remove ${title} ${at + 1}`, onclick: () => {
      list.splice(at, 1);
      told();
      redraw();
      adder.focus();
    } }, icon('trash')))));
    body.hidden = !list.length;
    if (focus !== undefined) body.children[focus]?.querySelector('input, select, textarea')?.focus();
  };
  const adder = h('button', { class: 'button small', type: 'button', onclick: () => {
    list.push(fresh());
    told();
    redraw(list.length - 1);
  } }, icon('plus'), add);
  redraw();
  return { control: h('div', { class: 'stack tight' }, body, adder), group: true, list, redraw, told };
}

/** A small field in a row. */
function cell(label, value, put, more = {}) {
  const input = h('input', { type: 'text', ...PLAIN, ...more, value: value ?? '', oninput: () => put(input.value) });
  return h('label', { class: 'cell' }, h('span', null, label), input);
}
function cellChoice(label, options, value, put) {
  return h('label', { class: 'cell' }, h('span', null, label), select(options, value, put));
}

function pairs(field, value, set) {
  const entries = Object.entries(value ?? {}).map(([name, content]) => ({ name, content }));
  return rows({
    value: entries,
    set: (list) => {
      const table = Object.fromEntries(list.filter((one) => one.name).map((one) => [one.name, one.content]));
      set(Object.keys(table).length ? table : undefined);
    },
    fresh: () => ({ name: '', content: '' }),
    add: 'Add an entry',
    title: 'entry',
    draw: (one, told) => [
      cell('Name', one.name, (next) => {
        one.name = next;
        told();
      }, { placeholder: field.example.split('=')[0] }),
      typeof one.content === 'string'
        ? cell('Value', one.content, (next) => {
            one.content = next;
            told();
          })
        : h('span', { class: 'hint' }, contentWords(one.content)),
    ],
  });
}

const SERVICES = ['VoiceMail', 'AirPrint', 'CellularServices', 'DeviceCommunication'];
function services(field, value, set) {
  return rows({
    value: (value ?? []).map((one) => ({ ...one })),
    set,
    fresh: () => ({ service: 'VoiceMail', action: 'Allow' }),
    add: 'Add a service',
    title: 'service',
    draw: (one, told) => [
      cellChoice('Service', SERVICES.map((name) => [name, name]), one.service, (next) => {
        one.service = next;
        told();
      }),
      cellChoice('Its traffic', [['Allow', 'goes outside (Allow)'], ['Drop', 'goes nowhere (Drop)']], one.action, (next) => {
        one.action = next;
        told();
      }),
    ],
  });
}

function apps(field, value, set) {
  return rows({
    value: (value ?? []).map((one) => ({ ...one })),
    set: (list) => set(list.filter((one) => one.app)),
    fresh: () => ({ app: '' }),
    add: 'Add an app',
    title: 'app',
    draw: (one, told) => {
      const box = h('input', { type: 'checkbox', checked: one['udp-only'] === true, onchange: () => {
        if (box.checked) one['udp-only'] = true;
        else delete one['udp-only'];
        told();
      } });
      return [
        cell('Bundle identifier', one.app, (next) => {
          one.app = next;
          told();
        }, { placeholder: field.example }),
        h('label', { class: 'check' }, box, 'UDP only'),
      ];
    },
  });
}

function macApps(field, value, set) {
  const part = (one, key, label, told, placeholder) =>
    cell(label, one[key], (next) => {
      if (next || key === 'identifier' || key === 'requirement') one[key] = next;
      else delete one[key];
      told();
    }, { placeholder });
  return rows({
    value: (value ?? []).map((one) => ({ ...one })),
    set: (list) => set(list.filter((one) => one.identifier || one.requirement)),
    fresh: () => ({ identifier: '', requirement: '' }),
    add: 'Add an app',
    title: 'app',
    draw: (one, told) => [
      part(one, 'identifier', 'Bundle identifier', told, 'com.example.app'),
      part(one, 'requirement', 'Code requirement', told, 'identifier "com.example.app" and anchor apple generic'),
      part(one, 'signing-identifier', 'Signing identifier, if another', told),
      part(one, 'path', 'Path, if several have that identifier', told),
    ],
  });
}

function files(field, value, set) {
  const all = rows({
    value: (value ?? []).map((one) => ({ ...one })),
    set,
    fresh: () => ({}),
    add: 'Add certificates',
    title: 'certificate',
    draw: (one, told) => [
      h('span', { class: 'file-words' }, contentWords(one.content)),
      cell('Name, if not the common name', one.name, (next) => {
        if (next) one.name = next;
        else delete one.name;
        told();
      }),
      cellChoice('As', [['', 'follows from the certificate'], ['root', 'root: an anchor of trust'], ['intermediate', 'intermediate']], one.payload ?? '', (next) => {
        if (next) one.payload = next;
        else delete one.payload;
        told();
      }),
    ],
  });
  const input = fileInput(field.help, async (chosen) => {
    for (const file of chosen) all.list.push({ content: await material(file) });
    all.told();
    all.redraw(all.list.length - 1);
  }, { multiple: true, name: field.flag, accept: '.pem,.der,.cer,.crt' });
  // Files are chosen first, a row follows.
  const button = h('button', { class: 'button small', type: 'button', onclick: () => input.click() }, icon('open'), 'Add certificate files');
  all.control.lastChild.replaceWith(h('div', null, button, input));
  return { control: all.control, group: true };
}

function rules(field, value, set) {
  return { control: rulesEditor(value ?? [], set, { rows, cell, cellChoice }), group: true };
}


