// The exact proposals as tables: a row for each, a column for each kind of transform.

import { h } from '../../dom.js';
import { scroller } from '../parts.js';

const KINDS = { 1: 'Encryption', 2: 'PRF', 3: 'Integrity', 4: 'Key exchange', 5: 'Sequence numbers' };
const kindName = (kind) => KINDS[kind] ?? `Additional key exchange ${kind - 5}`;

/** The tables of one tunnel. */
export function tables(proposals) {
  return [table('IKE SA', proposals.ike, [1, 2, 3, 4]), table('Child SA (ESP)', proposals.child, [1, 3, 4, 5])];
}

function table(title, list, always) {
  const found = new Set(list.flatMap(({ transforms }) => transforms.map(({ type }) => type)));
  const kinds = [...new Set([...always, ...found])].sort((one, two) => one - two);
  return scroller(
    `Proposals of the ${title}`,
    h(
      'table',
      { class: 'table proposals' },
      h('caption', null, title),
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'No.'), kinds.map((kind) => h('th', { scope: 'col' }, kindName(kind))))),
      h('tbody', null, list.map((one, at) => h('tr', null, h('th', { scope: 'row' }, at + 1), kinds.map((kind) => h('td', null, cell(one, kind)))))),
    ),
  );
}

/** Ciphers that protect integrity themselves (AEAD). */
const isAead = (transforms) => transforms.some(({ type, name }) => type === 1 && /GCM|CCM|POLY1305/.test(name));

function cell({ transforms }, kind) {
  const those = transforms.filter(({ type }) => type === kind);
  if (!those.length) return h('span', { class: 'hint' }, kind === 3 && isAead(transforms) ? 'in the cipher' : 'none');
  return those.map(({ id, key_bits: bits, name }) => {
    const number = kind === 4 || kind > 5 ? `group ${id}` : `ID ${id}`;
    return h('div', null, h('code', null, name), bits ? h('span', { class: 'bits' }, `${bits} bits`) : null, kind === 5 ? null : h('span', { class: 'hint' }, number));
  });
}
