// A profile as declarations of 27.0 or as properties of Apple's API, and declarations as a profile.

import { h, icon, prose, replace, count } from '../../dom.js';
import { inputOf, optionsOf } from '../../state.js';
import { callout, check, codeBox, copyButton, field, fileKey, isJson, panel, placesAndReasons, saveButton, scroller, select, unreadable, withoutFile } from '../parts.js';

const DIRECTIONS = [
  ['declarations', 'Declarations', 'For declarative management, systems 27.0'],
  ['api', 'Properties of the API', 'For developers of apps: NEVPNManager and what belongs to it'],
  ['profile', 'A profile', 'From declarations'],
];
const JSON_TYPE = 'application/json';

export function view(context) {
  const { engine, state } = context;
  const none = withoutFile(context, 'The same VPN in other words', 'Open a profile to turn it into declarations of 27.0 or into properties of Apple’s API, or declarations (JSON) to turn them into a profile.');
  let to = 'declarations';
  let payload = '';
  let unmask = false;
  let key = null;
  let shown = null; // The file that is shown.
  let names = []; // The VPNs of the profile, for the choice.

  const options = h('div', { class: 'convert-options' });
  const result = h('div', { class: 'stack', role: 'region', 'aria-label': 'Result' });
  const work = h('div', { class: 'stack' }, h('h1', { class: 'visually-hidden' }, 'Convert'), options, result);
  const element = h('div', { class: 'convert' });

  function drawOptions() {
    const json = isJson(shown);
    const radios = DIRECTIONS.map(([word, title, hint]) => {
      const off = json !== (word === 'profile');
      const input = h('input', { type: 'radio', name: 'to', value: word, checked: to === word, disabled: off, onchange: () => {
        to = word;
        drawOptions();
        element.querySelector('input[name="to"]:checked')?.focus();
        load();
      } });
      return h('label', { class: `direction${off ? ' off' : ''}` }, input, h('span', null, h('strong', null, title), h('span', { class: 'hint' }, off ? (json ? 'This file holds declarations' : 'This file is a profile') : hint)));
    });
    replace(
      options,
      h('fieldset', { class: 'directions' }, h('legend', null, `Turn ${shown.name} into`), radios),
      to !== 'profile' &&
        h(
          'div',
          { class: 'row convert-more' },
          names.length > 1 &&
            field('Which VPN', select([['', `all ${names.length}`], ...names.map((one) => [String(one.payload), `${one.name ?? 'without a name'} (PayloadContent[${one.payload}])`])], payload, (value) => {
              payload = value;
              load();
            })),
          to === 'declarations' &&
            check('Write the post-quantum key (PPK) in full', unmask, (value) => {
              unmask = value;
              load();
            }),
        ),
    );
  }

  async function load() {
    const file = state.file();
    if (!file) return;
    try {
      const { template, set } = optionsOf(state.get());
      const asked = { to, template, set };
      if (payload !== '' && to !== 'profile') asked.payload = Number(payload);
      if (unmask && to === 'declarations') asked.unmask = true;
      const report = await engine.latest('convert', 'convert', inputOf(file), asked);
      if (!report || state.file()?.id !== file.id) return;
      draw(report, file);
    } catch (error) {
      replace(result, callout('error', prose(error.message)));
    }
  }

  function draw(report, file) {
    if (report.error) return replace(result, unreadable(context, file, report));
    const stem = file.name.replace(/\.[^.]*$/, '');
    const parts = to === 'api' ? drawApi(report, stem) : to === 'profile' ? drawProfile(report, stem) : drawDeclarations(report, stem);
    const refused = report.refused ?? [];
    context.announce(refused.length && !(parts?.length > 0) ? 'Refused.' : 'Converted.');
    return replace(
      result,
      refused.length > 0 && panel('Refused', h('ul', { class: 'reasons' }, refused.map((one) => h('li', null, h('strong', null, one.name ?? `PayloadContent[${one.payload}]`), h('span', null, prose(one.reason)))))),
      parts,
    );
  }

  function drawDeclarations(report, stem) {
    const whole = () => JSON.stringify(report.declarations.length === 1 ? report.declarations[0] : report.declarations, null, 2);
    return [
      report.declarations.length > 0 &&
        panel(
          count(report.declarations.length, 'declaration'),
          report.declarations.map((one) => codeBox(`Declaration ${one.Identifier}`, JSON.stringify(one, null, 2))),
          copyButton(context, whole),
          saveButton(context, () => `${stem}.json`, () => `${whole()}\n`, JSON_TYPE),
        ),
      report.assets.length > 0 && panel('To do: assets', assets(report.assets, 'The declarations refer to these; make them on the management server. No secret is written here.')),
      lost(report.lost),
    ].filter(Boolean);
  }

  function drawProfile(report, stem) {
    return [
      report.profile &&
        panel(
          'Profile',
          codeBox('Profile', report.profile),
          copyButton(context, () => report.profile),
          saveButton(context, () => `${stem}.mobileconfig`, () => report.profile, 'application/x-apple-aspen-config'),
          h('button', { class: 'button small', type: 'button', onclick: () => openProfile(stem, report.profile) }, icon('arrow'), 'Open in Validate'),
        ),
      report.assets.length > 0 && panel('To do: fill in', assets(report.assets, 'The profile has a variable where each of these belongs.')),
      lost(report.lost),
    ].filter(Boolean);
  }

  function openProfile(stem, text) {
    state.add(`${stem}.mobileconfig`, new TextEncoder().encode(text));
    location.hash = '#validate';
  }

  function drawApi(report, stem) {
    return report.vpns.map((one) => {
      const text = () => JSON.stringify(one.settings, null, 2);
      return [
        panel(
          one.name ?? `PayloadContent[${one.payload}]`,
          codeBox(`Properties of ${one.name ?? 'the VPN'}`, text()),
          copyButton(context, text),
          saveButton(context, () => `${stem}.api.json`, () => `${text()}\n`, JSON_TYPE),
        ),
        one.keychain.length > 0 &&
          panel(
            'To do: the keychain',
            scroller(
              'Keychain items',
              h(
                'table',
                { class: 'table' },
                h('thead', null, h('tr', null, ['Item', 'Holds', 'Property', 'In the profile'].map((name) => h('th', { scope: 'col' }, name)))),
                h('tbody', null, one.keychain.map((item) => h('tr', null, h('th', { scope: 'row' }, h('code', null, item.name), h('div', { class: 'hint' }, item.class)), h('td', null, item.holds), h('td', null, h('code', null, item.property)), h('td', null, h('code', null, item.path))))),
              ),
            ),
          ),
        lost(one.lost),
      ];
    });
  }

  const lost = (list) =>
    panel(
      list.length ? `Lost: ${list.length}` : 'Nothing is lost',
      list.length ? placesAndReasons(list) : h('p', { class: 'hint' }, 'Everything that the input says, the result says too.'),
    );

  function assets(list, text) {
    return [
      h('p', { class: 'hint' }, text),
      scroller(
        'Assets',
        h(
          'table',
          { class: 'table' },
          h('thead', null, h('tr', null, ['Asset', 'Holds', 'Type', 'In the profile'].map((name) => h('th', { scope: 'col' }, name)))),
          h(
            'tbody',
            null,
            list.map((one) =>
              h(
                'tr',
                null,
                h('th', { scope: 'row' }, h('code', null, one.reference)),
                h('td', null, one.holds, one.user_name ? h('div', { class: 'hint' }, `user name ${one.user_name}`) : null),
                h('td', null, one.types.map((type) => h('div', null, h('code', null, type)))),
                h('td', null, one.profile.map((path) => h('div', null, h('code', null, path)))),
              ),
            ),
          ),
        ),
      ),
    ];
  }

  /** The VPNs to choose from, and what the file is. */
  async function start(file) {
    if (shown?.id !== file.id) unmask = false;
    shown = file;
    payload = '';
    names = [];
    to = isJson(file) ? 'profile' : to === 'profile' ? 'declarations' : to;
    drawOptions();
    load();
    if (to === 'profile') return;
    try {
      const found = await engine.call('explain', inputOf(file), optionsOf(state.get()));
      if (shown !== file || !(found?.vpns.length > 1)) return;
      names = found.vpns;
      drawOptions();
    } catch {
      // Nothing to choose from; the conversion says why.
    }
  }

  return {
    element,
    show() {},
    hide() {},
    update(values) {
      const file = state.file();
      const wanted = file ? work : none;
      if (element.firstChild !== wanted) replace(element, wanted);
      const now = fileKey(file, values);
      if (!file || values.engine !== 'ready' || !file.opened || now === key) return;
      key = now;
      start(file);
    },
  };
}
