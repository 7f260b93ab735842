// The npm package in Node: how long the first verdict takes, and a check in WebAssembly beside the same natively.
//
// `node bench.mjs NATIVE [--quick] [FILE ...]`: NATIVE is the program of main.rs. The 4 KB profile beside this folder is
// measured always, other files for their ratio. Both take turns, so that what else the machine does falls on both. Of each
// round's calls a quick one counts, of which a tenth were quicker, and of the rounds the median. Prints lines of Markdown, and ends with status 1 when a limit is exceeded.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, init } from '../../wasm/package/node.js';

/** The first verdict after the module is ready, in milliseconds. */
const FIRST_LIMIT = 50;
/** How many times as long as natively a check may take. */
const RATIO_LIMIT = 2;

const options = { at: '2026-11-21T00:00:00Z' };
const profile = fileURLToPath(new URL('../profile/eap.mobileconfig', import.meta.url));

if (process.argv[2] === '--first') {
  // A process of its own: nothing of the module has run, as in a page that was just loaded.
  const bytes = new Uint8Array(readFileSync(profile));
  const before = performance.now();
  await init();
  const ready = performance.now();
  const { verdict } = await check(bytes, options);
  console.log(JSON.stringify({ verdict, load: ready - before, first: performance.now() - ready }));
  process.exit(0);
}

const [native, ...rest] = process.argv.slice(2);
const quick = rest.includes('--quick');
const others = rest.filter((argument) => !argument.startsWith('--'));
const rounds = quick ? 5 : 15;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function run(program, args) {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function first() {
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push(JSON.parse(run(process.execPath, [fileURLToPath(import.meta.url), '--first'])));
  }
  const load = median(samples.map((sample) => sample.load));
  const verdict = median(samples.map((sample) => sample.first));
  const most = Math.max(...samples.map((sample) => sample.first));
  const kept = verdict <= FIRST_LIMIT;
  console.log(
    `- first verdict on a profile of ${readFileSync(profile).length} bytes, after the module is ready: ${verdict.toFixed(1)} ms ` +
      `(at most ${most.toFixed(1)} ms of ${rounds}); at most ${FIRST_LIMIT} ms, ${kept ? 'kept' : 'exceeded'}`,
  );
  console.log(`- making the module ready from disk: ${load.toFixed(1)} ms`);
  return kept;
}

/** A quick call in WebAssembly, in nanoseconds. */
async function wasm(bytes, calls) {
  const times = [];
  for (let call = 0; call < calls; call += 1) {
    const start = process.hrtime.bigint();
    await check(bytes, options);
    times.push(Number(process.hrtime.bigint() - start));
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 10)];
}

async function compare(file) {
  const bytes = new Uint8Array(readFileSync(file));
  const calls = Math.max(20, Math.round((quick ? 2e6 : 8e6) / bytes.length));
  await wasm(bytes, calls * 2); // so that V8's optimising compiler has done its work
  const pairs = [];
  for (let round = 0; round < rounds; round += 1) {
    pairs.push([await wasm(bytes, calls), Number(run(native, [calls, file]))]);
  }
  const ratio = median(pairs.map(([web, own]) => web / own));
  const [web, own] = [0, 1].map((side) => median(pairs.map((pair) => pair[side])));
  const kept = ratio <= RATIO_LIMIT;
  console.log(
    `| ${basename(file)} | ${bytes.length} | ${(web / 1e3).toFixed(0)} µs | ${(own / 1e3).toFixed(0)} µs | ` +
      `${ratio.toFixed(2)} | ${kept ? 'kept' : 'exceeded'} |`,
  );
  return kept;
}

await init();
let kept = first();
console.log(`\nA check with its report as an object, in WebAssembly (Node ${process.versions.node}) and natively; at most ${RATIO_LIMIT} times:\n`);
console.log('| file | bytes | WebAssembly | native | ratio | |\n| --- | ---: | ---: | ---: | ---: | --- |');
for (const file of [profile, ...others]) kept = (await compare(file)) && kept;
process.exit(kept ? 0 : 1);
