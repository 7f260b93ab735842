// The bar of open files: which one is shown, how each fared, and the ways to open more.

import { h, icon, keptList } from '../dom.js';
import { SAMPLES } from '../files.js';
import { verdictOf } from '../verdict.js';
import { confirm } from './confirm.js';

export function fileBar({ state, notify, openPicker, openSample, newFile }) {
  const list = h('ul', { class: 'file-list', 'aria-label': 'Open files' });
  const element = h('section', { class: 'file-bar', 'aria-label': 'Files' }, list, openers({ openPicker, openSample, newFile, notify }, state));
  const draw = keptList(list);
  let drawn = '';
  let current = null;

  function row(file, verdict, isCurrent) {
    return h(
      'li',
      { class: isCurrent ? 'file current' : 'file' },
      h(
        'button',
        { class: 'file-name', type: 'button', 'aria-current': isCurrent ? 'true' : null, title: file.name, onclick: () => state.set({ current: file.id }) },
        icon(verdict.icon),
        h('span', { class: 'visually-hidden' }, `${verdict.word}: `),
        h('span', { class: 'file-label' }, file.name),
        file.edited && h('span', { class: 'edited', title: 'Edited' }, '●', h('span', { class: 'visually-hidden' }, ' edited')),
      ),
      h('button', { class: 'file-close', type: 'button', 'aria-label': `Close ${file.name}`, onclick: () => close(file.id) }, icon('close')),
    );
  }

  function close(id) {
    const { name, bytes, text, edited, revision } = state.file(id);
    state.close(id);
    if (edited) notify(`${name} was closed with its edits.`, { label: 'Undo', run: () => state.add(name, bytes, { text, edited, revision }) });
  }

  /** Scrolls the list, and nothing around it. */
  function show(item) {
    const [inner, outer] = [item, list].map((element) => element.getBoundingClientRect());
    const room = Number.parseFloat(getComputedStyle(list).paddingLeft);
    list.scrollLeft += Math.min(0, inner.left - outer.left - room) || Math.max(0, inner.right - outer.right + room);
  }

  return {
    element,
    update(values, shown) {
      element.hidden = shown?.files === false || (shown?.id === 'validate' && values.files.length === 0);
      const rows = values.files.map((file) => {
        const verdict = verdictOf(file);
        const isCurrent = file.id === values.current;
        return [file.id, JSON.stringify([file.name, file.edited, verdict.icon, isCurrent]), () => row(file, verdict, isCurrent)];
      });
      const key = JSON.stringify(rows);
      if (key === drawn) return;
      drawn = key;
      const focused = list.contains(document.activeElement);
      draw(rows);
      // The button of a file that was closed is gone: give the focus a place.
      if (focused && !list.contains(document.activeElement)) (list.querySelector('[aria-current]') ?? document.getElementById('main')).focus({ preventScroll: true });
      if (current !== values.current && list.querySelector('.current')) show(list.querySelector('.current'));
      current = values.current;
    },
  };
}

/** The buttons that open something; also on the empty page. */
export function openers({ openPicker, openSample, newFile, notify }, state, big = false) {
  const size = big ? '' : ' small';
  const samples = h(
    'select',
    {
      class: `button${size}`,
      'aria-label': 'Open a sample',
      onchange: (event) => {
        openSample(event.target.value);
        event.target.value = '';
      },
    },
    h('option', { value: '' }, 'Samples'),
    SAMPLES.map(({ file, title }) => h('option', { value: file }, title)),
  );
  return h(
    'div',
    { class: 'openers' },
    h('button', { class: `button${size}${big ? ' primary' : ''}`, type: 'button', onclick: openPicker }, icon('open'), big ? 'Open files' : 'Open'),
    h('button', { class: `button${size}`, type: 'button', onclick: newFile }, icon('paste'), 'Paste'),
    big ? null : samples,
    big ? null : h('button', { class: 'button small quiet', type: 'button', onclick: () => clearAll(state, notify) }, icon('trash'), h('span', null, 'Clear all')),
  );
}

/** Closes everything, after a question if edits would be lost. */
async function clearAll(state, notify) {
  const edited = state.get().files.filter((file) => file.edited).length;
  const question = { title: 'Clear everything?', text: 'Your edits have not been downloaded as far as this page knows. They cannot be brought back.', action: 'Clear everything' };
  if (edited && !(await confirm(question))) return;
  state.forget();
  // In the place of a message that would bring a file back.
  notify('Everything was cleared.');
}
