// What happens to a profile on this page, for those who ask.

import { h, icon } from '../dom.js';
import { whenReleased } from './press.js';

export function privacyDialog({ state, notify }) {
  const forget = () => {
    state.forget();
    dialog.close();
    notify('Everything was cleared.');
  };
  const offline = h('p', { class: 'hint', hidden: true }, 'The page is stored in this browser: it works without a network from now on.');
  state.subscribe(() => whenReleased(() => (offline.hidden = !state.get().offline)));
  const point = (title, text) => [h('dt', null, title), h('dd', null, text)];
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'privacy-title', onclick: (event) => event.target === dialog && dialog.close() },
    h(
      'div',
      { class: 'dialog-body' },
      h('h2', { id: 'privacy-title' }, 'Nothing leaves this page'),
      h('p', null, 'Profiles hold passwords and keys. The checker is a WebAssembly module that runs here, in a worker of this tab.'),
      h(
        'dl',
        { class: 'points' },
        point('No upload', 'The page never sends a profile or anything about it. Its security policy allows it to load its own files and nothing else.'),
        point('No third parties', 'No analytics, no fonts, no scripts from elsewhere. After the first visit it works without a network.'),
        point('Nothing kept', 'Open files are held in this tab, and in its session storage so that a reload does not lose your work. Both are gone when the tab is closed, or at once with the button below. Passwords that you type are not stored at all.'),
        point('Secrets masked', 'Messages and reports never show a password or a key. What you download as a mended file is your file, secrets included.'),
      ),
      offline,
      h(
        'div',
        { class: 'dialog-actions' },
        h('button', { class: 'button danger', type: 'button', onclick: forget }, icon('trash'), 'Clear everything now'),
        h('button', { class: 'button primary', type: 'button', onclick: () => dialog.close() }, 'Close'),
      ),
    ),
  );
  return dialog;
}
