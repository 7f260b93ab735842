// The editor of on-demand rules: their order, their action, their conditions, and what evaluates connections.

import { h, icon, replace } from '../../dom.js';

const ACTIONS = [
  ['connect', 'Connect: bring the tunnel up'],
  ['disconnect', 'Disconnect: take it down'],
  ['ignore', 'Ignore: leave it as it is'],
  ['evaluate-connection', 'Evaluate: decide by the host'],
  ['allow', 'Allow (deprecated)'],
];
const INTERFACES = [['', 'any'], ['WiFi', 'Wi-Fi'], ['Ethernet', 'Ethernet'], ['Cellular', 'Cellular']];
/** How many rules are drawn at a time. */
const PAGE = 50;
const names = (text) => text.split(/[\n,]/).map((one) => one.trim()).filter(Boolean);

/** The editor; `told` gets the rules after each change. */
export function rulesEditor(value, told, { cell, cellChoice }) {
  const rules = structuredClone(value);
  const list = h('ol', { class: 'rule-list' });
  let shown = PAGE;
  const more = h('button', { class: 'button small quiet', type: 'button', onclick: () => {
    shown += PAGE;
    draw(shown - PAGE);
  } });
  const tell = () => told(structuredClone(rules).map(clean));
  const putIn = (table, key, next) => {
    if (next === '' || (Array.isArray(next) && !next.length)) delete table[key];
    else table[key] = next;
    tell();
  };
  const put = (rule, key, next) => {
    putIn(rule, key, next);
    badges.get(rule).hidden = !isPlain(rule);
  };
  const badges = new Map();
  const isPlain = (rule) => !rule.interface && !rule.ssid?.length && !rule['dns-domain']?.length && !rule['dns-server']?.length && !rule['url-probe'];

  function draw(focus) {
    replace(list, rules.slice(0, shown).map(card));
    list.hidden = !rules.length;
    more.hidden = rules.length <= shown;
    more.textContent = `Show more of the ${rules.length} rules`;
    if (focus !== undefined) list.children[focus]?.querySelector('select')?.focus();
  }

  function move(at, by) {
    const [rule] = rules.splice(at, 1);
    rules.splice(at + by, 0, rule);
    tell();
    draw();
    const button = list.children[at + by]?.querySelector(by < 0 ? '.up' : '.down');
    (button?.disabled ? list.children[at + by].querySelector('select') : button)?.focus();
  }

  function card(rule, at) {
    const texts = (key, label, placeholder) => cell(label, (rule[key] ?? []).join(', '), (next) => put(rule, key, names(next)), { placeholder });
    const connections = h('div', { class: 'stack tight' });
    const drawConnections = (focus) => {
      rule.connections ??= [];
      replace(
        connections,
        rule.connections.map((one, place) => connection(rule, one, place, drawConnections)),
        h('button', { class: 'button small', type: 'button', onclick: () => {
          rule.connections.push({ action: 'connect-if-needed', domains: [] });
          tell();
          drawConnections(rule.connections.length - 1);
        } }, icon('plus'), 'Add domains'),
      );
      if (focus !== undefined) connections.children[focus]?.querySelector('input')?.focus();
    };
    if (rule.action === 'evaluate-connection') drawConnections();
    const badge = h('span', { class: 'badge', hidden: !isPlain(rule) }, 'every network');
    badges.set(rule, badge);
    return h(
      'li',
      { class: 'rule-card' },
      h(
        'div',
        { class: 'row rule-head' },
        h('strong', null, `Rule ${at + 1}`),
        badge,
        h('span', { class: 'rule-tools' },
          h('button', { class: 'button small icon-only quiet up', type: 'button', disabled: at === 0, 'aria-label': `Move rule ${at + 1} up`, onclick: () => move(at, -1) }, icon('down')),
          h('button', { class: 'button small icon-only quiet down', type: 'button', disabled: at === rules.length - 1, 'aria-label': `Move rule ${at + 1} down`, onclick: () => move(at, 1) }, icon('down')),
          h('button', { class: 'button small icon-only quiet', type: 'button', 'aria-label': `Remove rule ${at + 1}`, onclick: () => {
            rules.splice(at, 1);
            tell();
            draw();
            adder.focus();
          } }, icon('trash'))),
      ),
      h(
        'div',
        { class: 'cells' },
        cellChoice('Action', ACTIONS, rule.action, (next) => {
          rule.action = next;
          if (next !== 'evaluate-connection') delete rule.connections;
          else rule.connections ??= [{ action: 'connect-if-needed', domains: [] }];
          tell();
          draw(at);
        }),
        cellChoice('On interface', INTERFACES, rule.interface ?? '', (next) => put(rule, 'interface', next)),
        texts('ssid', 'In Wi-Fi networks (SSID)', 'any'),
        texts('dns-domain', 'With search domains', 'any'),
        texts('dns-server', 'With name servers', 'any'),
        cell('Where a URL answers 200', rule['url-probe'], (next) => put(rule, 'url-probe', next.trim()), { placeholder: 'not asked', inputmode: 'url' }),
      ),
      rule.action === 'evaluate-connection' && h('fieldset', { class: 'connections' }, h('legend', null, 'Each connection, by its host'), connections),
    );
  }

  function connection(rule, one, place, redraw) {
    const needed = one.action === 'connect-if-needed';
    return h(
      'div',
      { class: 'list-row' },
      cell('Hosts and domains', one.domains.join(', '), (next) => {
        one.domains = names(next);
        tell();
      }, { placeholder: 'intranet.example.com' }),
      cellChoice('The tunnel', [['connect-if-needed', 'starts if needed'], ['never-connect', 'never starts for them']], one.action, (next) => {
        one.action = next;
        if (next === 'never-connect') {
          delete one['dns-servers'];
          delete one['url-probe'];
        }
        tell();
        redraw(place);
      }),
      needed && cell('Needed if these name servers are silent', (one['dns-servers'] ?? []).join(', '), (next) => putIn(one, 'dns-servers', names(next)), { placeholder: 'not asked' }),
      needed && cell('Needed if this URL does not answer', one['url-probe'], (next) => putIn(one, 'url-probe', next.trim()), { placeholder: 'not asked' }),
      h('button', { class: 'button small icon-only quiet', type: 'button', 'aria-label': `Remove these domains of rule ${rules.indexOf(rule) + 1}`, onclick: () => {
        rule.connections.splice(place, 1);
        tell();
        redraw();
        connections(rule)?.focus();
      } }, icon('trash')),
    );
  }
  const connections = (rule) => list.children[rules.indexOf(rule)]?.querySelector('.connections > div > button');

  const adder = h('button', { class: 'button small', type: 'button', onclick: () => {
    rules.push({ action: 'connect' });
    shown = Math.max(shown, rules.length);
    tell();
    draw(rules.length - 1);
  } }, icon('plus'), 'Add a rule');
  draw();
  return h('div', { class: 'stack tight' }, list, more, adder);
}

/** A rule without the connections that only its editor needs. */
function clean(rule) {
  if (rule.connections && (rule.action !== 'evaluate-connection' || !rule.connections.length)) delete rule.connections;
  return rule;
}
