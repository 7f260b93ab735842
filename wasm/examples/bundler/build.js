// Bundles main.js into dist/: the module is copied beside the bundle, and main.js imports its address.

import { build } from 'esbuild';

await build({
  entryPoints: ['main.js'],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  outdir: 'dist',
  loader: { '.wasm': 'file' },
  assetNames: '[name]-[hash]',
});
