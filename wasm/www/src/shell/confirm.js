// A question before something is lost.

import { h } from '../dom.js';

/** Asks; true to go on. `action` is the label of the button that goes on. */
export function confirm({ title, text, action }) {
  return new Promise((resolve) => {
    const answer = (value) => () => dialog.close(value);
    const dialog = h(
      'dialog',
      {
        class: 'dialog',
        'aria-labelledby': 'confirm-title',
        onclose: () => {
          dialog.remove();
          resolve(dialog.returnValue === 'yes');
        },
      },
      h(
        'div',
        { class: 'dialog-body' },
        h('h2', { id: 'confirm-title' }, title),
        h('p', null, text),
        h('div', { class: 'dialog-actions' }, h('button', { class: 'button', type: 'button', onclick: answer('') }, 'Cancel'), h('button', { class: 'button primary', type: 'button', onclick: answer('yes') }, action)),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
