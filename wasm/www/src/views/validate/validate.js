// The first view: the editor, the verdict for the targets, the list of problems. Without a file, the ways to open one.

import { h, replace, same } from '../../dom.js';
import { plainEditor } from '../../editor/plain.js';
import { numbersOf } from '../../verdict.js';
import { noteFacts, notesOf } from './format.js';
import { welcome } from './welcome.js';
import { problemList } from './problems.js';
import { sourcePanel } from './source.js';
import { targetPanel } from './targets.js';

export function view(context) {
  const { state } = context;
  const empty = welcome(context);
  const shared = { ...context, select, applyFix, reveal };
  const source = sourcePanel(shared, plainEditor);
  const problems = problemList(shared);
  const targets = targetPanel(shared);

  // On a narrow screen one of the two is shown at a time; what there is to say of the file stands above both.
  const notes = h('div', { class: 'narrow-notes stack' });
  const sides = ['findings', 'source'].map((side) =>
    h('button', { type: 'button', 'aria-pressed': side === 'findings' ? 'true' : 'false', onclick: () => turn(side) }, side === 'findings' ? 'Problems' : 'Source'),
  );
  const workbench = h(
    'div',
    { class: 'workbench', 'data-side': 'findings' },
    h('h1', { class: 'visually-hidden' }, 'Validate'),
    h('div', { class: 'segments sides', role: 'group', 'aria-label': 'Show' }, sides),
    source.element,
    h('div', { class: 'findings stack' }, notes, targets.element, problems.element),
  );
  const element = h('div', { class: 'validate' });
  let shown = null;
  let looked = []; // at, for the notes that are drawn
  let noted = [];
  let turned = false; // to the source, by the page and not by its user

  function turn(side, bySelf = false) {
    turned = bySelf;
    workbench.dataset.side = side;
    sides.forEach((button, at) => button.setAttribute('aria-pressed', String((at === 1) === (side === 'source'))));
  }

  /** The notes of a file, drawn anew only when they say something else: someone may be at a link in them. */
  function drawNotes(file, values) {
    const now = [file.id, file.opened, file.text, file.edited, values.template];
    if (same(now, looked)) return;
    looked = now;
    const facts = noteFacts(file, values);
    if (same(facts, noted)) return;
    noted = facts;
    for (const host of [notes, source.note]) replace(host, notesOf(file, facts, shared));
    notes.hidden = !notes.childElementCount;
  }

  /** Goes to a finding: marks it in the list and shows its place; `focus` moves the cursor there. */
  function select(index, { focus = false, list = true } = {}) {
    const file = state.file();
    const found = file?.marks?.[index];
    if (!found) return;
    if (list) problems.select(index);
    if (!found.location) return;
    if (focus) turn('source');
    source.reveal(found.location.utf16_start, found.location.utf16_end, focus);
  }

  /** Shows another place that a finding names. */
  function reveal(location) {
    turn('source');
    source.reveal(location.utf16_start, location.utf16_end, true);
  }

  /** Applies one fix of a finding, once the findings are those of the text that is shown. */
  function applyFix(index, number) {
    const file = state.file();
    const found = file?.marks?.[index];
    const fix = found?.fixes[number];
    if (!fix || file.checked !== file.revision) return;
    // Edits that would bring a secret into the report are not in it: the checker makes them, of the text itself.
    if (!fix.edits) {
      const { code, path } = found;
      source.mend({ one: { code, path, number: numbersOf(file.marks)[index], fix: number } }, `Done: ${fix.title}`);
      return;
    }
    source.replace(fix.edits.map((edit) => ({ from: edit.utf16_start, to: edit.utf16_end, insert: edit.text })));
    context.notify(`Done: ${fix.title}`, { label: 'Undo', run: source.undo });
  }

  function onKey(event) {
    if (event.key !== 'F8' || event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    const fromList = problems.element.contains(document.activeElement);
    const next = problems.next(event.shiftKey ? -1 : 1, fromList ? null : source.cursor());
    if (next !== null) select(next, { focus: !fromList });
  }

  return {
    element,
    show: () => document.addEventListener('keydown', onKey),
    hide: () => document.removeEventListener('keydown', onKey),
    drop: () => source.drop(),
    update(values) {
      const wanted = values.files.length ? workbench : empty;
      if (element.firstChild !== wanted) replace(element, wanted);
      if (!values.files.length) {
        source.update(null, values);
        return;
      }
      const file = state.file();
      // An empty file waits for a paste; the next one is shown by its verdict again.
      if (file.text !== null && file.id !== shown) {
        if (file.text === '') turn('source', true);
        else if (turned) turn('findings');
        shown = file.id;
      }
      source.update(file, values);
      drawNotes(file, values);
      targets.update(file, values);
      problems.update(file, values);
    },
  };
}
