// The bar of open files: which one is shown, how each fared, and the ways to open more.

import { h, icon, replace } from '../dom.js';
import { SAMPLES } from '../files.js';
import { verdictOf } from '../verdict.js';
import { confirm } from './confirm.js';

export function fileBar({ state, notify, openPicker, openSample, newFile }) {
  const list = h('ul', { class: 'file-list', 'aria-label': 'Open files' });
  const element = h('section', { class: 'file-bar', 'aria-label': 'Files' }, list, openers({ openPicker, openSample, newFile }, state));
  let drawn = '';

  function draw(values) {
    replace(
      list,
      values.files.map((file) => {
        const verdict = verdictOf(file);
        const current = file.id === values.current;
        return h(
          'li',
          { class: current ? 'file current' : 'file' },
          h(
            'button',
            { class: 'file-name', type: 'button', 'data-id': file.id, 'aria-current': current ? 'true' : null, title: file.name, onclick: () => state.set({ current: file.id }) },
            icon(verdict.icon),
            h('span', { class: 'visually-hidden' }, `${verdict.word}: `),
            h('span', { class: 'file-label' }, file.name),
            file.edited && h('span', { class: 'edited', title: 'Edited' }, '●', h('span', { class: 'visually-hidden' }, ' edited')),
          ),
          h('button', { class: 'file-close', type: 'button', 'aria-label': `Close ${file.name}`, onclick: () => close(file.id) }, icon('close')),
        );
      }),
    );
  }

  function close(id) {
    const { name, bytes, text, edited, revision } = state.file(id);
    state.close(id);
    if (edited) notify(`${name} was closed with its edits.`, { label: 'Undo', run: () => state.add(name, bytes, { text, edited, revision }) });
    // The button is gone: give the focus a place.
    queueMicrotask(() => (list.querySelector('[aria-current]') ?? document.getElementById('main')).focus());
  }

  return {
    element,
    update(values, shown) {
      element.hidden = shown?.files === false || (shown?.id === 'validate' && values.files.length === 0);
      const key = JSON.stringify(values.files.map((file) => [file.id, file.name, file.edited, verdictOf(file).icon])) + values.current;
      if (key === drawn) return;
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
      drawn = key;
      draw(values);
      if (focused) list.querySelector(`[data-id="${focused}"]`)?.focus();
      list.querySelector('.current')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
  };
}

/** The buttons that open something; also on the empty page. */
export function openers({ openPicker, openSample, newFile }, state, big = false) {
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
    big ? null : h('button', { class: 'button small quiet', type: 'button', onclick: () => clearAll(state) }, icon('trash'), h('span', null, 'Clear all')),
  );
}

/** Closes everything, after a question if edits would be lost. */
async function clearAll(state) {
  const edited = state.get().files.filter((file) => file.edited).length;
  const question = { title: 'Clear everything?', text: 'Your edits have not been downloaded as far as this page knows. They cannot be brought back.', action: 'Clear everything' };
  if (!edited || (await confirm(question))) state.forget();
}
