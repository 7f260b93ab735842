// Keeps each file's verdict up to date: opens it, checks it, and checks again after an edit or another choice of targets.

import { inputOf, optionsOf } from './state.js';

/** How long after the last key press the text is checked. */
const PAUSE = 120;

export function startChecker({ engine, state, announce }) {
  const timers = new Map();
  const underway = new Map();
  const said = new Map();
  let pagesAsked = false;

  /** What of the settings a verdict depends on; the time is taken anew each time. */
  const settingsOf = ({ targets, supervised, userEnrollment, template, variables, password }) =>
    JSON.stringify([targets, supervised, userEnrollment, template, variables, password]);

  async function open(id) {
    const file = state.file(id);
    const values = state.get();
    const options = values.password ? { password: values.password } : {};
    state.setFile(id, { openedWith: values.password });
    try {
      const opened = await engine.call('open', file.bytes, options);
      const now = state.file(id);
      if (!now) return;
      state.setFile(id, now.edited ? { opened } : { opened, text: opened.text, revision: now.revision + 1 });
    } catch (error) {
      state.setFile(id, { opened: { format: null, signature: null, text: null, exact: false, problem: error.message } });
    }
  }

  async function check(id) {
    const file = state.file(id);
    if (!file) return;
    const values = state.get();
    const settings = settingsOf(values);
    const { revision } = file;
    try {
      const options = optionsOf(values);
      const report = await engine.latest(`check ${id}`, 'check', inputOf(file), options);
      if (!report) return;
      let marks = report.diagnostics;
      if (!file.edited && file.opened?.text && !file.opened.exact) {
        // What is shown is a rendering: the places are those of the rendering.
        const rendered = await engine.latest(`check ${id}`, 'check', file.opened.text, options);
        if (!rendered) return;
        marks = placesOf(report.diagnostics, rendered.diagnostics);
      }
      if (state.file(id)?.revision !== revision) return;
      state.setFile(id, { report, marks, checked: revision, settings, failure: null });
      tell(id);
      pages();
    } catch (error) {
      state.setFile(id, { report: null, marks: null, checked: revision, settings, failure: error.message });
    }
  }

  /** The findings of a file with the places that the same findings have in its rendering. */
  function placesOf(found, rendered) {
    const places = new Map();
    const key = ({ code, path }) => `${code} ${path}`;
    for (const one of rendered) places.set(key(one), [...(places.get(key(one)) ?? []), one]);
    return found.map((one) => {
      const place = places.get(key(one))?.shift();
      return place ? { ...one, location: place.location, related: place.related, fixes: place.fixes } : { ...one, location: null, related: [], fixes: [] };
    });
  }

  function tell(id) {
    const { current } = state.get();
    const file = state.file(id);
    if (id !== current || !file) return;
    const counts = { error: 0, warning: 0, notice: 0 };
    for (const { severity } of file.report.diagnostics) counts[severity] += 1;
    const words = Object.entries(counts).filter(([, number]) => number).map(([word, number]) => `${number} ${word}${number === 1 ? '' : 's'}`);
    const text = `${file.name}: ${words.join(', ') || 'no problems'}`;
    if (said.get(id) !== text) announce(text);
    said.set(id, text);
  }

  /** The rules' pages, once there is a first verdict. */
  async function pages() {
    if (pagesAsked || !ASSETS.rulePages) return;
    pagesAsked = true;
    try {
      const answer = await fetch(new URL(ASSETS.rulePages, document.baseURI));
      if (answer.ok) state.set({ rulePages: await answer.json() });
    } catch {
      pagesAsked = false;
    }
  }

  function update(values) {
    if (values.engine !== 'ready') return;
    const settings = settingsOf(values);
    for (const file of values.files) {
      if (!file.opened || (file.openedWith ?? '') !== values.password) {
        if (underway.get(file.id) !== `open ${values.password}`) {
          underway.set(file.id, `open ${values.password}`);
          open(file.id);
        }
        continue;
      }
      const wanted = `${file.revision} ${settings}`;
      if ((file.checked === file.revision && file.settings === settings) || underway.get(file.id) === wanted) continue;
      underway.set(file.id, wanted);
      clearTimeout(timers.get(file.id));
      timers.set(file.id, setTimeout(() => check(file.id), file.report ? PAUSE : 0));
    }
    for (const id of [...timers.keys()].filter((id) => !state.file(id))) {
      clearTimeout(timers.get(id));
      for (const map of [timers, underway, said]) map.delete(id);
    }
  }

  state.subscribe(update);
  update(state.get());
}
