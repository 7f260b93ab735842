// The verdict at a glance, and for which systems: the picker and, for each target, whether the profile installs and
// connects there and which keys it ignores.

import { count, h, icon, keptList, replace, same } from '../../dom.js';
import { isCurrent } from '../../checker.js';
import { countsOf, verdictOf } from '../../verdict.js';
import { UNSAVED, isJson } from '../parts.js';

/** Files that are something else. */
const NO_PROFILE = { pkcs12: 'This is a PKCS#12 file, not a profile', certificate: 'This is a certificate, not a profile' };

/** The finding that a password is missing, which stays when one is typed: the profile does not hold it. */
const NO_PASSWORD = 'cert.p12-no-password';

/** The payload that a path is in, such as `PayloadContent[1]`. */
const payloadOf = (path) => path.split('.')[0];

const HEADLINES = {
  error: 'This profile has errors',
  warning: 'No errors, but warnings',
  ok: 'No problems were found',
  unknown: 'This file cannot be judged',
};

export function targetPanel({ state, announce, notify, select }) {
  let drawn = [];
  let chipsFor = []; // the targets and the schema that the chips are drawn for
  const typed = { password: '', variables: '' }; // as the state had them last
  let told = ''; // what is said of PKCS#12 files, and of which password
  const verdict = h('div', { class: 'verdict' });
  const results = h('ul', { class: 'target-results', 'aria-label': 'Verdict per target' });
  const chips = h('ul', { class: 'chips', 'aria-label': 'Targets' });
  const drawTargets = keptList(chips);
  const drawRows = keptList(results);
  const platform = h('select', { id: 'target-platform', 'aria-label': 'System', onchange: () => versions() });
  const version = h('input', { id: 'target-version', 'aria-label': 'Version', list: 'target-versions', inputmode: 'decimal', autocomplete: 'off', placeholder: 'Version', onkeydown: (event) => event.key === 'Enter' && add() });
  const known = h('datalist', { id: 'target-versions' });
  const box = (name, label) => {
    const input = h('input', { type: 'checkbox', onchange: () => state.set({ [name]: input.checked }) });
    return { name, input, element: h('label', { class: 'check' }, input, label) };
  };
  const supervised = box('supervised', 'Supervised');
  const enrollment = box('userEnrollment', 'User enrollment');
  const template = box('template', 'A template with variables');
  const boxes = [supervised, enrollment, template];
  const password = h('input', { id: 'p12-password', type: 'password', ...UNSAVED, 'aria-describedby': 'p12-hint p12-error', onchange: () => state.set({ password: password.value }) });
  const wrong = h('p', { class: 'field-error', id: 'p12-error', hidden: true }, h('span', null, icon('error'), 'It does not open the PKCS#12 of this profile.'));
  const variables = h('textarea', { id: 'variables', rows: 3, spellcheck: 'false', placeholder: 'NAME=value', onchange: () => state.set({ variables: variables.value }) });
  const variableField = h('div', { class: 'field' }, h('label', { for: 'variables' }, 'Values of the variables'), variables, h('p', { class: 'hint' }, 'One NAME=value a line. Others stay open.'));
  const quick = h('ul', { class: 'chips', 'aria-label': 'Add a target' });
  const drawQuick = keptList(quick);
  const more = h('summary', null, 'Other versions and options');
  const options = h(
    'details',
    { class: 'options' },
    more,
    h(
      'div',
      { class: 'stack' },
      h('div', { class: 'field' }, h('span', { class: 'label' }, 'Another version'), h('div', { class: 'row add-target' }, platform, version, known, h('button', { class: 'button', type: 'button', onclick: add }, icon('plus'), 'Add'))),
      h('div', { class: 'row boxes' }, supervised.element, enrollment.element),
      h('form', { class: 'field', onsubmit: (event) => event.preventDefault() }, h('label', { for: 'p12-password' }, 'Password of a PKCS#12'), password, wrong, h('p', { class: 'hint', id: 'p12-hint' }, 'To look into an encrypted identity. It is kept in memory only.')),
      template.element,
      variableField,
    ),
  );
  /** Opens the field for a PKCS#12's password. */
  function askPassword() {
    options.open = true;
    password.focus();
    password.scrollIntoView({ block: 'center' });
  }

  const locked = h('div', { class: 'locked', hidden: true });
  // What grows with a verdict stands below what is pressed to ask for another.
  const element = h('section', { class: 'panel', 'aria-label': 'Verdict' }, verdict, h('div', { class: 'picker' }, h('h3', null, 'Check for'), chips, quick), options, locked, results);

  function versions() {
    const system = state.get().schema?.platforms.find((one) => one.platform === platform.value);
    const list = [...(system?.versions ?? [])].reverse();
    replace(known, list.map((value) => h('option', { value })));
    version.value = list[0] ?? '';
  }

  function add() {
    const text = version.value.trim();
    // As the checker writes it: 15 is 15.0, and 26.1.0 is 26.1.
    const [major, minor = 0, patch] = text.split('.').map(Number);
    if (!/^\d+(\.\d+){0,2}$/.test(text) || Math.max(major, minor, patch ?? 0) > 255) {
      notify('A version is a number such as 26.1, none of its parts above 255.');
      version.setAttribute('aria-invalid', 'true');
      version.focus();
      return;
    }
    version.removeAttribute('aria-invalid');
    choose(`${platform.value}-${major}.${minor}${patch ? `.${patch}` : ''}`);
  }

  function choose(target) {
    const { targets } = state.get();
    if (!targets.includes(target)) state.set({ targets: [...targets, target].slice(0, 20) });
  }

  function drawVerdict(file, values) {
    const empty = file.text === '';
    const { kind, icon: picture } = empty ? { kind: 'unknown', icon: 'unknown' } : verdictOf(file);
    const foreign = NO_PROFILE[file.opened?.format?.kind] ?? (isJson(file) ? 'This is JSON, not a profile' : null);
    const counts = countsOf(file.report);
    const words = [['error', 'error'], ['warning', 'warning'], ['notice', 'notice']].filter(([name]) => counts[name]).map(([name, word]) => count(counts[name], word));
    if (file.report?.suppressed) words.push(`${count(file.report.suppressed, 'more problem')} not listed`);
    const waiting = !file.report && !file.failure && values.engine !== 'failed';
    verdict.dataset.kind = kind;
    replace(
      verdict,
      icon(picture),
      h('div', null, h('h2', null, waiting ? 'Checking …' : empty ? 'The file is empty' : (foreign ?? (kind === 'ok' && words.length ? 'No errors and no warnings' : HEADLINES[kind]))), h('p', null, file.failure ?? (values.engine === 'failed' ? 'The checker could not be loaded.' : waiting ? '' : empty ? 'Paste a profile into the editor.' : words.join(', ') || 'Nothing to say about it.'))),
    );
  }

  /** Whether a password is wanted, and what the one that was typed came to. */
  function drawLocked(file, values) {
    const { report } = file;
    const paths = new Map((report?.diagnostics ?? []).filter(({ code }) => code === NO_PASSWORD).map(({ path }) => [payloadOf(path), path]));
    const asking = [...paths.keys()];
    // Until it was tried nothing is said of a password; while it is being tried the line stays.
    if (asking.length && values.password && !isCurrent(file, values)) return;
    const tried = Boolean(values.password && report?.locked);
    const lists = { error: [], warning: [], ok: [] };
    const has = (paths, payload) => paths?.some((path) => payloadOf(path) === payload);
    for (const payload of tried ? asking : []) lists[has(report.locked, payload) ? 'error' : has(report.unopened, payload) ? 'warning' : 'ok'].push(payload);
    const now = JSON.stringify([file.id, tried && values.password, asking, lists]);
    if (told === now) return;
    told = now;
    wrong.hidden = !lists.error.length;
    password.setAttribute('aria-invalid', String(!wrong.hidden));
    locked.hidden = !asking.length;
    const again = (words) => h('button', { class: 'link', type: 'button', onclick: askPassword }, words);
    const link = (payload, kind) => h('button', { class: 'link', type: 'button', onclick: () => goTo(file.id, kind === 'warning' ? `${payload}.PayloadContent` : paths.get(payload)) }, h('code', null, payload));
    const names = (kind) => (asking.length === 1 ? 'the PKCS#12' : lists[kind].map((payload, at) => [at > 0 && ', ', link(payload, kind)]));
    const line = (kind, before, ...after) => lists[kind].length > 0 && h('p', null, icon(kind), h('span', null, before, names(kind), after));
    replace(
      locked,
      !tried && h('p', null, icon('key'), again('Type the password of the PKCS#12')),
      line('error', 'The password does not open ', '. ', again('Type another')),
      line('warning', 'No identity could be read from ', ': the problems say why.'),
      line('ok', 'The password opens ', ': what is in it was judged too.'),
    );
    if (tried) announce(locked.textContent);
  }

  /** Goes to the first finding of a path. */
  function goTo(id, path) {
    const index = state.file()?.id === id ? (state.file().marks ?? []).findIndex((found) => found.path === path) : -1;
    if (index >= 0) select(index);
  }

  function drawResults(file, values) {
    const list = file.report?.per_target ?? [];
    results.hidden = !list.length;
    drawRows(list.map((one, at) => {
      const target = file.targets[at];
      const title = targetTitle(target, values);
      const { installs, connects, ignored } = one;
      return [target.split('+')[0], JSON.stringify([file.id, target, title, installs, connects, ignored]), (old) => result(one, title, (path) => goTo(file.id, path), old?.querySelector('details')?.open)];
    }));
  }

  function drawChips({ targets, schema }) {
    if (same([targets, schema], chipsFor)) return;
    chipsFor = [targets, schema];
    const left = [chips, quick].find((list) => list.contains(document.activeElement));
    chips.hidden = !targets.length;
    drawTargets(targets.map((target) => {
      const title = targetTitle(target, { schema });
      return [target, title, () => h('li', { class: 'chip' }, title, h('button', { type: 'button', 'aria-label': `Remove ${title}`, onclick: () => remove(target) }, icon('close')))];
    }));
    // One press for the newest version of each system that is not chosen yet.
    const absent = (schema?.platforms ?? []).filter((one) => !targets.some((target) => target.startsWith(`${one.platform}-`)));
    drawQuick(absent.map((one) => {
      const target = `${one.platform}-${one.versions.at(-1)}`;
      return [target, '', () => h('li', null, h('button', { class: 'chip add', type: 'button', onclick: () => choose(target) }, icon('plus'), targetTitle(target, { schema })))];
    }));
    // The button that was pressed is gone: the focus goes to one beside it.
    if (left && !left.contains(document.activeElement)) (left.querySelector('button') ?? quick.querySelector('button') ?? more).focus();
  }

  function remove(target) {
    state.set({ targets: state.get().targets.filter((one) => one !== target) });
  }

  return {
    element,
    update(file, values) {
      drawLocked(file, values);
      const now = [values.engine, file.opened, file.report, file.failure, values.targets, values.schema, values.supervised, values.userEnrollment, values.template, values.password, values.variables];
      if (values.schema && !platform.options.length) {
        replace(platform, values.schema.platforms.map((one) => h('option', { value: one.platform }, one.title)));
        versions();
      }
      if (same(now, drawn)) return;
      drawn = now;
      for (const { name, input } of boxes) input.checked = values[name];
      supervised.input.disabled = enrollment.input.disabled = !values.targets.length;
      variableField.hidden = !values.template;
      // What is being typed is not in the state yet.
      for (const [name, input] of [['password', password], ['variables', variables]]) {
        if (typed[name] !== values[name]) input.value = typed[name] = values[name];
      }
      drawVerdict(file, values);
      drawResults(file, values);
      drawChips(values);
    },
  };
}

