// Checks a file that a visitor picks. With `<input type="file">` and an `<ol>` in the page:
//   watch(document.querySelector('input'), document.querySelector('ol'));

import { check, init } from '@adit/profile';
import wasm from '@adit/profile/wasm';

// esbuild gives the address relative to the bundle.
const loaded = init(new URL(wasm, import.meta.url));

/** What is wrong with a file, a line each. */
export async function judge(file) {
  await loaded;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { verdict, diagnostics } = await check(bytes, { at: new Date().toISOString() });
  return [verdict, ...diagnostics.map(({ severity, message }) => `${severity}: ${message}`)];
}

export function watch(input, list) {
  input.addEventListener('change', async () => {
    const lines = await judge(input.files[0]);
    list.replaceChildren(
      ...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })),
    );
  });
}
