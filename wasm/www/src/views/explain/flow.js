// The on-demand rules as a flow: from the top, each asks its conditions; the first of which all hold decides.

import { h, icon, replace } from '../../dom.js';
import { actionKind, actionOf, actionTitle, actionWords, bareUrl, conditionsOf, list } from './words.js';

/** How many rules are drawn; a trace names as many. */
const MOST = 256;

const STATES = {
  matched: ['ok', 'Decides'],
  'not-matched': ['close', 'Does not match'],
  'needs-probe': ['unknown', 'Waits for its probe'],
  'not-reached': [null, 'Not reached'],
};
const HELD = { yes: ['ok', 'holds'], no: ['close', 'does not hold'], unknown: ['unknown', 'not known'], 'not-asked': [null, 'not asked'] };

/** The flow of `rules`; `onTry` gets the place of a rule that is to be tried. */
export function flow(rules, onTry) {
  const drawn = rules.rules.slice(0, MOST).map((rule, at) => ruleCard(rule, at, onTry));
  const end = h('li', { class: 'flow-end' }, h('strong', null, 'No rule matches'), h('span', null, 'The tunnel stays as it is.'));
  const rest = rules.rules.length > MOST ? h('li', { class: 'flow-more' }, `and ${rules.rules.length - MOST} more rules`) : null;
  const start = h('li', { class: 'flow-start' }, h('strong', null, 'The network changes'), h('span', null, 'or an app opens a connection'));
  const element = h('ol', { class: 'flow', 'aria-label': 'The rules, in the order in which they are tried' }, start, drawn.map(({ element }) => element), rest, end);

  /** Shows what a decision made of each rule; null: nothing yet. */
  function show(decision) {
    const trace = new Map((decision?.trace ?? []).map((one) => [one.index, one]));
    drawn.forEach((card, at) => card.show(trace.get(at) ?? null, decision?.rule === at ? decision : null));
    const kind = decision?.outcome.kind;
    element.classList.toggle('decided', Boolean(decision) && kind !== 'off');
    element.classList.toggle('off', kind === 'off');
    end.classList.toggle('current', kind === 'nothing-matched');
  }

  /** Brings the card of a rule into view, where it is drawn. */
  const reveal = (at) => drawn[at]?.element.scrollIntoView({ block: 'center' });

  return { element, show, reveal };
}

function ruleCard(rule, at, onTry) {
  const conditions = conditionsOf(rule).map(condition);
  const { word, parameters } = actionOf(rule);
  const state = h('span', { class: 'badge' });
  const hosts = parameters.map(parameter);
  const element = h(
    'li',
    { class: 'flow-rule' },
    h(
      'div',
      { class: 'flow-if' },
      h('div', { class: 'flow-head' }, h('h3', null, `Rule ${at + 1}`), state, h('button', { class: 'button small quiet', type: 'button', onclick: () => onTry(at), 'aria-label': `Try a network for rule ${at + 1}` }, 'Try')),
      conditions.length
        ? h('ul', { class: 'conditions' }, conditions.map(({ element }) => element))
        : h('p', { class: 'hint' }, 'Every network: it has no conditions.'),
    ),
    h('div', { class: 'flow-then', 'aria-hidden': 'true' }, conditions.length > 1 ? 'all hold' : 'yes'),
    h(
      'div',
      { class: 'flow-do', 'data-kind': actionKind(word) },
      h('strong', { class: 'action' }, h('span', { class: 'visually-hidden' }, 'Then: '), actionTitle(word)),
      h('p', { class: 'hint' }, actionWords(word)),
      hosts.length > 0 && h('ol', { class: 'hosts' }, hosts.map(({ element }) => element)),
    ),
  );

  let last = null;
  function show(trace, decision) {
    const now = JSON.stringify([trace, decision?.hosts]);
    if (now === last) return;
    last = now;
    element.dataset.state = trace?.verdict ?? '';
    const [name, words] = STATES[trace?.verdict] ?? [];
    state.hidden = !words;
    state.className = `badge ${trace?.verdict === 'matched' ? 'ok' : trace?.verdict === 'needs-probe' ? 'notice' : ''}`;
    replace(state, name && icon(name), words);
    const keys = new Map((trace?.keys ?? []).map((one) => [one.key, one]));
    conditions.forEach((one) => one.show(keys.get(one.key) ?? null));
    hosts.forEach((one, index) => one.show(decision?.hosts.find(({ part }) => part.index === index) ?? null));
  }
  show(null, null);
  return { element, show };
}

function condition({ key, label, entries }) {
  const mark = h('span', { class: 'held' });
  const why = h('span', { class: 'why hint' });
  const shown = entries.slice(0, 12).map((entry, at) => [at ? h('span', { class: 'or' }, 'or') : null, h('code', null, key === 'URLStringProbe' ? bareUrl(entry) : entry)]);
  const more = entries.length > 12 ? h('span', { class: 'hint' }, `and ${entries.length - 12} more`) : null;
  const element = h('li', null, mark, h('span', { class: 'label' }, label), entries.length ? shown : h('em', null, 'an empty list, which nothing matches'), more, why);
  return {
    key,
    element,
    show(trace) {
      const [name, words] = HELD[trace?.held] ?? [];
      element.dataset.held = trace?.held ?? '';
      replace(mark, name && icon(name, `held-${trace.held}`), words && h('span', { class: 'visually-hidden' }, `${words}: `));
      why.textContent = trace?.why ?? '';
    },
  };
}

function parameter(one) {
  const why = h('span', { class: 'why' });
  const needs = [
    one.dns_servers?.length ? `the DNS servers ${list(one.dns_servers, 'and')} do not answer` : null,
    'the name does not resolve',
    one.probe_url ? `${bareUrl(one.probe_url)} does not answer` : null,
  ].filter(Boolean);
  const words = one.action === 'NeverConnect' ? 'Never starts it' : `Starts it if ${list(needs, 'or')}`;
  const element = h('li', null, h('span', { class: 'domains' }, one.domains.slice(0, 12).map((domain) => h('code', null, domain)), one.domains.length > 12 && `and ${one.domains.length - 12} more`), h('span', { class: 'hint' }, `${words}.`), why);
  return {
    element,
    show(trace) {
      element.dataset.state = trace ? (trace.domain === null ? 'other' : 'listed') : '';
      why.textContent = trace ? `${trace.why.slice(0, 1).toUpperCase()}${trace.why.slice(1)}.` : '';
    },
  };
}
