// The editor before CodeMirror is there, and where it cannot be loaded: a plain text area with the same functions.

import { h } from '../dom.js';

export function plainEditor({ onEdit }) {
  // What stood there before each fix: a text area undoes only what was typed.
  const before = [];
  const area = h('textarea', { class: 'plain-editor', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-label': 'Profile as XML', oninput: () => onEdit(area.value) });
  return {
    element: area,
    /** Shows a file's text. */
    load(id, text) {
      if (area.value === text) return;
      area.value = text;
      before.length = 0;
    },
    /** Replaces `from` to `to` (UTF-16 units) by a text, as one step of the history. */
    replace(changes) {
      before.push(area.value);
      for (const { from, to, insert } of [...changes].sort((a, b) => b.from - a.from)) area.setRangeText(insert, from, to, 'end');
      onEdit(area.value);
    },
    /** Findings are in the list only. */
    marks() {},
    /** Selects a place and scrolls there. */
    reveal(from, to, focus) {
      area.setSelectionRange(from, to);
      const line = area.value.slice(0, from).split('\n').length;
      area.scrollTop = (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight);
      if (focus) area.focus();
    },
    undo() {
      if (before.length) onEdit((area.value = before.pop()));
    },
    redo() {},
    cursor: () => area.selectionStart,
    focus: () => area.focus(),
    /** Keeps nothing of files but these. */
    retain(ids) {
      if (!ids.size) area.value = '';
    },
  };
}
