// Two profiles compared by what they mean.

import { count, h, icon, prose, replace } from '../../dom.js';
import { inputOf } from '../../state.js';
import { callout, check, field, fileButton, later, panel, saveButton, takesDrops } from '../parts.js';

const KINDS = { added: ['plus', 'Added'], removed: ['close', 'Removed'], changed: ['arrow', 'Changed'] };
const PASTED = 'pasted';

export function view(context) {
  const { engine, state } = context;
  const sides = [side('before', 'Before'), side('after', 'After')];
  let identity = true;
  let report = null;
  let key = null;
  let payloads = [[], []]; // What the payloads of each are called.
  const result = h('div', { class: 'stack' });
  const swap = h('button', { class: 'button small', type: 'button', onclick: () => {
    const [one, two] = sides.map((each) => each.get());
    sides[0].put(two);
    sides[1].put(one);
    compare();
  } }, icon('undo'), 'Swap');
  const element = h(
    'div',
    { class: 'diff stack' },
    h('h1', { class: 'visually-hidden' }, 'Diff'),
    panel('Two profiles', h('div', { class: 'diff-sides' }, sides.map((each) => each.element)), swap),
    result,
  );

  /** One of the two: an open file, or pasted text. */
  function side(name, title) {
    let chosen = ''; // The id of an open file, or PASTED.
    const picker = h('select', { onchange: () => {
      chosen = picker.value;
      paste.hidden = chosen !== PASTED;
      if (!paste.hidden) text.focus();
      compare();
    } });
    const text = h('textarea', { rows: 8, class: 'mono', spellcheck: 'false', autocapitalize: 'none', 'aria-label': `${title}: the profile’s XML`, placeholder: '<?xml … ?>', oninput: () => typed() });
    const paste = h('div', { hidden: true }, text);
    const take = async (file) => {
      const { current } = state.get();
      const id = state.add(file.name, new Uint8Array(await file.arrayBuffer()));
      // Choosing a file here does not change which one the other views show.
      state.set({ current: current ?? id });
      chosen = String(id);
      fill(state.get());
      compare();
    };
    const body = takesDrops(h('div', { class: 'diff-side stack' }, field(title, picker), paste, h('div', { class: 'row' }, fileButton(`Choose a file: ${title.toLowerCase()}`, take), h('span', { class: 'hint' }, 'or drop it here'))), take);
    const typed = later(() => compare(), 200);

    function fill(values) {
      replace(picker, h('option', { value: '' }, 'Choose …'), values.files.map((file) => h('option', { value: String(file.id) }, file.name)), h('option', { value: PASTED }, 'Pasted text'));
      if (chosen && chosen !== PASTED && !values.files.some((file) => String(file.id) === chosen)) chosen = '';
      picker.value = chosen;
    }

    return {
      name,
      element: body,
      fill,
      get: () => ({ chosen, text: text.value }),
      put(value) {
        chosen = value.chosen;
        text.value = value.text;
        paste.hidden = chosen !== PASTED;
        picker.value = chosen;
      },
      choose(id) {
        if (!chosen) chosen = String(id);
        picker.value = chosen;
      },
      chosen: () => chosen,
      /** What to compare: bytes or text, and a key of it. */
      input() {
        if (chosen === PASTED) return text.value.trim() ? { input: text.value, text: text.value, key: `text ${text.value}` } : null;
        const file = chosen && state.file(Number(chosen));
        return file ? { input: inputOf(file), text: file.text, key: `${file.id} ${file.revision}` } : null;
      },
    };
  }

  async function compare() {
    const [before, after] = sides.map((each) => each.input());
    const now = before && after ? `${before.key} | ${after.key}` : null;
    if (now === key && now) return;
    key = now;
    if (!now) {
      report = null;
      replace(result, h('p', { class: 'empty' }, 'Choose two profiles. What counts is what they mean: not the order of keys, nor XML or binary, nor a default written out.'));
      return;
    }
    try {
      const found = await engine.latest('diff', 'diff', before.input, after.input);
      if (!found || key !== now) return;
      const named = await Promise.all([before, after].map(({ text }) => (text ? engine.call('payloadsOf', text) : [])));
      if (key !== now) return;
      payloads = named;
      report = found;
      draw();
    } catch (error) {
      replace(result, callout('error', prose(error.message)));
    }
  }

  function draw() {
    if (report.error) {
      const which = { before: 'The first', after: 'The second' }[report.side] ?? 'One of them';
      return replace(result, callout('error', h('strong', null, `${which} cannot be compared: `), prose(report.error)));
    }
    const content = report.changes.filter((one) => !one.identity);
    const others = report.changes.filter((one) => one.identity);
    const shown = identity ? report.changes : content;
    const verdict = !report.changes.length
      ? callout('ok', h('strong', null, 'Both mean the same.'))
      : !content.length
        ? callout('ok', h('strong', null, 'Both do the same, '), `but for ${count(others.length, 'change')} of identity: a device takes them for different profiles.`)
        : callout('notice', h('strong', null, count(content.length, 'change')), others.length ? `, and ${others.length} of identity` : null);
    context.announce(verdict.textContent);
    const groups = new Map();
    const names = pairNames(report.changes, payloads);
    for (const one of shown) {
      const name = groupOf(one, payloads, names);
      groups.set(name, [...(groups.get(name) ?? []), one]);
    }
    const toggle = check(`Show changes of UUIDs and identifiers (${others.length})`, identity, (value) => {
      identity = value;
      draw();
      element.querySelector('.identity-toggle input')?.focus();
    });
    toggle.classList.add('identity-toggle');
    return replace(
      result,
      h('div', { class: 'diff-verdict' }, verdict),
      report.changes.length > 0 && h('div', { class: 'row' }, others.length > 0 && toggle, saveButton(context, () => 'diff.json', () => `${JSON.stringify(report, null, 2)}\n`, 'application/json', 'Download as JSON')),
      [...groups].map(([name, list]) => panel(name, h('ul', { class: 'changes' }, list.map(change)))),
      report.notes.length > 0 && panel('Written differently, meaning the same', h('ul', { class: 'plain-list' }, report.notes.map((note) => h('li', null, prose(note))))),
    );
  }

  return {
    element,
    show() {},
    hide() {},
    update(values) {
      for (const each of sides) each.fill(values);
      // The first two open files are the likely ones.
      const { files, current } = values;
      if (!sides[0].chosen() && !sides[1].chosen() && files.length > 1) {
        const at = Math.max(1, files.findIndex((file) => file.id === current));
        sides[0].choose(files[at - 1].id);
        sides[1].choose(files[at].id);
      } else if (files.length === 1 && !sides[0].chosen() && sides[1].chosen() !== String(files[0].id)) sides[0].choose(files[0].id);
      if (values.engine === 'ready') compare();
    },
  };
}

