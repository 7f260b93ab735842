// What can be folded: a dictionary or an array, from the end of its first line to its closing tag.

import { foldService } from '@codemirror/language';

/** A container that is longer than this is not folded: looking for its end would be felt. */
const FAR = 200_000;
const CONTAINER = /<(\/?)(?:dict|array)(\/?)>/g;

export const folds = foldService.of((state, lineStart, lineEnd) => {
  const open = state.sliceDoc(Math.max(lineStart, lineEnd - 2_000), lineEnd);
  if (!/<(?:dict|array)>\s*$/.test(open)) return null;
  let depth = 1;
  for (const { 1: closing, 2: empty, index } of state.sliceDoc(lineEnd, lineEnd + FAR).matchAll(CONTAINER)) {
    if (empty) continue;
    depth += closing ? -1 : 1;
    if (depth === 0) return { from: lineEnd, to: lineEnd + index };
  }
  return null;
});
