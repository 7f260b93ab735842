// The findings in the text: a line below the place, a sign in the gutter, and on hovering what is wrong, the rule's page and
// the fixes. With the keyboard and by touch the list beside the editor gives the same.

import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutter, hoverTooltip } from '@codemirror/view';

import { h, icon, prose, sentence } from '../dom.js';

const RANK = { notice: 0, warning: 1, error: 2 };

const set = StateEffect.define();

const field = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    const next = marks.map(transaction.changes);
    return transaction.effects.reduce((before, effect) => (effect.is(set) ? effect.value : before), next);
  },
  provide: (own) => EditorView.decorations.from(own),
});

/** Puts findings into the text; those without a place in it are left out. */
export function showFindings(view, findings) {
  const end = view.state.doc.length;
  const marks = findings.flatMap((finding, index) => {
    if (finding.location?.utf16_start === undefined) return [];
    // A mark has to cover something.
    const from = Math.min(finding.location.utf16_start, Math.max(0, end - 1));
    const to = Math.min(Math.max(finding.location.utf16_end, from + 1), end);
    return from < to ? [Decoration.mark({ class: `finding ${finding.severity}`, finding, index }).range(from, to)] : [];
  });
  view.dispatch({ effects: set.of(Decoration.set(marks, true)) });
}

class Sign extends GutterMarker {
  constructor(severity) {
    super();
    this.severity = severity;
  }
  eq(other) {
    return other.severity === this.severity;
  }
  toDOM() {
    return icon(this.severity);
  }
}
const SIGNS = Object.fromEntries(Object.keys(RANK).map((severity) => [severity, new Sign(severity)]));

/** The findings that touch a range, the worst first; `starting`: only those that begin there. */
function between(state, from, to, starting = false) {
  const found = [];
  state.field(field).between(from, to, (start, end, { spec }) => {
    if (!starting || start >= from) found.push({ ...spec, from: start, to: end });
  });
  return found.sort((a, b) => RANK[b.finding.severity] - RANK[a.finding.severity]);
}

/** `handlers`: `onFix(finding, fix)`, `onPick(finding)`, by their numbers; `rulePage(code)`. */
export function findingMarks(handlers) {
  const signs = gutter({
    class: 'signs',
    lineMarker: (view, line) => SIGNS[between(view.state, line.from, line.to, true)[0]?.finding.severity] ?? null,
    lineMarkerChange: (update) => update.startState.field(field) !== update.state.field(field),
    initialSpacer: () => SIGNS.error,
    domEventHandlers: {
      mousedown(view, line) {
        const [first] = between(view.state, line.from, line.to, true);
        if (first) handlers.onPick(first.index);
        return Boolean(first);
      },
    },
  });
  const hover = hoverTooltip((view, position, side) => {
    const found = between(view.state, position + Math.min(side, 0), position + Math.max(side, 0));
    if (!found.length) return null;
    return {
      pos: Math.min(...found.map(({ from }) => from)),
      end: Math.max(...found.map(({ to }) => to)),
      above: true,
      create: () => ({ dom: h('div', { class: 'about' }, found.map((one) => explained(one, handlers))) }),
    };
  }, { hoverTime: 250 });
  return [field, signs, hover];
}

function explained({ finding, index }, { onFix, rulePage }) {
  const page = rulePage(finding.code);
  return h(
    'section',
    null,
    h('p', { class: `about-title ${finding.severity}` }, icon(finding.severity), h('strong', null, finding.severity), h('code', null, finding.code)),
    h('p', { class: sentence(finding.message) }, prose(finding.message)),
    finding.help && !finding.fixes.some(({ title }) => title === finding.help) && h('p', { class: sentence(finding.help) }, prose(finding.help)),
    finding.fixes.map((fix, number) => fix.safety !== 'display-only' && h('button', { type: 'button', onclick: () => onFix(index, number) }, icon('fix'), h('span', { class: sentence(fix.title) }, fix.title))),
    page && h('div', { class: 'about-rule' }, h('p', null, h('strong', null, page.title)), [page.what, page.why, page.mend].map((text) => h('p', null, prose(text)))),
  );
}
