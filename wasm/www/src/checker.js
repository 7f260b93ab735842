// Keeps each file's verdict up to date: opens it, checks it, and checks again after an edit or another choice of targets.

import { encodingOf, inputOf, optionsOf } from './state.js';

/** How long after the last key press the text is checked. */
const PAUSE = 120;

/** What of the settings a verdict depends on; the time is taken anew each time. */
const settingsOf = ({ targets, supervised, userEnrollment, template, variables, password }) =>
  JSON.stringify([targets, supervised, userEnrollment, template, variables, password]);

/** Whether a file's verdict is on its text and the settings as they are. */
export const isCurrent = (file, values) => file.checked === file.revision && file.settings === settingsOf(values);

export function startChecker({ engine, state, announce }) {
  const timers = new Map();
  const underway = new Map();
  const said = new Map();
  let pagesAsked = false;

  /** Shows a file; what the checker cannot open, but is text, is shown as that. */
  async function open(id) {
    const file = state.file(id);
    const { template } = state.get();
    state.setFile(id, { openedAs: template });
    let opened;
    try {
      opened = await engine.call('open', file.bytes, { template });
    } catch (error) {
      opened = { format: { kind: 'unknown' }, signature: null, text: null, exact: false, problem: error.message };
    }
    if (opened.text === null) opened = { ...opened, ...asText(file.bytes) };
    const now = state.file(id);
    if (now) state.setFile(id, now.edited || now.text === opened.text ? { opened } : { opened, text: opened.text, revision: now.revision + 1 });
  }

  async function check(id) {
    const file = state.file(id);
    if (!file) return;
    const values = state.get();
    const settings = settingsOf(values);
    const { revision } = file;
    const options = optionsOf(values);
    const ask = (input, more) => engine.latest(`check ${id}`, 'check', input, { ...options, ...more });
    try {
      const report = await ask(inputOf(file), encodingOf(file));
      if (!report) return;
      let marks = report.diagnostics;
      if (file.text !== null && (report.variables || (!file.edited && !file.opened.exact))) {
        // The places count in another text than the one that is shown, which has no values filled in, or is a rendering.
        const shown = await ask(file.text, { ...encodingOf(file), set: undefined });
        if (!shown) return;
        marks = placesOf(report.diagnostics, shown.diagnostics);
      }
      if (state.file(id)?.revision !== revision) return;
      state.setFile(id, { report, marks, checked: revision, settings, at: options.at, targets: options.targets ?? [], failure: null });
      tell(id);
      pages();
    } catch (error) {
      state.setFile(id, { report: null, marks: null, checked: revision, settings, failure: error.message });
    }
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
      if (!file.opened || file.openedAs !== values.template) {
        if (underway.get(file.id) !== `open ${values.template}`) {
          underway.set(file.id, `open ${values.template}`);
          open(file.id);
        }
        continue;
      }
      const wanted = `${file.revision} ${settings}`;
      if (isCurrent(file, values)) {
        // What was on its way is no longer wanted, and may be again.
        underway.delete(file.id);
        continue;
      }
      if (underway.get(file.id) === wanted) continue;
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

/** Bytes that are no profile, but UTF-8. */
function asText(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? {} : { text, exact: true };
  } catch {
    return {};
  }
}

/** The findings of a file with the places that the same findings have in its rendering. */
export function placesOf(found, rendered) {
  const places = new Map();
  const key = ({ code, path }) => `${code} ${path}`;
  for (const one of rendered) places.set(key(one), [...(places.get(key(one)) ?? []), one]);
  return found.map((one) => {
    const place = places.get(key(one))?.shift();
    return place ? { ...one, location: place.location, related: place.related, fixes: place.fixes } : { ...one, location: null, related: [], fixes: [] };
  });
}
