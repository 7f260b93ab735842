// The page: header, tabs, open files, and the view that the address's hash names.
//
// A view is `view(context)` and gives `{ element, show(), hide(), drop(), update(values) }`: `update` comes after each change of
// the state while the view is shown, and once when it is shown. Clearing everything drops every view, with all that was typed
// and read in it (`drop` lets go of what others hold for it). `context` is
//   engine    calls of the checker (engine.js), whose answers wait while a control is pressed (shell/press.js)
//   state     the store (state.js)
//   announce  says a text to screen readers
//   notify    shows a short message for a moment, and says it; the second argument may be { label, run } for a button
//   openFiles takes File objects, as a drop does
//   save      downloads bytes or text under a name

import { startChecker } from './checker.js';
import { startFiles } from './files.js';
import { append, h, icon, replace, sentence } from './dom.js';
import { createEngine } from './engine.js';
import { offline } from './offline.js';
import { fileBar } from './shell/filebar.js';
import { heldBack, whenReleased } from './shell/press.js';
import { privacyDialog } from './shell/privacy.js';
import { themeSwitch } from './shell/theme.js';
import { createState } from './state.js';
import { VIEWS } from './views/index.js';

function sessionStore() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

const state = createState(sessionStore());
const engine = createEngine(new Worker(new URL(ASSETS.worker, document.baseURI), { type: 'module', name: 'adit' }));

const live = h('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
const toasts = h('div', { class: 'toasts' });

/** Says a text to screen readers; the same text again is said again. */
function announce(text) {
  live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

let toastTimer = 0;
function notify(text, action = null) {
  announce(text);
  clearTimeout(toastTimer);
  const dismiss = () => replace(toasts);
  replace(
    toasts,
    h(
      'div',
      { class: 'toast' },
      h('span', null, text),
      action && h('button', { class: 'button small', type: 'button', onclick: () => (dismiss(), action.run()) }, action.label),
      h('button', { class: 'button icon-only quiet', type: 'button', 'aria-label': 'Dismiss', onclick: dismiss }, icon('close')),
    ),
  );
  toastTimer = setTimeout(dismiss, action ? 12_000 : 5_000);
}

/** Downloads something under a name. */
function save(name, content, type = 'application/octet-stream') {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = h('a', { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const context = { engine: heldBack(engine), state, announce, notify, save };
Object.assign(context, startFiles(context));

// The frame.
const tabs = new Map(VIEWS.map(({ id, title }) => [id, h('a', { class: 'tab', href: `#${id}` }, title)]));
const main = h('main', { id: 'main', tabindex: '-1' });
const bar = fileBar(context);
const alert = h('div', { class: 'page-alert', role: 'alert', hidden: true });
const privacy = privacyDialog(context);

replace(
  document.getElementById('app'),
  h(
    'header',
    { class: 'top' },
    h('a', { class: 'brand', href: '#validate' }, h('img', { src: 'icons/icon.svg', alt: '', width: 26, height: 26 }), 'Adit'),
    h('nav', { class: 'tabs', 'aria-label': 'Views' }, [...tabs.values()]),
    h(
      'div',
      { class: 'top-end' },
      h('button', { class: 'button quiet promise', type: 'button', 'aria-haspopup': 'dialog', onclick: () => privacy.showModal() }, icon('lock'), h('span', null, 'Nothing leaves this page')),
      themeSwitch(context),
    ),
  ),
  alert,
  bar.element,
  main,
  live,
  toasts,
  privacy,
);

// The views.
const views = new Map();
let shown = null;
let cleared = 0;

/** The view that the address names; one without a view, such as that of the skip link, changes nothing. */
function showWanted() {
  const wanted = location.hash.slice(1).split(/[/?]/)[0];
  const entry = VIEWS.find(({ id }) => id === wanted) ?? (shown ? null : VIEWS[0]);
  if (entry && shown !== entry) showView(entry);
}

async function showView(entry) {
  const before = shown;
  shown = entry;
  for (const [id, tab] of tabs) {
    if (id === entry.id) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  document.title = `${entry.title} · Adit`;
  if (before) leave(views.get(before.id));
  try {
    if (!views.has(entry.id)) views.set(entry.id, (await entry.load()).view(context));
  } catch (error) {
    if (shown !== entry) return;
    shown = null;
    replace(main, h('p', { class: 'empty' }, `This part of the page could not be loaded: ${error.message}`));
    return;
  }
  if (shown !== entry) return;
  const view = views.get(entry.id);
  replace(main, view.element);
  main.setAttribute('aria-label', entry.title);
  main.dataset.view = entry.id;
  view.show?.();
  update();
}

function leave(view) {
  view?.hide?.();
  view?.element.remove();
}

/** Drops every view, with what was typed and read in it, and shows the same one anew. */
function dropViews() {
  const again = shown;
  const focused = [bar.element, main].some((element) => element.contains(document.activeElement));
  for (const view of views.values()) {
    leave(view);
    view.drop?.();
  }
  views.clear();
  shown = null;
  if (again) showView(again);
  if (focused) main.focus();
}

function update() {
  const values = state.get();
  if (cleared !== values.cleared) {
    cleared = values.cleared;
    dropViews();
  }
  document.documentElement.dataset.theme = values.theme;
  bar.update(values, shown);
  alert.hidden = values.engine !== 'failed';
  if (values.engine === 'failed') replace(alert, icon('error'), h('p', { class: sentence(values.problem) }, values.problem));
  if (shown) views.get(shown.id)?.update?.(values);
}

state.subscribe(() => whenReleased(update));
window.addEventListener('hashchange', showWanted);

state.restore();
window.addEventListener('pagehide', state.keep);
showWanted();
startChecker({ ...context, engine });

engine.ready.then(
  async () => {
    state.set({ engine: 'ready' });
    const [schema, rules] = await Promise.all([engine.call('schema'), engine.call('rules')]);
    state.set({ schema, rules });
  },
  (error) => state.set({ engine: 'failed', problem: error.message }),
).catch((error) => state.set({ problem: error.message }));

// Stored for use without a network, once all that is shown first is there. A newer version waits until it is asked for.
window.addEventListener('load', () =>
  offline({
    ready: () => state.set({ offline: true }),
    update: (activate) => notify('A newer version of this page is ready.', { label: 'Load it', run: activate }),
  }),
);

// What the system opens with the installed page.
window.launchQueue?.setConsumer(async ({ files = [] }) => {
  context.openFiles(await Promise.all(files.map((handle) => handle.getFile())));
});

append(document.body, h('div', { class: 'drop-target', 'aria-hidden': 'true' }, h('p', null, icon('open'), 'Drop to check')));