/** The place of a payload in a path, or null. */
const numberOf = (path) => /^PayloadContent\[(\d+)\]/.exec(path ?? '')?.[1] ?? null;

/** The payloads after by the names that they share with those before: what was only added there belongs to the pair too. */
function pairNames(changes, payloads) {
  const both = changes.filter((one) => numberOf(one.before_path) !== null && numberOf(one.after_path) !== null);
  return new Map(both.map((one) => [numberOf(one.after_path), groupOf(one, payloads)]));
}

/** What a change belongs to: the profile, or one of its payloads, by its name. */
function groupOf({ before_path: before, after_path: after }, payloads, names = new Map()) {
  const [one, two] = [before, after].map((path, side) => {
    const number = numberOf(path);
    if (number === null) return null;
    const { name, type } = payloads[side][Number(number)] ?? {};
    return { place: `PayloadContent[${number}]`, title: [name, type].filter(Boolean).join(', ') };
  });
  if (!one && !two) return 'The profile';
  if (!one && names.has(numberOf(after))) return names.get(numberOf(after));
  const { title } = one?.title ? one : (two ?? one);
  const places = one && two && one.place !== two.place ? `${one.place}, after ${two.place}` : (one ?? two).place;
  return title ? `${title} (${places})` : places;
}

function change(one) {
  const [name, word] = KINDS[one.kind] ?? ['arrow', one.kind];
  const path = one.before_path ?? one.after_path ?? '';
  const short = (text) => text.replace(/^PayloadContent\[\d+\]\.?/, '') || text;
  const moved = one.before_path && one.after_path && short(one.before_path) !== short(one.after_path);
  const value = (title, found, there) =>
    there &&
    h('div', { class: `value ${title.toLowerCase()}` }, h('span', { class: 'label' }, title), one.secret ? h('span', { class: 'secret' }, icon('lock'), 'secret, hidden') : h('code', null, text(found)));
  return h(
    'li',
    { class: 'change', 'data-kind': one.kind },
    h('div', { class: 'row' }, h('span', { class: `badge change-${one.kind}` }, icon(name), word), h('code', { class: 'path' }, short(path)), moved && h('span', { class: 'hint' }, 'now ', h('code', null, short(one.after_path))), one.identity && h('span', { class: 'badge' }, 'identity')),
    h('div', { class: 'values' }, value('Before', one.before, one.before_path), value('After', one.after, one.after_path)),
  );
}

const text = (value) => (typeof value === 'string' ? value || '(empty)' : value === null || value === undefined ? '(not shown)' : JSON.stringify(value, null, 1));
