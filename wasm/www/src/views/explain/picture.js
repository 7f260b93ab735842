// The drawing of a VPN: the two ends, what each proves to the other, what goes into the tunnel and what stays outside.
//
// Two drawings of the same: across where there is room, downwards on a phone. Both carry the same text for screen
// readers, which is also there to read below.

import { h, s } from '../../dom.js';
import { uid } from '../parts.js';
import { INTERFACES, insideWords, list, proofLabel, proofWords, protocolLabel, protocolWords } from './words.js';

/** The figures of a VPN: one for each connection. */
export function figures(vpn) {
  const { picture } = vpn;
  return picture.connections.map((ends) => figure(picture, ends));
}

function figure(picture, ends) {
  const words = sentences(picture, ends);
  const title = ends.interfaces.length ? `Over ${list(ends.interfaces.map((name) => INTERFACES[name] ?? name))}` : null;
  const id = uid('picture');
  const text = h('ul', { class: 'picture-words', id }, words.map((line) => h('li', null, line)));
  return h(
    'figure',
    { class: 'picture' },
    title && h('h3', null, title),
    across(picture, ends, id),
    downwards(picture, ends, id),
    h('figcaption', null, h('details', null, h('summary', null, 'The picture in words'), text)),
  );
}

/** What the drawing says, in sentences. */
export function sentences(picture, ends) {
  const server = ends.server ?? 'a server that the profile does not name';
  const lines = [];
  const how = (side) => list(side.proofs.map(proofWords));
  const as = (side) => (side.identity ? `, as “${side.identity}”` : '');
  lines.push(`The device${picture.app ? `, through the app ${picture.app},` : ''} connects to ${server}; they speak ${protocolWords(ends.protocol)}.`);
  if (ends.device.proofs.length) lines.push(`The device proves itself by ${how(ends.device)}${as(ends.device)}.`);
  if (ends.remote.proofs.length) lines.push(`The server proves itself by ${how(ends.remote)}${as(ends.remote)}.`);
  else lines.push('How the server proves itself is up to the app or to PPP: the profile does not say.');
  lines.push(`Into the tunnel goes: ${insideWords(picture.inside)}${picture.domains.length ? ` (${list(picture.domains)})` : ''}.`);
  const outside = outsideOf(picture);
  if (outside?.length) lines.push(`Outside stays: ${list(outside)}.`);
  lines.push(picture.blocks_when_down ? 'While the tunnel is down, nothing leaves the device.' : 'While the tunnel is down, traffic leaves the device outside it.');
  return lines;
}

