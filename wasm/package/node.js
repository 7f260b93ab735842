// @adit/profile/node: the same functions as in index.js, ready at once. The module is read from disk at the first call,
// not when this file is imported.

import { readFileSync } from 'node:fs';
import { isReady, start } from './engine.js';
import * as web from './index.js';

function ready() {
  if (!isReady()) start(readFileSync(new URL('./dist/adit_profile_bg.wasm', import.meta.url)));
}

const from = (call) => (...args) => {
  ready();
  return call(...args);
};

/** The same for functions that answer later: they throw nothing at once. */
const later = (call) => async (...args) => {
  ready();
  return call(...args);
};

export { AditError } from './index.js';

export async function init(input) {
  if (input === undefined) ready();
  else await web.init(input);
}

export const initSync = web.initSync;
export const check = /* @__PURE__ */ later(web.check);
export const open = /* @__PURE__ */ later(web.open);
export const encode = /* @__PURE__ */ from(web.encode);
export const fix = /* @__PURE__ */ from(web.fix);
export const explain = /* @__PURE__ */ later(web.explain);
export const build = /* @__PURE__ */ from(web.build);
export const specOf = /* @__PURE__ */ from(web.specOf);
export const evaluateOnDemand = /* @__PURE__ */ from(web.evaluateOnDemand);
export const convert = /* @__PURE__ */ from(web.convert);
export const diff = /* @__PURE__ */ from(web.diff);
export const compareWithServer = /* @__PURE__ */ from(web.compareWithServer);
export const rules = /* @__PURE__ */ from(web.rules);
export const schema = /* @__PURE__ */ from(web.schema);