/** A target such as `ios-26.1+supervised` as people say it: iOS 26.1. */
export function targetTitle(target, values) {
  const [platform, version] = target.split('+')[0].split('-');
  return `${values.schema?.platforms.find((one) => one.platform === platform)?.title ?? platform} ${version}`;
}

/** One target: three answers, each in words; the ignored keys are listed where `open`. */
function result(one, title, goTo, open) {
  const answer = (yes, words) => h('span', { class: `badge ${yes === true ? 'ok' : yes === false ? 'error' : ''}` }, icon(yes === true ? 'ok' : yes === false ? 'error' : 'unknown'), words);
  const ignored = one.ignored.map((path) => h('li', null, h('button', { class: 'link', type: 'button', onclick: () => goTo(path) }, h('code', null, path))));
  return h(
    'li',
    { class: 'target-result' },
    h('h3', null, icon('device'), title, one.target.supervised && h('span', { class: 'hint' }, 'supervised'), one.target.user_enrollment && h('span', { class: 'hint' }, 'user enrollment')),
    h('div', { class: 'row' },
      answer(one.installs, one.installs ? 'Installs' : 'Does not install'),
      answer(one.connects, one.connects === null ? 'No VPN in it' : one.connects ? 'Connects' : 'Does not connect')),
    ignored.length > 0 && h('details', { open }, h('summary', null, `Ignores ${count(ignored.length, 'key')}`), h('ul', { class: 'key-list' }, ignored)),
  );
}
