// The view without a file: what the page does, and the ways to open a profile.

import { h, icon } from '../../dom.js';
import { SAMPLES } from '../../files.js';
import { openers } from '../../shell/filebar.js';

export function welcome(context) {
  return h(
    'div',
    { class: 'welcome' },
    h('h1', null, 'Check a configuration profile'),
    h('p', { class: 'lead' }, 'What is wrong with it, on which systems it installs and connects, and how to mend it. It is read here, in this page, and goes nowhere.'),
    h(
      'div',
      { class: 'drop-zone' },
      h('p', null, 'Drop ', h('code', null, '.mobileconfig'), ' files anywhere on this page'),
      openers(context, context.state, true),
      h('p', { class: 'hint' }, 'XML, binary, signed, templates, certificates and PKCS#12'),
    ),
    h('h2', null, 'Or look at a sample'),
    h(
      'ul',
      { class: 'samples' },
      SAMPLES.map(({ file, title, hint }) =>
        h('li', null, h('button', { class: 'sample', type: 'button', onclick: () => context.openSample(file) }, h('strong', null, title), h('span', { class: 'hint' }, hint), icon('arrow'))),
      ),
    ),
  );
}
