// The worker that owns the WebAssembly: takes { id, name, args }, answers { id, result } or { id, error }.

import * as adit from '@adit/profile';
import { payloadsOf } from './payloads.js';

/** What the page adds to the package's functions. */
const own = { payloadsOf };

const started = adit.init(new URL(ASSETS.wasm ?? 'missing.wasm', self.location.href)).then(
  () => self.postMessage({ ready: true }),
  (error) => {
    self.postMessage({ failed: String(error?.message ?? error) });
    throw error;
  },
);
started.catch(() => {});

self.addEventListener('message', async ({ data: { id, name, args } }) => {
  try {
    await started;
    const run = own[name] ?? adit[name];
    if (typeof run !== 'function') throw new Error(`There is no function ${name}.`);
    self.postMessage({ id, result: await run(...args) });
  } catch (error) {
    self.postMessage({ id, error: { message: String(error?.message ?? error), kind: error?.kind ?? 'usage' } });
  }
});
