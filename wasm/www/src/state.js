// What the page knows: the open files, the targets, the theme. One store, told to everyone who asks to be told.
//
// It lives in memory. Session storage keeps a copy for a reload of the same tab; `forget` clears both. Passwords are
// never kept anywhere but in memory.

const KEY = 'adit';
const MOST_KEPT = 2_000_000;

/**
 * A file: `id`, `name`, `bytes` (as it was opened), `text` (what the editor shows, edited or not; null until opened),
 * `opened` (what `open` said), `edited`, `revision` (counts the changes of the text), `report` (the latest verdict, or
 * null), `marks` (the findings with their places in `text`), `checked` (the revision that `report` is of).
 */
const NONE = Object.freeze([]);
const initial = () => ({
  files: [],
  current: null,
  targets: NONE,
  supervised: false,
  userEnrollment: false,
  template: false,
  variables: '',
  password: '',
  theme: 'system',
  engine: 'loading',
  offline: false,
  problem: null,
  schema: null,
  rules: null,
  rulePages: null,
  cleared: 0,
});

/** What of it a reload brings back, beside the files. */
const KEPT = ['targets', 'supervised', 'userEnrollment', 'template', 'variables', 'theme'];

export function createState(storage = null) {
  let values = initial();
  const listeners = new Set();
  let next = 1;
  let queued = false;
  const fresh = values;

  /** Tells once for any number of changes in one turn. */
  const tell = () => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      for (const listener of [...listeners]) listener(values);
    });
  };

  const keep = () => {
    try {
      if (!values.files.length && KEPT.every((name) => values[name] === fresh[name])) return storage?.removeItem(KEY);
      const kept = Object.fromEntries(KEPT.map((name) => [name, values[name]]));
      kept.files = values.files.map((file) => ({ name: file.name, text: file.edited ? file.text : null, bytes: toBase64(file.bytes) }));
      kept.current = values.files.findIndex((file) => file.id === values.current);
      let text = JSON.stringify(kept);
      if (text.length > MOST_KEPT) text = JSON.stringify({ ...kept, files: [] });
      return storage?.setItem(KEY, text);
    } catch {
      // Storage is full or forbidden: the page works without it.
      return undefined;
    }
  };

  const store = {
    /** The values now. Change them with `set` and `setFile` only. */
    get: () => values,

    /** Changes values and tells. */
    set(change) {
      values = { ...values, ...change };
      tell();
    },

    /** Calls with the values after each change; gives a function that ends it. */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** The file that is shown, or null. */
    file: (id = values.current) => values.files.find((file) => file.id === id) ?? null,

    /** Adds a file from its bytes and shows it; gives its id. `more` sets further members. */
    add(name, bytes, more = {}) {
      const id = next++;
      const file = { id, name, bytes, text: null, opened: null, edited: false, revision: 0, report: null, marks: null, checked: -1, ...more };
      store.set({ files: [...values.files, file], current: id });
      return id;
    },

    /** Changes a file and tells; a file that is gone stays gone. */
    setFile(id, change) {
      if (!store.file(id)) return;
      store.set({ files: values.files.map((file) => (file.id === id ? { ...file, ...change } : file)) });
    },

    /** Sets the text of a file as edited; the text that was opened is no edit, so that undoing brings a signature back. */
    edit(id, text) {
      const file = store.file(id);
      if (file && file.text !== text) store.setFile(id, { text, edited: text !== file.opened?.text, revision: file.revision + 1 });
    },

    /** Closes a file; the one beside it is shown. */
    close(id) {
      const at = values.files.findIndex((file) => file.id === id);
      if (at < 0) return;
      const files = values.files.filter((file) => file.id !== id);
      const current = values.current === id ? (files[Math.min(at, files.length - 1)]?.id ?? null) : values.current;
      store.set({ files, current });
    },

    /** Forgets files, settings and what the session kept. */
    forget() {
      const { engine, offline, problem, schema, rules, rulePages, cleared } = values;
      // Views hold something of their own: app.js drops them all when the count changes.
      values = { ...initial(), engine, offline, problem, schema, rules, rulePages, cleared: cleared + 1 };
      tell();
      try {
        storage?.removeItem(KEY);
      } catch {
        // Nothing was kept.
      }
    },

    /** Writes what a reload needs to the session's storage; for when the page is left. */
    keep,

    /** Brings back what the session kept. */
    restore() {
      try {
        const kept = JSON.parse(storage?.getItem(KEY) ?? 'null');
        if (!kept) return;
        store.set(Object.fromEntries(KEPT.filter((name) => name in kept).map((name) => [name, kept[name]])));
        const ids = kept.files.map((file) =>
          store.add(file.name, fromBase64(file.bytes), file.text === null ? {} : { text: file.text, edited: true, revision: 1 }),
        );
        if (ids[kept.current]) store.set({ current: ids[kept.current] });
      } catch {
        // Kept by another version of the page: start anew.
      }
    },
  };
  return store;
}

/** What to hand to the engine for a file: its bytes, or its text once that was edited. */
export function inputOf(file) {
  return file.edited ? file.text : file.bytes;
}

/** The option `encoding` for an edited text: that of the file it came from. */
export function encodingOf(file) {
  const format = file.opened?.format;
  const encoding = (format?.kind === 'cms' ? format.content : format)?.encoding;
  return file.edited && file.opened?.exact && encoding ? { encoding } : {};
}

/** The options of `check`, `fix` and `explain` that the page's settings stand for. */
export function optionsOf(values) {
  const suffix = `${values.supervised ? '+supervised' : ''}${values.userEnrollment ? '+user-enrollment' : ''}`;
  const options = { at: new Date().toISOString().replace(/\.\d+Z$/, 'Z') };
  if (values.targets.length) options.targets = values.targets.map((target) => target + suffix);
  if (values.template) {
    options.template = true;
    const set = variablesOf(values.variables);
    if (Object.keys(set).length) options.set = set;
  }
  if (values.password) options.password = values.password;
  return options;
}

/** `NAME=VALUE` lines. */
export function variablesOf(text) {
  const set = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0 && line.slice(0, at).trim()) set[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return set;
}

function toBase64(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
