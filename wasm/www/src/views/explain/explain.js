// What a profile does, for people: in sentences, as a drawing, as tables; its on-demand rules to try; and whether a
// strongSwan server would agree with it.

import { h, icon, prose, replace } from '../../dom.js';
import { inputOf, optionsOf } from '../../state.js';
import { callout, fileKey, panel, select, field, unreadable, withoutFile } from '../parts.js';
import { figures } from './picture.js';
import { tables } from './proposals.js';
import { serverPanel } from './server.js';
import { simulator } from './simulator.js';
import { INTERFACES } from './words.js';

const WIRE = 'What is proposed on the wire';
const RULES = 'When it connects';

export function view(context) {
  const { engine, state } = context;
  const element = h('div', { class: 'explain stack' });
  const none = withoutFile(context, 'What does this profile do?', 'Open a profile to have it explained: who authenticates to whom, which traffic goes into the tunnel, the exact proposals, and what its on-demand rules make of a network.');
  let key = null;
  let report = null;
  let chosen = 0; // The place of the VPN among those explained.

  const vpn = () => report?.vpns[chosen];
  const server = serverPanel(context, (swanctl, connection) => {
    const file = state.file();
    const { targets, template, set } = optionsOf(state.get());
    const options = { payload: vpn().payload, targets, template, set };
    if (connection) options.connection = connection;
    return engine.latest('compare', 'compareWithServer', inputOf(file), swanctl, options);
  });

  async function load(file, values) {
    try {
      const found = await engine.latest('explain', 'explain', inputOf(file), optionsOf(values));
      if (!found || state.file()?.id !== file.id) return;
      report = found;
      chosen = Math.min(chosen, Math.max(0, found.vpns.length - 1));
      draw(file);
    } catch (error) {
      replace(element, h('h1', { class: 'visually-hidden' }, 'Explain'), callout('error', error.message));
    }
  }

  function draw(file) {
    const one = vpn();
    if (!one) {
      replace(
        element,
        h('h1', { class: 'view-title' }, file.name),
        report.problem ? unreadable(context, file, report) : callout('notice', 'This file holds no VPN, or it cannot be understood. ', h('a', { href: '#validate' }, 'Validate'), ' says more.'),
      );
      return;
    }
    const chooser =
      report.vpns.length > 1 &&
      field('VPN', select(report.vpns.map((vpn, at) => [String(at), `${vpn.name ?? 'without a name'} (${vpn.kind ?? 'unknown'}, PayloadContent[${vpn.payload}])`]), String(chosen), (value) => {
        chosen = Number(value);
        draw(file);
        element.querySelector('select')?.focus();
      }));
    const ike = one.picture.connections.some(({ protocol }) => protocol === 'ikev2');
    const comparable = one.kind === 'IKEv2';
    const sections = [
      panel('The tunnel', figures(one)),
      panel('In plain words', summary(one)),
      ike && panel('The exact proposals', proposals(one)),
      panel('On demand', onDemand(file, one)),
      comparable && panel('Compare with a strongSwan server', server.element),
      findings(one),
    ].filter(Boolean);
    replace(element, h('div', { class: 'view-head' }, h('h1', { class: 'view-title' }, one.name ?? 'A VPN without a name'), h('span', { class: 'badge' }, one.kind ?? 'unknown type'), chooser), sections);
    if (comparable) server.run();
  }

  /** The parts in sentences. What is drawn below has a table or a flow instead. */
  function summary(one) {
    const parts = one.parts.filter(({ title }) => title !== WIRE);
    // With several tunnels (Always On) some parts are there for each, in the same order.
    const seen = new Map();
    const named = (title) => {
      const at = seen.get(title) ?? 0;
      seen.set(title, at + 1);
      const several = parts.filter((part) => part.title === title).length > 1;
      const over = several && one.picture.connections[at]?.interfaces.map((name) => INTERFACES[name] ?? name).join(' and ');
      return over ? `${title} (${over})` : title;
    };
    return h('div', { class: 'parts' }, parts.map(({ title, lines }) => h('section', null, h('h3', null, named(title)), h('ul', { class: 'plain-list' }, lines.map((line) => h('li', { class: /^\d+\. /.test(line) && 'numbered' }, prose(line)))))));
  }

  function proposals(one) {
    const said = one.parts.filter(({ title }) => title === WIRE);
    return one.proposals.map((proposal, at) => {
      const ends = one.picture.connections[at];
      const rest = (said[at]?.lines ?? []).filter((line) => !/^(IKE|Child) SA.*, proposal( \d+)?: /.test(line));
      return [
        one.proposals.length > 1 && h('h3', null, ends?.interfaces.length ? `Over ${ends.interfaces.join(', ')}` : `Tunnel ${at + 1}`),
        proposal.observed && rest.length === 0 && callout('notice', 'The profile names no algorithms: this is what Apple’s client was observed to send.'),
        rest.length > 0 && h('ul', { class: 'plain-list' }, rest.map((line) => h('li', null, line))),
        tables(proposal),
      ];
    });
  }

  function onDemand(file, one) {
    const said = one.parts.find(({ title }) => title === RULES)?.lines ?? [];
    const rules = one.on_demand;
    if (!rules || (!rules.rules.length && !Object.values(rules.lists).flat().length)) return h('ul', { class: 'plain-list' }, said.map((line) => h('li', null, line)));
    const input = inputOf(file);
    const { template, set } = optionsOf(state.get());
    const { element } = simulator({
      rules,
      ask: (network, mode) => engine.latest('ondemand', 'evaluateOnDemand', input, { payload: one.payload, network, mode, template, set }),
    });
    return [
      h('p', { class: 'hint' }, 'Describe a network, and see which rule decides and why. Nothing is looked up: what is known of the network is what stands here.'),
      !rules.enabled && callout('warning', 'On demand is switched off in this profile (OnDemandEnabled): the rules are only written down.'),
      element,
    ];
  }

  function findings(one) {
    const list = one.findings;
    return panel(
      'What is wrong or weak',
      list.length
        ? h('ul', { class: 'findings-list' }, list.slice(0, 100).map((found) => h('li', null, h('span', { class: `badge ${found.severity}` }, icon(found.severity), found.severity), h('span', null, prose(found.message)), h('code', null, found.path))), list.length > 100 && h('li', { class: 'hint' }, `and ${list.length - 100} more`))
        : h('p', null, 'No rule finds an error or a warning in it.'),
      list.length > 0 && h('a', { class: 'button small', href: '#validate' }, 'See them in the file'),
    );
  }

  return {
    element,
    show() {},
    hide() {},
    update(values) {
      const file = state.file();
      if (!file) {
        if (key !== '') replace(element, none);
        key = '';
        return;
      }
      const now = fileKey(file, values);
      if (values.engine !== 'ready' || !file.opened || now === key) return;
      if (!key?.startsWith(`[${file.id},`)) {
        chosen = 0;
        replace(element, h('p', { class: 'empty' }, 'Reading the profile …'));
      }
      key = now;
      load(file, values);
    },
  };
}
