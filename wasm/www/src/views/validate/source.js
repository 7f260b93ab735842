// The panel with the editor: what the file is, undo and redo, all safe fixes, copy, downloads.

import { h, icon, replace } from '../../dom.js';
import { formatOf } from './format.js';
import { copyText, downloadMenu } from './download.js';
import { findBar } from './find.js';
import { encodingOf, optionsOf } from '../../state.js';

export function sourcePanel(context, firstEditor) {
  const { state, engine, notify } = context;
  const handlers = {
    onEdit: (text) => shown !== null && state.edit(shown, text),
    onFix: (index, number) => context.applyFix(index, number),
    onPick: (index) => context.select(index),
    onFind: () => finder.open(),
    rulePage: (code) => state.get().rulePages?.[code],
  };
  let editor = firstEditor(handlers);
  let shown = null; // the id of the file in the editor
  let marked = null;
  let retained = ''; // the files that the editor keeps something of

  const format = h('div', { class: 'format row' });
  const note = h('div', { class: 'source-notes' });
  const host = h('div', { class: 'editor-host' }, editor.element);
  const finder = findBar({ find: (text, step) => editor.find(text, step), done: () => editor.focus() });
  const fixAll = h('button', { class: 'button small primary', type: 'button', onclick: () => mend({ safety: 'safe' }, 'The safe fixes were applied.') }, icon('fix'), h('span', null, 'Apply safe fixes'));
  const undoButton = h('button', { class: 'button small icon-only', type: 'button', 'aria-label': 'Undo', title: 'Undo', onclick: undo }, icon('undo'));
  const redoButton = h('button', { class: 'button small icon-only', type: 'button', 'aria-label': 'Redo', title: 'Redo', onclick: () => editor.redo() }, icon('redo'));
  const copy = h('button', { class: 'button small', type: 'button', onclick: () => copyText(context) }, icon('copy'), 'Copy');
  const element = h(
    'section',
    { class: 'panel source', 'aria-label': 'Source' },
    h('div', { class: 'panel-head' }, format, h('div', { class: 'row tools' }, fixAll, undoButton, redoButton, copy, downloadMenu(context))),
    note,
    finder.element,
    host,
  );

  function undo() {
    editor.undo();
  }

  /** What the checker mends, as one step of the history. `which`: options of `fix`. */
  async function mend(which, done) {
    const file = state.file();
    if (!file || file.text === null) return;
    fixAll.disabled = true;
    try {
      const report = await engine.call('fix', file.text, { ...optionsOf(state.get()), ...encodingOf(file), set: undefined, ...which });
      const now = state.file();
      if (now?.id !== file.id || now.revision !== file.revision) return;
      const change = difference(file.text, report.text ?? file.text);
      if (change) {
        editor.replace([change]);
        notify(done, { label: 'Undo', run: undo });
      } else notify('There is nothing to mend.');
    } catch (error) {
      notify(`The fixes could not be applied: ${error.message}`);
    } finally {
      fixAll.disabled = false;
    }
  }

  // The real editor is loaded once the page has been painted.
  requestAnimationFrame(() => setTimeout(async () => {
    try {
      const { codeEditor } = await import('../../editor/editor.js');
      const next = codeEditor(handlers);
      const focused = document.activeElement === editor.element;
      const cursor = editor.cursor();
      host.replaceChildren(next.element);
      editor = next;
      const id = shown;
      shown = null;
      marked = null;
      if (id !== null) update(state.file(), state.get());
      if (focused) editor.reveal(cursor, cursor, true);
    } catch {
      // The plain text area stays.
    }
  }, 0));

  function update(file, values) {
    const has = file?.text !== null && file?.text !== undefined;
    host.hidden = !has;
    if (has && shown !== file.id) {
      shown = file.id;
      marked = null;
      editor.load(file.id, file.text);
    }
    if (!has) shown = null;
    const ids = values.files.map(({ id }) => id);
    if (retained !== ids.join()) {
      retained = ids.join();
      editor.retain(new Set(ids));
    }
    if (has && file.marks && marked !== file.marks && file.checked === file.revision) {
      marked = file.marks;
      editor.marks(file.marks);
    }
    const safe = (file?.marks ?? []).filter((found) => found.fixes.some((fix) => fix.safety === 'safe')).length;
    fixAll.hidden = safe === 0;
    fixAll.lastChild.textContent = safe === 1 ? 'Apply 1 safe fix' : `Apply ${safe} safe fixes`;
    undoButton.disabled = redoButton.disabled = copy.disabled = !has;
    replace(format, formatOf(file));
  }

  return {
    element,
    update,
    note,
    undo,
    mend,
    replace: (changes) => editor.replace(changes),
    reveal: (from, to, focus) => editor.reveal(from, to, focus),
    cursor: () => editor.cursor(),
    /** Lets go of what the editor watches. */
    drop: () => editor.destroy?.(),
  };
}

/** The one change that makes `after` of `before`, or null. */
function difference(before, after) {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before.charCodeAt(from) === after.charCodeAt(from)) from++;
  let end = 0;
  while (end < most - from && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
