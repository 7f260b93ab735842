// A network to try the on-demand rules with: what is chosen here is decided by the engine, and shown in the flow.

import { h, icon, replace } from '../../dom.js';
import { callout, check, field, later, select, uid } from '../parts.js';
import { flow } from './flow.js';
import { INTERFACES, actionOf, bareUrl } from './words.js';

const fresh = () => ({ interface: 'WiFi', ssid: '', searchDomains: '', dnsServers: '', probes: {}, host: '', resolves: '', requiredDns: '', tunnel: 'down', override: false, mode: 'profile' });

const OUTCOMES = {
  off: ['close', 'On demand does nothing'],
  connect: ['ok', 'Connect'],
  disconnect: ['close', 'Disconnect'],
  ignore: ['notice', 'Leave it as it is'],
  evaluate: ['unknown', 'Look at the connection'],
  'nothing-matched': ['notice', 'No rule matches'],
  needs: ['unknown', 'A fact is missing'],
};
const CHANGES = { start: 'The tunnel is started.', stop: 'The tunnel is taken down.', none: 'The tunnel stays as it is.', unknown: 'Not decided yet.' };

/** The names in a field, with commas or spaces between. */
const names = (text) => text.split(/[\s,;]+/).filter(Boolean);

/** The simulator of one VPN's rules: `ask(network, mode)` gives the engine's report, or undefined when overtaken. */
export function simulator({ rules, ask }) {
  let values = fresh();
  // Reports name URLs without credentials; the engine wants them as the rules spell them.
  const spelled = new Map();
  const urls = [...new Set(rules.rules.flatMap((rule) => [rule.probe_url, ...actionOf(rule).parameters.map((one) => one.probe_url)]).filter(Boolean))];
  const all = (pick) => [...new Set(rules.rules.flatMap(pick).filter(Boolean))].slice(0, 50);
  const parameters = rules.rules.flatMap((rule) => actionOf(rule).parameters);
  const hostNames = [...new Set([...parameters.flatMap((one) => one.domains), ...Object.values(rules.lists).flat()].map(hostIn))].slice(0, 50);

  const drawn = flow(rules, tryRule);
  const result = h('div', { class: 'outcome', role: 'status' });
  const form = h('form', { class: 'sim-form', onsubmit: (event) => event.preventDefault() });
  const element = h('div', { class: 'simulator' }, h('div', { class: 'sim-side' }, result, form), drawn.element);

  const asked = later(decide, 60);
  const set = (change) => {
    values = { ...values, ...change };
    asked();
  };

  function network() {
    const probes = Object.fromEntries(Object.entries(values.probes).filter(([, state]) => state).map(([url, state]) => [spelled.get(url) ?? url, state]));
    return {
      interface: values.interface,
      ssid: values.interface === 'WiFi' && values.ssid ? values.ssid : null,
      search_domains: names(values.searchDomains),
      dns_servers: names(values.dnsServers),
      probes,
      host: values.host.trim() || null,
      host_resolves: values.resolves ? values.resolves === 'yes' : null,
      required_dns: values.requiredDns || null,
      tunnel: values.tunnel,
      user_override: values.override,
    };
  }

  async function decide() {
    try {
      const report = await ask(network(), values.mode);
      if (!report) return;
      if (!report.decision) {
        drawn.show(null);
        replace(result, callout('error', h('p', null, 'Errors in the profile keep it from being decided:'), h('ul', null, report.errors.map((one) => h('li', null, one.message)))));
        return;
      }
      const need = needOf(report.decision);
      if (need?.kind === 'probe' && need.url !== bareUrl(need.url) && spelled.get(bareUrl(need.url)) !== need.url) {
        spelled.set(bareUrl(need.url), need.url);
        if (values.probes[bareUrl(need.url)]) return void decide();
      }
      show(report);
    } catch (error) {
      drawn.show(null);
      replace(result, callout('error', error.message));
    }
  }

  function show({ decision, warnings = [] }) {
    drawn.show(decision);
    const need = needOf(decision);
    mark(need);
    const [name, words] = OUTCOMES[decision.outcome.kind] ?? ['notice', decision.outcome.kind];
    const settled = decision.change === 'unknown' ? 'needs' : decision.change === 'start' ? 'start' : decision.change === 'stop' ? 'stop' : 'stay';
    replace(
      result,
      h(
        'div',
        { class: 'outcome-box', 'data-change': settled },
        h('p', { class: 'outcome-title' }, icon(decision.change === 'start' ? 'ok' : decision.change === 'stop' ? 'close' : name), h('strong', null, words)),
        h('p', { class: 'outcome-change' }, CHANGES[decision.change]),
        h('p', null, decision.summary),
        decision.rule !== null && h('button', { class: 'button small', type: 'button', onclick: () => drawn.reveal(decision.rule) }, icon('down'), `Show rule ${decision.rule + 1}`),
        need && h('button', { class: 'button small', type: 'button', onclick: () => focusNeed(need) }, icon('arrow'), 'Say what is missing'),
      ),
      warnings.length > 0 && h('ul', { class: 'reasons' }, warnings.map((one) => h('li', null, h('span', null, one.message ?? String(one))))),
    );
  }

  // The form.
  const controls = {};
  const textInput = (name, placeholder, suggestions) => {
    const lists = suggestions.length ? h('datalist', { id: uid('suggestions') }, suggestions.map((value) => h('option', { value }))) : null;
    const input = h('input', { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', placeholder, value: values[name], list: lists?.id, oninput: () => set({ [name]: input.value }) });
    controls[name] = input;
    return [input, lists];
  };
  const choice = (name, options) => (controls[name] = select(options, values[name], (value) => set({ [name]: value })));

  function draw() {
    const ssids = all((rule) => rule.ssids);
    const radios = Object.entries(INTERFACES).map(([value, words]) => {
      const input = h('input', { type: 'radio', name: 'interface', value, checked: values.interface === value, onchange: () => {
        set({ interface: value });
        ssidField.hidden = value !== 'WiFi';
      } });
      controls[value] = input;
      return h('label', { class: 'check' }, input, words);
    });
    const [ssid, ssidList] = textInput('ssid', 'not known', ssids);
    const ssidField = h('div', { hidden: values.interface !== 'WiFi' }, field('Wi-Fi network (SSID)', ssid), ssidList);
    const [domains, domainList] = textInput('searchDomains', 'none', all((rule) => rule.search_domains).map((name) => name.replace(/^\*\./, '')));
    const [servers, serverList] = textInput('dnsServers', 'none', all((rule) => rule.dns_servers).map(addressIn));
    const [host, hostList] = textInput('host', 'no connection yet', hostNames);
    const probe = (url) => {
      const control = select([['', 'not known'], ['ok', 'answers with status 200'], ['failed', 'anything else']], values.probes[bareUrl(url)] ?? '', (state) => set({ probes: { ...values.probes, [bareUrl(url)]: state } }));
      controls[`probe ${bareUrl(url)}`] = control;
      return field(h('span', null, 'Probe ', h('code', null, bareUrl(url))), control);
    };
    const ambiguous = rules.rules.some((rule) => rule.dns_servers || rule.search_domains);
    replace(
      form,
      h('fieldset', null, h('legend', null, 'The network'), h('div', { class: 'radios', role: 'radiogroup', 'aria-label': 'Interface' }, radios), ssidField, h('div', null, field('Search domains', domains), domainList), h('div', null, field('DNS servers', servers), serverList), urls.slice(0, 20).map(probe)),
      h(
        'fieldset',
        null,
        h('legend', null, 'A connection on it'),
        h('div', null, field('Host that an app asks for', host), hostList),
        parameters.length || Object.values(rules.lists).flat().length
          ? [
              h(
                'div',
                { class: 'pair' },
                field('Its name resolves', choice('resolves', [['', 'not known'], ['yes', 'yes'], ['no', 'no, or elsewhere']])),
                parameters.some((one) => one.dns_servers?.length) && field('Required DNS servers', choice('requiredDns', [['', 'not known'], ['answer', 'answer'], ['silent', 'do not answer']])),
              ),
            ]
          : null,
        h('div', { class: 'pair' }, field('The tunnel now', choice('tunnel', [['down', 'down'], ['up', 'up']])), ambiguous && field('Whose rules', choice('mode', [['profile', 'a profile’s'], ['personal-vpn', 'an app’s (NEOnDemandRule)']]))),
        check('The user switched Connect On Demand off', values.override, (override) => set({ override })),
      ),
      h('div', { class: 'row' }, h('span', { class: 'hint' }, 'Try:'), presets().map(([words, change]) => h('button', { class: 'button small', type: 'button', onclick: () => start(change) }, words))),
    );
  }

  const presets = () => [
    ['An unknown Wi-Fi', { interface: 'WiFi', ssid: 'Café' }],
    ['Cellular', { interface: 'Cellular' }],
    ['Ethernet', { interface: 'Ethernet' }],
  ];

  /** Starts anew from a few values. */
  function start(change) {
    values = { ...fresh(), mode: values.mode, ...change };
    draw();
    decide();
  }

  /** A network that a rule asks for. */
  function tryRule(at) {
    const rule = rules.rules[at];
    const change = { interface: rule.ssids ? 'WiFi' : (rule.interface ?? 'WiFi'), ssid: rule.ssids?.[0] ?? (rule.interface === 'WiFi' || !rule.interface ? 'Café' : '') };
    if (rule.search_domains) change.searchDomains = rule.search_domains[0]?.replace(/^\*\.?/, '') ?? '';
    if (rule.dns_servers) change.dnsServers = rule.dns_servers[0] ? addressIn(rule.dns_servers[0]) : '';
    if (rule.probe_url) change.probes = { [bareUrl(rule.probe_url)]: 'ok' };
    const [first] = actionOf(rule).parameters;
    if (first?.domains[0]) change.host = hostIn(first.domains[0]);
    start(change);
  }

  function controlOf(need) {
    if (need.kind === 'probe') return controls[`probe ${bareUrl(need.url)}`];
    return need.kind === 'required-dns' ? controls.requiredDns : controls.resolves;
  }
  function mark(need) {
    for (const control of Object.values(controls)) control.classList.remove('wanted');
    if (need) controlOf(need)?.classList.add('wanted');
  }
  const focusNeed = (need) => controlOf(need)?.focus();

  draw();
  decide();
  return { element };
}

function needOf({ outcome }) {
  return outcome.need ?? outcome.verdict?.need ?? null;
}

/** An address that an entry of DNSServerAddressMatch matches. */
const addressIn = (entry) => (entry.endsWith('*') ? (entry.includes(':') ? `${entry.slice(0, -1).replace(/:+$/, '')}::1` : fillIn(entry)) : entry);
function fillIn(entry) {
  const parts = entry.replace(/\.?\*$/, '').split('.').filter(Boolean);
  while (parts.length < 4) parts.push('1');
  return parts.join('.');
}

/** A host that an entry of Domains lists. */
const hostIn = (entry) => entry.replace(/^\*\.?/, 'www.').replace(/^www\.$/, 'www.example.com');
