// The code editor: CodeMirror 6 in a shadow root, where its style sheets are adopted ones, which the page's policy allows.
//
// Positions are UTF-16 units of the file's own text: lines are split at `\n` only, so that `\r` counts and is kept.

import { history, historyKeymap, redo, standardKeymap, undo } from '@codemirror/commands';
import { codeFolding, foldGutter, foldKeymap, indentUnit } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, placeholder } from '@codemirror/view';

import { h } from '../dom.js';
import { colours } from './colours.js';
import { findingMarks, showFindings } from './findings.js';
import { folds } from './folds.js';
import { theme } from './theme.js';

/** A file with a longer line is not wrapped. */
const LONGEST_WRAPPED = 5_000;

/** `handlers`: `onEdit(text)`, `onFind()`, and those of findings.js. */
export function codeEditor(handlers) {
  const host = h('div', { class: 'code-editor' });
  const root = host.attachShadow({ mode: 'open' });
  const states = new Map();
  let current = null;

  const find = () => {
    handlers.onFind();
    return true;
  };
  // On a phone lines would break every few characters: there they are scrolled, and indented less. So are lines of a
  // size that takes the browser seconds to break.
  const narrow = matchMedia('(width < 760px)').matches;
  const wrapping = new Compartment();
  const wrapped = (doc) => !narrow && ![...doc.iterLines()].some((line) => line.length > LONGEST_WRAPPED);
  const extensions = [
    EditorState.lineSeparator.of('\n'),
    EditorState.tabSize.of(narrow ? 2 : 4),
    indentUnit.of('\t'),
    lineNumbers(),
    codeFolding(),
    foldGutter(),
    folds,
    findingMarks(handlers),
    history(),
    drawSelection(),
    highlightActiveLine(),
    colours,
    wrapping.of([]),
    EditorView.contentAttributes.of({ 'aria-label': 'Profile as XML', tabindex: '0', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
    placeholder('Paste a profile here'),
    keymap.of([{ key: 'Mod-f', run: find }, ...standardKeymap, ...historyKeymap, ...foldKeymap]),
    theme,
    // A whole file that is pasted is read from its start; its end may be the end of a line of a megabyte.
    EditorView.domEventHandlers({
      paste(event, view) {
        const text = event.clipboardData?.getData('text/plain');
        if (view.state.doc.length || !text) return false;
        view.dispatch({ changes: { from: 0, insert: text }, selection: { anchor: 0 }, userEvent: 'input.paste' });
        return true;
      },
    }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      handlers.onEdit(update.state.doc.toString());
      let long = false;
      update.changes.iterChanges((_from, _to, from, to) => (long ||= to - from > LONGEST_WRAPPED));
      if (long) wrap();
    }),
  ];
  const view = new EditorView({ state: EditorState.create({ extensions }), parent: root, root });

  function wrap() {
    const extension = wrapped(view.state.doc) ? EditorView.lineWrapping : [];
    if (wrapping.get(view.state) !== extension) view.dispatch({ effects: wrapping.reconfigure(extension) });
  }

  const limit = (position) => Math.max(0, Math.min(position, view.state.doc.length));

  // The whole text, as a text area has it.
  Object.defineProperty(host, 'value', { configurable: true, get: () => view.state.doc.toString() });

  const editor = {
    element: host,

    load(id, text) {
      if (current !== null) states.set(current, view.state);
      current = id;
      const kept = states.get(id);
      view.setState(kept?.doc.toString() === text ? kept : EditorState.create({ doc: text, extensions }));
      wrap();
      showFindings(view, []);
    },

    replace(changes) {
      view.dispatch({ changes: changes.map(({ from, to, insert }) => ({ from: limit(from), to: limit(to), insert })), userEvent: 'input.fix' });
    },

    marks: (findings) => showFindings(view, findings),

    reveal(from, to, focus) {
      view.dispatch({ selection: { anchor: limit(to), head: limit(from) }, effects: EditorView.scrollIntoView(limit(from), { y: 'center' }) });
      if (focus) view.focus();
    },

    /**
     * Selects the next (1) or the last (-1) place of a text, in capitals or not, or the one at the cursor if it is there (0);
     * gives how many there are and which this is.
     */
    find(wanted, step) {
      // Not by its text in lower case, which may be longer: that of İ is two letters.
      const word = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'giu');
      const found = wanted ? [...view.state.doc.toString().matchAll(word)] : [];
      if (!found.length) return { total: 0, at: 0 };
      const { from } = view.state.selection.main;
      const next = step < 0 ? found.findLastIndex(({ index }) => index < from) : found.findIndex(({ index }) => index >= from + step);
      const at = next >= 0 ? next : step < 0 ? found.length - 1 : 0;
      editor.reveal(found[at].index, found[at].index + found[at][0].length, false);
      return { total: found.length, at: at + 1 };
    },

    cursor: () => view.state.selection.main.from,
    focus: () => view.focus(),
    /** Ends it. CodeMirror keeps hold of the shadow root until another editor measures a text: nothing hangs on that. */
    destroy() {
      view.destroy();
      delete host.value;
      host.remove();
    },
    undo: () => undo(view),
    redo: () => redo(view),

    /** Keeps the text and the history of these files only. */
    retain(ids) {
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
      if (current === null || ids.has(current)) return;
      current = null;
      view.setState(EditorState.create({ extensions }));
    },
  };
  return editor;
}
