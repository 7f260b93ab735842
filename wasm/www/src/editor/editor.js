// The code editor: CodeMirror 6 in a shadow root, where its style sheets are adopted ones, which the page's policy allows.
//
// Positions are UTF-16 units of the file's own text: lines are split at `\n` only, so that `\r` counts and is kept.

import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands';
import { xml } from '@codemirror/lang-xml';
import { HighlightStyle, bracketMatching, codeFolding, foldGutter, foldKeymap, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, linter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';

import { h, icon, prose, sentence } from '../dom.js';
import { theme } from './theme.js';

/** Findings beyond this are drawn only around what can be seen. */
const DRAWN = 300;
const AROUND = 20_000;

const SEVERITIES = { error: 'error', warning: 'warning', notice: 'info' };

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: 'var(--syntax-tag)' },
  { tag: [tags.attributeName, tags.attributeValue], color: 'var(--syntax-name)' },
  { tag: [tags.comment, tags.documentMeta, tags.processingInstruction], color: 'var(--syntax-comment)' },
  { tag: tags.content, color: 'var(--syntax-text)' },
]);

/** `handlers`: `onEdit(text)`, `onFix(finding, fix)` by their numbers, `rulePage(code)`. */
export function codeEditor(handlers) {
  const host = h('div', { class: 'code-editor' });
  const root = host.attachShadow({ mode: 'open' });
  const states = new Map();
  let current = null;
  let findings = [];
  let loading = false;
  let timer = 0;

  const extensions = [
    EditorState.lineSeparator.of('\n'),
    EditorState.tabSize.of(matchMedia('(width < 760px)').matches ? 2 : 4),
    indentUnit.of('\t'),
    lineNumbers(),
    codeFolding(),
    foldGutter(),
    lintGutter(),
    linter(null),
    history(),
    drawSelection(),
    highlightActiveLine(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    xml(),
    syntaxHighlighting(colours),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': 'Profile as XML', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
    placeholder('Paste a profile here'),
    keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...searchKeymap]),
    theme,
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !loading) handlers.onEdit(update.state.doc.toString());
      if (update.viewportChanged && findings.length > DRAWN) later();
    }),
  ];
  const view = new EditorView({ state: EditorState.create({ extensions }), parent: root, root });

  const limit = (position) => Math.max(0, Math.min(position, view.state.doc.length));

  /** A finding as CodeMirror has them. */
  function diagnostic(found, index) {
    return {
      from: limit(found.location.utf16_start),
      to: limit(found.location.utf16_end),
      severity: SEVERITIES[found.severity],
      message: found.message,
      renderMessage: () => explained(found),
      actions: found.fixes.flatMap((fix, number) => (fix.edits && fix.safety !== 'display-only' ? [{ name: fix.title, apply: () => handlers.onFix(index, number) }] : [])),
    };
  }

  function explained(found) {
    const page = handlers.rulePage(found.code);
    return h(
      'div',
      { class: 'about' },
      h('p', { class: `about-title ${found.severity}` }, icon(found.severity), h('strong', null, found.severity), h('code', null, found.code)),
      h('p', { class: sentence(found.message) }, prose(found.message)),
      found.help && h('p', { class: sentence(found.help) }, prose(found.help)),
      page && [h('hr'), h('p', null, h('strong', null, page.title)), h('p', null, prose(page.what)), h('p', null, prose(page.why)), h('p', null, prose(page.mend))],
    );
  }

  function draw() {
    const placed = findings.map((found, index) => [found, index]).filter(([found]) => found.location?.utf16_start !== undefined);
    const { from, to } = view.viewport;
    const near = placed.length <= DRAWN ? placed : placed.filter(([{ location }]) => location.utf16_end >= from - AROUND && location.utf16_start <= to + AROUND).slice(0, 4 * DRAWN);
    view.dispatch(setDiagnostics(view.state, near.map(([found, index]) => diagnostic(found, index))));
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(draw, 60);
  }

  // The whole text, as a text area has it.
  Object.defineProperty(host, 'value', { get: () => view.state.doc.toString() });

  return {
    element: host,

    load(id, text) {
      if (current !== null) states.set(current, view.state);
      current = id;
      findings = [];
      const kept = states.get(id);
      loading = true;
      view.setState(kept?.doc.toString() === text ? kept : EditorState.create({ doc: text, extensions }));
      loading = false;
      view.requestMeasure();
    },

    replace(changes) {
      view.dispatch({ changes: changes.map(({ from, to, insert }) => ({ from: limit(from), to: limit(to), insert })), userEvent: 'input.fix', scrollIntoView: false });
    },

    marks(list) {
      findings = list;
      draw();
    },

    reveal(from, to, focus) {
      view.dispatch({ selection: { anchor: limit(to), head: limit(from) }, effects: EditorView.scrollIntoView(limit(from), { y: 'center' }) });
      if (focus) view.focus();
    },

    cursor: () => view.state.selection.main.from,
    focus: () => view.focus(),
    undo: () => undo(view),
    redo: () => redo(view),
    forget: (id) => states.delete(id),
  };
}
