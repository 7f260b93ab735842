// The form of a description, made from the schema's fields: a section for each group, the rarer fields folded up.

import { h, icon, replace, sentence } from '../../dom.js';
import { select, uid } from '../parts.js';
import { controlOf } from './controls.js';
import { GROUPS, PARTS, TUNNEL_TITLES, helpOf, isCommon, labelOf } from './labels.js';
import { SOURCES, TUNNELS, get, isNothing, methodOf, set, sourceOf, steps, tunnelsOf } from './spec.js';

/** Groups that are unfolded from the start. */
const OPEN = new Set(['profile', 'connection', 'authentication']);

/** The form of `model` (`{ type, spec }`); `changed` is called after each change of the description. */
export function formOf(model, changed) {
  const element = h('div', { class: 'form stack' });
  const known = new Map(); // The fields that are drawn, by their path.
  const folded = new Map(); // Whether a section is open, kept over drawing anew.
  let errors = new Map();

  const told = () => {
    for (const one of known.values()) one.refresh();
    count();
    changed();
  };

  function draw(focus = null) {
    known.clear();
    const { type, spec } = model;
    const own = type.fields.filter(({ path }) => path !== 'certificates' && !path.startsWith('identity.'));
    const inTunnel = ({ path }) => type.type === 'always-on' && TUNNELS.includes(path.split('.')[2]);
    const sections = groups(own.filter((field) => !inTunnel(field)), '');
    if (type.type === 'always-on') sections.splice(1, 0, tunnels(own.filter(inTunnel)));
    const after = sections.findIndex(({ dataset }) => dataset.group === 'authentication' || dataset.group === 'tunnels');
    if (type.fields.some(({ path }) => path === 'certificates')) sections.splice(after + 1, 0, certificates(type, spec));
    replace(element, sections);
    count();
    showErrors(errors);
    if (focus) focusField(focus);
  }

  /** Sections of fields, in the schema's order. */
  function groups(fields, key) {
    const names = [...new Set(fields.map(({ group }) => group))];
    return names.map((name) => section(key + name, GROUPS[name] ?? name, parts(fields.filter(({ group }) => group === name), key + name), OPEN.has(name) && !key.startsWith('cellular')));
  }

  /** A section that folds. */
  function section(key, title, body, open = false) {
    const marks = h('span', { class: 'section-marks' });
    const details = h('details', { class: 'panel form-section', 'data-group': key, open: folded.get(key) ?? open, ontoggle: () => folded.set(key, details.open) }, h('summary', { class: 'panel-head' }, icon('chevron'), h('h2', null, title), marks), h('div', { class: 'panel-body stack' }, body));
    return details;
  }

  /** The fields of a group: the common ones, those with a heading of their own, and the others folded up. */
  function parts(fields, key) {
    const partOf = ({ path }) => {
      const at = path.split('.').at(-2);
      return PARTS[at] ? at : '';
    };
    const drawn = [];
    const rare = [];
    for (const part of [...new Set(fields.map(partOf))]) {
      const those = fields.filter((field) => partOf(field) === part);
      const common = those.filter(({ flag, help, required }) => required || isCommon({ flag, help }));
      const wanted = common.length ? common : [];
      const others = those.filter((field) => !wanted.includes(field));
      if (wanted.length) drawn.push(fieldset(part, wanted));
      if (others.length) rare.push(fieldset(part, others));
    }
    if (!rare.length) return drawn;
    if (!drawn.length) return rare;
    const more = `${key} more`;
    const used = fields.some((field) => !isCommon(field) && !field.required && !isNothing(get(model.spec, steps(field.path))));
    const details = h('details', { class: 'more-settings', open: folded.get(more) ?? used, ontoggle: () => folded.set(more, details.open) }, h('summary', null, 'More settings'), h('div', { class: 'stack' }, rare));
    return [...drawn, details];
  }

  function fieldset(part, fields) {
    const body = h('div', { class: 'fields' }, fields.map((field) => fieldElement(field, steps(field.path))));
    return part ? h('fieldset', null, h('legend', null, PARTS[part]), body) : body;
  }

  /** One field: its label, its control, what it is for, and what is wrong with it. */
  function fieldElement(field, path) {
    const { spec, type } = model;
    const key = path.join('.');
    const id = uid('field');
    const error = h('p', { class: 'field-error', id: `${id}-error`, hidden: true });
    let own = null; // What the control itself finds wrong.
    const made = field.kind === 'table' ? table(path) : controlOf(field, get(spec, path), (value) => {
      set(spec, path, value);
      told();
      // A method decides which fields there are; the list of identities is theirs too.
      if (path.at(-1) === 'method') announceMethod();
    }, {
      id,
      subtypes: type.subtypes,
      identities: () => Object.keys(spec.identity ?? {}),
      problem(text) {
        own = text;
        say(errors.get(key));
      },
    });
    const { control } = made;
    control.id = id;
    if (!made.group) control.setAttribute('name', field.flag);
    control.setAttribute('aria-describedby', `${id}-hint ${id}-error`);
    const needed = field.required || isNeededIdentity(path) || (path.at(-1) === 'secret' && path.at(-2) === 'authentication');
    const label = h(made.group ? 'span' : 'label', made.group ? { class: 'label', id: `${id}-label` } : { for: id }, labelOf(key.replace(/^identity\.[^.]*\./, 'identity.user.')), needed && h('span', { class: 'needed' }, 'needed'));
    if (made.group) {
      control.setAttribute('role', 'group');
      control.setAttribute('aria-labelledby', `${id}-label`);
      control.dataset.field = field.flag;
    }
    const wide = made.group || ['text-list', 'rules'].includes(field.kind);
    const element = h('div', { class: `field${wide ? ' wide' : ''}`, 'data-path': key }, label, made.wrap ? made.wrap(control) : control, made.beside, h('p', { class: 'hint', id: `${id}-hint` }, helpOf(field.help), '.', made.hint && ` ${made.hint}`), error);

    function say(list) {
      const texts = own ? [own] : (list ?? []);
      const bad = texts.some((one) => typeof one === 'string' || one.severity !== 'notice');
      error.hidden = !texts.length;
      error.className = `field-error${texts.every((one) => one.severity && one.severity !== 'error') ? ' milder' : ''}`;
      replace(error, texts.map((one) => h('span', null, icon(one.severity ?? 'error'), h('span', { class: sentence(one.message ?? one) }, one.message ?? one))));
      if (!made.group) control.setAttribute('aria-invalid', String(texts.length > 0 && bad));
    }
    const one = {
      element,
      say,
      isSet: () => !isNothing(get(spec, path)),
      refresh() {
        element.hidden = field.methods.length > 0 && !field.methods.includes(methodOf(spec, field));
      },
      focus() {
        for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
        (made.group ? (control.querySelector('input:not([hidden]), select, textarea, button') ?? control) : control).focus();
        element.scrollIntoView({ block: 'center' });
      },
    };
    known.set(key, one);
    one.refresh();
    return element;
  }

  const isNeededIdentity = (path) => path[0] === 'identity' && SOURCES[path[2]]?.needs.includes(path.slice(3).join('.'));

  function announceMethod() {
    for (const one of known.values()) one.refresh();
  }

  /** A table that says something by being there. */
  function table(path) {
    const box = h('input', { type: 'checkbox', checked: Boolean(get(model.spec, path)), onchange: () => {
      if (box.checked) model.spec[path[0]] ??= {};
      else delete model.spec[path[0]];
      told();
      if (!box.checked) draw(path.join('.'));
    } });
    return { control: box, wrap: (control) => h('div', { class: 'check' }, control, h('span', { 'aria-hidden': 'true' }, 'Yes')) };
  }

  /** Always On: which tunnels there are, and the groups of each. */
  function tunnels(fields) {
    const { spec } = model;
    const there = tunnelsOf(spec);
    const now = there.join('+') || 'tunnel';
    const modes = [['tunnel', 'one for Wi-Fi and cellular'], ['wifi+cellular', 'one for each'], ['wifi', 'Wi-Fi only'], ['cellular', 'cellular only']];
    if (!modes.some(([word]) => word === now)) modes.push([now, there.map((name) => TUNNEL_TITLES[name]).join(', ')]);
    const choose = select(modes, now, (word) => {
      const old = spec.vpn['always-on'][tunnelsOf(spec)[0]] ?? {};
      const next = word.split('+');
      for (const name of next) spec.vpn['always-on'][name] ??= structuredClone(old);
      for (const name of TUNNELS) if (!next.includes(name)) delete spec.vpn['always-on'][name];
      told();
      draw();
      element.querySelector('.tunnel-mode')?.focus();
    }, { class: 'tunnel-mode', id: uid('tunnels'), name: 'tunnels' });
    const shown = there.length ? there : ['tunnel'];
    const body = [
      h('div', { class: 'field' }, h('label', { for: choose.id }, 'Tunnels'), choose),
      shown.map((name) => h('div', { class: 'tunnel stack' }, shown.length > 1 && h('h3', null, TUNNEL_TITLES[name]), groups(fields.filter(({ path }) => path.split('.')[2] === name), `${name} `))),
    ];
    return section('tunnels', 'Tunnels', body, true);
  }

  /** Certificates to trust, and identities: several, each from one source. */
  function certificates(type, spec) {
    const trust = type.fields.find(({ path }) => path === 'certificates');
    const list = Object.entries(spec.identity ?? {}).map(([name, identity]) => identityPart(type, name, identity));
    const add = h('button', { class: 'button small', type: 'button', onclick: () => {
      spec.identity ??= {};
      let name = 'user';
      for (let number = 2; name in spec.identity; number++) name = `user-${number}`;
      spec.identity[name] = { pkcs12: {} };
      told();
      draw();
      element.querySelector(`[data-identity="${CSS.escape(name)}"] select`)?.focus();
    } }, icon('plus'), list.length ? 'Add another identity' : 'Add an identity');
    return section('certificates', 'Certificates and keys', [h('div', { class: 'fields' }, fieldElement(trust, ['certificates'])), h('div', { class: 'stack' }, h('h3', null, 'Identities: keys with certificates'), list, h('div', null, add))], list.length > 0 || Boolean(spec.certificates?.length));
  }

  function identityPart(type, name, identity) {
    const { spec } = model;
    const source = sourceOf(identity) ?? 'pkcs12';
    const rename = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', id: uid('identity'), value: name, onchange: () => {
      const next = rename.value.trim();
      if (!next || next in spec.identity || next.includes('.')) {
        rename.value = name;
        return;
      }
      spec.identity = Object.fromEntries(Object.entries(spec.identity).map(([one, value]) => [one === name ? next : one, value]));
      for (const field of type.fields) {
        if (field.path.endsWith('.identity') && get(spec, steps(field.path)) === name) set(spec, steps(field.path), next);
      }
      told();
      draw();
      element.querySelector(`[data-identity="${CSS.escape(next)}"] input`)?.focus();
    } });
    const from = select(Object.entries(SOURCES).map(([word, { title }]) => [word, title]), source, (word) => {
      spec.identity[name] = { [word]: {} };
      told();
      draw();
      element.querySelector(`[data-identity="${CSS.escape(name)}"] select`)?.focus();
    }, { id: uid('source'), name: 'identity-source' });
    const prefix = `identity.user.${source}.`;
    const fields = type.fields.filter(({ path }) => path.startsWith(prefix)).map((field) => ({ ...field, path: `identity.${name}.${source}.${field.path.slice(prefix.length)}` }));
    return h(
      'fieldset',
      { class: 'identity', 'data-identity': name },
      h('legend', null, `Identity “${name}”`),
      h('div', { class: 'fields' }, h('div', { class: 'field' }, h('label', { for: from.id }, 'Comes from'), from), h('div', { class: 'field' }, h('label', { for: rename.id }, 'Name in this form'), rename)),
      parts(fields, `identity ${name}`),
      h('button', { class: 'button small quiet', type: 'button', onclick: () => {
        delete spec.identity[name];
        if (!Object.keys(spec.identity).length) delete spec.identity;
        told();
        draw();
        focusField('certificates');
      } }, icon('trash'), 'Remove this identity'),
    );
  }

  /** How much is said in each section, and whether something is wrong there. */
  function count() {
    for (const details of element.querySelectorAll('.form-section')) {
      const inside = [...known.values()].filter((one) => details.contains(one.element));
      const said = inside.filter((one) => !one.element.hidden && one.isSet()).length;
      const bad = inside.filter((one) => !one.element.hidden && one.element.querySelector('.field-error:not([hidden])'));
      const kind = bad.some((one) => one.element.querySelector('.field-error:not(.milder, [hidden])')) ? 'error' : 'warning';
      replace(details.querySelector(':scope > summary .section-marks'), bad.length > 0 && h('span', { class: `badge ${kind}` }, icon(kind), `${bad.length} to mend`), said > 0 && h('span', { class: 'badge' }, `${said} set`));
    }
  }

  /** Shows what is wrong with which field: a map from paths to texts or `{ severity, message }`. Gives those without a field. */
  function showErrors(found) {
    errors = found;
    for (const [key, one] of known) one.say(found.get(key));
    count();
  }

  /** The drawn field that a path belongs to: itself, or one around it. */
  function fieldOf(path) {
    const plain = path.replace(/\[\d+\]/g, '');
    for (let at = plain; at; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) if (known.has(at)) return at;
    return null;
  }

  function focusField(path) {
    const at = fieldOf(path);
    known.get(at)?.focus();
    return at !== null;
  }

  /** The label of a field with the part of the form it stands in. */
  function nameOf(path) {
    const plain = path.replace(/\[\d+\].*/, '').replace(/^identity\.[^.]*\./, 'identity.user.');
    const steps = plain.split('.');
    const around = [TUNNEL_TITLES[steps[2]], PARTS[steps.at(-2)]].filter(Boolean);
    return [...around, labelOf(plain)].join(': ');
  }

  draw();
  return { element, draw, showErrors, focusField, fieldOf, labelOf: nameOf };
}
