// The bar that finds a text in the editor, which draws only what is in view, so that the browser's own search misses most.

import { h, icon } from '../../dom.js';

/** `find(text, step)` gives `{ total, at }`; `done` gives the focus back. */
export function findBar({ find, done }) {
  const said = h('output', { 'aria-live': 'polite' });
  const input = h('input', { type: 'search', 'aria-label': 'Find in the profile', placeholder: 'Find', autocomplete: 'off', spellcheck: 'false', oninput: () => go(0), onkeydown });
  const button = (label, picture, step) => h('button', { class: 'button small icon-only', type: 'button', 'aria-label': label, title: label, onclick: () => go(step) }, icon(picture));
  const element = h(
    'div',
    { class: 'find', role: 'search', hidden: true },
    input,
    said,
    button('Find the one before', 'up', -1),
    button('Find the next', 'down', 1),
    h('button', { class: 'button small icon-only quiet', type: 'button', 'aria-label': 'Close the search', onclick: close }, icon('close')),
  );

  function go(step) {
    const { total, at } = find(input.value, step);
    said.textContent = !input.value ? '' : total ? `${at} of ${total}` : 'Not found';
  }

  function onkeydown(event) {
    if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
  }

  function close() {
    element.hidden = true;
    done();
  }

  return {
    element,
    open() {
      element.hidden = false;
      input.select();
      input.focus();
    },
  };
}
