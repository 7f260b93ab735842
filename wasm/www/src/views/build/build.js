// Makes a profile from a form, for every type of `adit new`, and opens an existing one in it.

import { h, icon, replace } from '../../dom.js';
import { inputOf, optionsOf } from '../../state.js';
import { callout, field, fileButton, later, placesAndReasons, select, takesDrops, uid } from '../parts.js';
import { formOf } from './form.js';
import { previewOf } from './preview.js';
import { fieldOfKey, missing, prepared, turnedInto } from './spec.js';

/** Diagnostics that a profile with secrets in it has to have, and one that consoles cause: `adit new` takes them too. */
const EXPECTED = new Set(['secret.plaintext', 'key.misplaced']);

export function view(context) {
  const { engine, state, notify } = context;
  const element = h('div', { class: 'build stack' }, h('h1', { class: 'visually-hidden' }, 'Build'), h('p', { class: 'empty' }, 'Loading …'));
  let types = null;
  let model = null; // { type, spec, seed }
  let form = null;
  let preview = null;
  let lost = null; // What of an opened profile the form does not hold.

  const rebuild = later(() => make(), 120);
  const freshSeed = () => crypto.randomUUID();

  function start(type, spec, was = null) {
    model = { type, spec: turnedInto(spec, type, was ?? type), seed: freshSeed() };
    if (type.type === 'always-on' && !Object.keys(model.spec.vpn['always-on']).length) model.spec.vpn['always-on'] = { tunnel: { authentication: { method: 'certificate' } } };
    draw();
  }

  /** The whole view. */
  function draw() {
    form = formOf(model, () => {
      changes += 1;
      preview.element.setAttribute('aria-busy', 'true');
      preview.show({ ...last, missing: missing(model.spec, model.type) });
      rebuild();
    });
    preview = previewOf(context, { model, focusField: form.focusField, labelOf: form.labelOf, binary });
    const typeChoice = select(types.map((type) => [type.type, type.title]), model.type.type, (name) => {
      const was = model.type;
      lost = null;
      start(types.find(({ type }) => type === name), model.spec, was);
      element.querySelector('[name="type"]')?.focus();
    }, { name: 'type', id: uid('type') });
    replace(
      element,
      h(
        'div',
        { class: 'build-head' },
        h('h1', { class: 'view-title' }, 'Make a profile'),
        h('div', { class: 'field' }, h('label', { for: typeChoice.id }, 'Type'), typeChoice),
        opener(),
        h('button', { class: 'button', type: 'button', onclick: anew }, icon('trash'), 'Start anew'),
      ),
      lost && notHeld(),
      h('div', { class: 'build-work' }, form.element, preview.element),
    );
    make();
  }

  function anew() {
    lost = null;
    start(model.type, {});
    notify('The form is empty again.');
  }

  /** Opens an existing profile in the form: one that is open in the page, or a file. */
  function opener() {
    const picker = h('select', { id: uid('existing'), name: 'existing', onchange: () => {
      const file = state.file(Number(picker.value));
      if (file) openInForm(file.name, inputOf(file));
    } });
    fillOpener = () => {
      const { files } = state.get();
      replace(picker, h('option', { value: '' }, files.length ? 'Choose an open file …' : 'No file is open'), files.map((file) => h('option', { value: String(file.id) }, file.name)));
      picker.disabled = !files.length;
    };
    fillOpener();
    const take = async (file) => openInForm(file.name, new Uint8Array(await file.arrayBuffer()));
    return takesDrops(h('div', { class: 'field' }, h('label', { for: picker.id }, 'Start from a profile'), h('div', { class: 'with-button' }, picker, fileButton('Choose a file', take))), take);
  }
  let fillOpener = () => {};

  async function openInForm(name, input, place = null) {
    try {
      const { password } = state.get();
      const options = { ...(password ? { password } : {}), ...(place === null ? {} : { payload: place }) };
      const found = await engine.call('specOf', input, options);
      if (!found.spec) {
        notify(`${name} cannot be opened in the form: ${found.not_read ? 'it cannot be read as a profile. Validate says why.' : found.problem}`);
        return;
      }
      const type = types.find((one) => found.spec.vpn[one.type]);
      const { vpns } = place === null ? await engine.call('explain', input, {}) : lost;
      lost = { name, list: found.lost ?? [], input, vpns, place: place ?? vpns[0]?.payload };
      model = { type, spec: found.spec, seed: freshSeed() };
      draw();
      context.announce(`${name} is in the form.`);
    } catch (error) {
      notify(`${name} cannot be opened in the form: ${error.message}`);
    }
  }

  function notHeld() {
    const which =
      lost.vpns.length > 1 &&
      field('Which VPN of it', select(lost.vpns.map((vpn) => [String(vpn.payload), `${vpn.name ?? 'without a name'} (PayloadContent[${vpn.payload}])`]), String(lost.place), (place) => openInForm(lost.name, lost.input, Number(place))));
    if (!lost.list.length) return callout('ok', h('strong', null, `${lost.name} is in the form`), ', all of it.');
    return callout(
      'warning',
      h('p', null, h('strong', null, `${lost.name} is in the form, but for what it cannot hold.`), ' The profile made here does not have, or has otherwise:'),
      placesAndReasons(lost.list),
      which,
    );
  }

  let changes = 0; // Of the form, so that the preview is busy until it shows the newest.
  let last = { missing: [], errors: [], report: null, text: null };

  const asked = () => {
    const { targets, at } = optionsOf(state.get());
    return { seed: model.seed, at, ...(targets ? { targets } : {}) };
  };

  /** Makes the profile and shows what came of it. */
  async function make() {
    const { spec, type } = model;
    const lacks = missing(spec, type);
    const number = changes;
    try {
      const built = await engine.latest('build', 'build', prepared(spec, type), { ...asked(), format: 'xml' });
      if (!built || model.spec !== spec) return;
      const errors = built.errors ?? [];
      // What is missing is said in the form's own words already.
      const shown = errors.filter(({ path, message }) => !(lacks.length && (lacks.includes(path) || /missing field/.test(message))));
      const diagnostics = (built.report?.diagnostics ?? []).filter(({ code }) => !EXPECTED.has(code));
      last = { missing: lacks, errors: lacks.length ? shown : errors, report: built.report && { ...built.report, diagnostics }, text: lacks.length ? null : built.text };
      preview.show(lacks.length ? { ...last, report: null } : last);
      form.showErrors(lacks.length ? byField(shown, []) : byField(errors, diagnostics));
    } catch (error) {
      last = { missing: lacks, errors: [{ path: null, message: error.message }], report: null, text: null };
      preview.show(last);
    }
    if (number === changes) preview.element.setAttribute('aria-busy', 'false');
  }

  /** What is wrong, by the field it belongs to. */
  function byField(errors, diagnostics) {
    const found = new Map();
    const put = (path, what) => {
      const key = path && form.fieldOf(path);
      if (key) found.set(key, [...(found.get(key) ?? []), what]);
    };
    for (const { path, message } of errors) put(path, message);
    for (const one of diagnostics) if (one.severity !== 'notice') put(fieldOfKey(one.path, model.spec, model.type), { severity: one.severity, message: one.message });
    return found;
  }

  async function binary() {
    const built = await engine.call('build', prepared(model.spec, model.type), { ...asked(), format: 'binary' });
    if (!built.bytes) throw new Error('The profile could not be made.');
    return built.bytes;
  }

  return {
    element,
    show() {},
    hide() {},
    update(values) {
      if (!values.schema) return;
      if (!types) {
        types = values.schema.types;
        start(types[0], {});
      } else fillOpener();
    },
  };
}

