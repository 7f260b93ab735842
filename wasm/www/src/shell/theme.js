// The switch between light, dark and what the system says.

import { h, icon, replace } from '../dom.js';

const THEMES = [
  ['system', 'auto', 'as the system'],
  ['light', 'sun', 'light'],
  ['dark', 'moon', 'dark'],
];

export function themeSwitch({ state, announce }) {
  const button = h('button', { class: 'button icon-only quiet', type: 'button', onclick: next });
  const current = () => Math.max(0, THEMES.findIndex(([name]) => name === state.get().theme));

  function next() {
    const [name, , word] = THEMES[(current() + 1) % THEMES.length];
    state.set({ theme: name });
    announce(`Colours: ${word}`);
  }

  function draw() {
    const [, picture, word] = THEMES[current()];
    if (button.dataset.theme === word) return;
    button.dataset.theme = word;
    button.setAttribute('aria-label', `Colours: ${word}. Change`);
    button.title = `Colours: ${word}`;
    replace(button, icon(picture));
  }

  state.subscribe(draw);
  draw();
  return button;
}