/** Text cut into lines of at most `width` characters, at most `most` of them. */
function wrap(text, width, most = 2) {
  const lines = [];
  let line = '';
  for (let word of String(text).split(/\s+/)) {
    while (word.length > width) {
      if (line) lines.push(line);
      line = '';
      const at = Math.max(word.lastIndexOf('.', width - 1), word.lastIndexOf('@', width - 1));
      const cut = at > width / 4 ? at : width;
      lines.push(word.slice(0, cut));
      word = word.slice(cut);
    }
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  if (line) lines.push(line);
  if (lines.length > most) {
    lines.length = most;
    lines[most - 1] = `${lines[most - 1].slice(0, width - 1)}…`;
  }
  return lines;
}

/** Lines of text, the first with its middle at `y`. */
function text(x, y, lines, kind = '', anchor = 'start') {
  return s('text', { x, y, class: `pic-text ${kind}`, 'text-anchor': anchor }, lines.map((line, at) => s('tspan', { x, dy: at ? 17 : 0 }, line)));
}

function svg(kind, width, height, described, ...children) {
  return s(
    'svg',
    { class: `pic ${kind}`, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'The tunnel: who proves what to whom, and which traffic goes in', 'aria-describedby': described },
    children,
  );
}

const arrowHead = (x, y, way) => {
  const shapes = { right: `M${x - 8} ${y - 5} L${x} ${y} L${x - 8} ${y + 5}`, left: `M${x + 8} ${y - 5} L${x} ${y} L${x + 8} ${y + 5}`, down: `M${x - 5} ${y - 8} L${x} ${y} L${x + 5} ${y - 8}`, up: `M${x - 5} ${y + 8} L${x} ${y} L${x + 5} ${y + 8}` };
  return s('path', { class: 'pic-line', d: shapes[way] });
};

const phone = (x, y) => s('g', { class: 'pic-icon' }, s('rect', { x, y, width: 18, height: 30, rx: 4 }), s('path', { d: `M${x + 7} ${y + 25.5}h4` }));
const rack = (x, y) =>
  s('g', { class: 'pic-icon' }, s('rect', { x, y, width: 28, height: 13, rx: 3 }), s('rect', { x, y: y + 17, width: 28, height: 13, rx: 3 }), s('path', { d: `M${x + 6} ${y + 6.5}h.5M${x + 6} ${y + 23.5}h.5` }));

const proofsOf = (side) => (side.proofs.length ? side.proofs.map(proofLabel).join(' + ') : 'Not said in the profile');

function across(picture, ends, described) {
  const outside = outsideWords(picture);
  const height = 316;
  return svg(
    'pic-across',
    840,
    height,
    described,
    // The ends.
    s('rect', { class: 'pic-box', x: 2, y: 22, width: 200, height: 196, rx: 10 }),
    phone(20, 42),
    text(50, 62, ['This device'], 'strong'),
    ends.device.identity && text(20, 104, ['known as'], 'small'),
    ends.device.identity && text(20, 124, wrap(ends.device.identity, 21), 'mono'),
    picture.app && text(20, 170, ['through the app'], 'small'),
    picture.app && text(20, 190, wrap(picture.app, 21, 2), 'mono'),
    s('rect', { class: 'pic-box', x: 638, y: 22, width: 200, height: 196, rx: 10 }),
    rack(656, 42),
    text(694, 62, ['VPN server'], 'strong'),
    text(656, 104, wrap(ends.server ?? 'no server given', 21), 'mono'),
    ends.remote.identity && text(656, 156, ['must identify itself as'], 'small'),
    ends.remote.identity && text(656, 176, wrap(ends.remote.identity, 21), 'mono'),
    // Who proves what.
    text(420, 40, wrap(proofsOf(ends.device), 50, 1), '', 'middle'),
    s('path', { class: 'pic-line', d: 'M216 52H624' }),
    arrowHead(624, 52, 'right'),
    text(420, 88, wrap(proofsOf(ends.remote), 50, 1), ends.remote.proofs.length ? '' : 'small', 'middle'),
    s('path', { class: 'pic-line', d: 'M216 100H624' }),
    arrowHead(216, 100, 'left'),
    // The tunnel.
    s('rect', { class: 'pic-tunnel', x: 202, y: 128, width: 436, height: 74, rx: 0 }),
    s('path', { class: 'pic-edge', d: 'M202 128H638M202 202H638' }),
    text(420, 154, [`${protocolLabel(ends.protocol)} tunnel`], 'small accent', 'middle'),
    text(420, 180, wrap(insideWords(picture.inside), 44, 1), 'strong', 'middle'),
    s('path', { class: 'pic-line accent', d: 'M218 176H270M570 176H622' }),
    arrowHead(622, 176, 'right'),
    // What stays outside.
    s('path', { class: `pic-line ${outside.blocked ? 'blocked' : 'dashed'}`, d: 'M102 218V268H206' }),
    outside.blocked ? s('path', { class: 'pic-line blocked', d: 'M200 261l13 13M213 261l-13 13' }) : arrowHead(210, 268, 'right'),
    text(226, 263, wrap(outside.line, 84, 1), 'strong'),
    text(226, 283, wrap(outside.more, 88, 2), 'small'),
  );
}

function downwards(picture, ends, described) {
  const outside = outsideWords(picture);
  const device = wrap(proofsOf(ends.device), 25, 2);
  const remote = wrap(proofsOf(ends.remote), 25, 2);
  const inside = wrap(insideWords(picture.inside), 25, 2);
  const stays = wrap(outside.line, 40, 2);
  const more = wrap(outside.more, 42, 4);
  const below = 416 + 17 * (stays.length - 1);
  return svg(
    'pic-down',
    340,
    below + 16 + more.length * 17,
    described,
    s('rect', { class: 'pic-box', x: 2, y: 2, width: 336, height: 76, rx: 10 }),
    phone(18, 24),
    text(48, ends.device.identity || picture.app ? 34 : 45, ['This device'], 'strong'),
    (ends.device.identity || picture.app) && text(48, 56, wrap(ends.device.identity ?? picture.app, 32, 1), 'mono'),
    s('rect', { class: 'pic-tunnel', x: 24, y: 78, width: 70, height: 206 }),
    s('path', { class: 'pic-edge', d: 'M24 78V284M94 78V284' }),
    s('path', { class: 'pic-line accent', d: 'M59 96V262' }),
    arrowHead(59, 264, 'down'),
    s('path', { class: 'pic-line', d: 'M116 92V136' }),
    arrowHead(116, 138, 'down'),
    text(134, 100, ['The device proves itself by'], 'small'),
    text(134, 119, device),
    s('path', { class: 'pic-line', d: 'M116 154V198' }),
    arrowHead(116, 152, 'up'),
    text(134, 166, ['The server proves itself by'], 'small'),
    text(134, 185, remote),
    text(134, 234, [`${protocolLabel(ends.protocol)} tunnel for`], 'small accent'),
    text(134, 253, inside, 'strong'),
    s('rect', { class: 'pic-box', x: 2, y: 284, width: 336, height: 76, rx: 10 }),
    rack(18, 306),
    text(58, 316, ['VPN server'], 'strong'),
    text(58, 338, wrap(ends.server ?? 'no server given', 31, 1), 'mono'),
    s('path', { class: `pic-line ${outside.blocked ? 'blocked' : 'dashed'}`, d: 'M8 388V420' }),
    text(22, 396, stays, 'strong'),
    text(22, below, more, 'small'),
  );
}

/** What stays outside, as a list in words; null where the app decides. */
function outsideOf(picture) {
  if (picture.inside === 'app-decides') return null;
  return picture.inside === 'routes' ? [...picture.outside, 'what the routes leave out'] : picture.outside;
}

function outsideWords(picture) {
  const blocked = picture.blocks_when_down;
  const all = outsideOf(picture);
  const line = !all ? 'What stays outside, the app decides' : all.length ? `Outside: ${list(all.slice(0, 3))}${all.length > 3 ? ' …' : ''}` : 'Nothing stays outside';
  const rest = all?.length > 3 ? `Also outside: ${list(all.slice(3))}. ` : '';
  const domains = picture.domains.length ? `Inside also: ${list(picture.domains)}. ` : '';
  return { blocked, line, more: `${domains}${rest}${blocked ? 'While the tunnel is down, nothing leaves the device.' : 'While the tunnel is down, traffic leaves the device without it.'}` };
}
