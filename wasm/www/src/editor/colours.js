// Colours the XML that is in view. A whole parser would be a fifth of the page's code, and the checker has one; here a
// pattern is enough, because a property list has few kinds of tokens.

import { RangeSetBuilder } from '@codemirror/state';
import { Decoration, ViewPlugin } from '@codemirror/view';

const TOKEN = /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<[?!][^>]*>?|(<\/?[^\s<>/]+)([^<>]*)(>?)/g;

const TAG = Decoration.mark({ class: 'tag' });
const ATTRIBUTES = Decoration.mark({ class: 'attributes' });
const QUIET = Decoration.mark({ class: 'quiet' });

/** How far back a comment is looked for that reaches into view. */
const BACK = 20_000;

function colour({ state, visibleRanges }) {
  const builder = new RangeSetBuilder();
  for (const { from, to } of visibleRanges) {
    const before = state.sliceDoc(Math.max(0, from - BACK), from);
    const opened = before.lastIndexOf('<!--');
    // The pattern would take the rest of a comment for text and tags: begin where the comment does.
    const start = opened > before.lastIndexOf('-->') ? from - before.length + opened : Math.max(state.doc.lineAt(from).from, from - BACK);
    const text = state.sliceDoc(start, to);
    for (const { 0: token, 1: name, 2: attributes, 3: end, index } of text.matchAll(TOKEN)) {
      const at = start + index;
      if (name === undefined) {
        builder.add(at, at + token.length, QUIET);
        continue;
      }
      const behind = at + name.length + attributes.length;
      if (!attributes.trim()) builder.add(at, behind + end.length, TAG);
      else {
        builder.add(at, at + name.length, TAG);
        builder.add(at + name.length, behind, ATTRIBUTES);
        if (end) builder.add(behind, behind + 1, TAG);
      }
    }
  }
  return builder.finish();
}

export const colours = ViewPlugin.define(
  (view) => ({
    decorations: colour(view),
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = colour(update.view);
    },
  }),
  { decorations: (plugin) => plugin.decorations },
);
