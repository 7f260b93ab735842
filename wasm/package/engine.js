// The one instance of the WebAssembly module: how it is loaded, called, and replaced when it trapped.
//
// A trap (a panic, an overflow of the stack, no memory left) leaves an instance in a state that nobody vouches for. It is
// thrown away and the next call makes a new one from the same compiled module, which takes a millisecond. The same is done
// when an instance has grown: WebAssembly gives no memory back.

import * as glue from './dist/adit_profile.js';

/** An instance that has grown beyond this many bytes is replaced after the call. */
const LARGEST_KEPT = 64 * 1024 * 1024;

/** Why a call gave no result. */
export class AditError extends Error {
  constructor(kind, message, path = '') {
    super(message);
    this.name = 'AditError';
    this.kind = kind;
    this.path = path;
  }
}

/** What the module has to know about signatures before it can answer a call; signatures.js asks and calls again. */
export class Questions extends Error {
  constructor(questions) {
    super('signatures have to be checked first');
    this.questions = questions;
  }
}

/** The compiled module; null before it is loaded. */
let compiled = null;
/** The exports of the instance; null where a new one has to be made. */
let instance = null;
/** Whether the glue has had an instance. */
let started = false;
/** A load that is under way. */
let loading = null;

/** Whether the module is loaded. */
export const isReady = () => compiled !== null;

/** How many bytes the instance's memory has; 0 where there is no instance. For tests. */
export const memorySize = () => instance?.memory.buffer.byteLength ?? 0;

/** Takes the module as bytes or compiled. */
export function start(module) {
  if (compiled) return;
  let candidate;
  try {
    candidate = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    // The glue keeps the first instance it is given, whatever it is.
    if (!WebAssembly.Module.exports(candidate).some(({ name }) => name === '__wbindgen_start')) {
      throw new Error('it is another module');
    }
    instance = instantiate(candidate);
  } catch (error) {
    throw new AditError('not-ready', `the WebAssembly module cannot be used: ${describe(error)}`);
  }
  compiled = candidate;
}

/** Loads the module from wherever it is. Several calls at once load it once. */
export function load(input) {
  if (compiled) return Promise.resolve();
  loading ??= fetchModule(input).then(start).finally(() => {
    loading = null;
  });
  return loading;
}

async function fetchModule(input) {
  try {
    const source = await input;
    if (source instanceof WebAssembly.Module) return source;
    if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return await WebAssembly.compile(source);
    const isResponse = typeof Response === 'function' && source instanceof Response;
    const response = isResponse ? source : await fetch(source);
    if (!response.ok) throw new Error(`${response.url || source} answers ${response.status} ${response.statusText}`);
    if (response.headers.get('Content-Type')?.startsWith('application/wasm')) {
      return await WebAssembly.compileStreaming(response);
    }
    // A server that does not know the type: it takes a little longer.
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    throw new AditError('not-ready', `the WebAssembly module cannot be loaded: ${describe(error)}`);
  }
}

/** A fresh instance: the first by the glue's own start, every other in the place of the one before. */
function instantiate(module) {
  if (started) glue.__wbg_reset_state();
  const exports = glue.initSync(started ? undefined : { module });
  started = true;
  return exports;
}

/** Runs `work` with the module's functions, and turns whatever it throws into an AditError. */
export function call(work) {
  if (!compiled) throw new AditError('not-ready', 'await init() before anything else is called');
  try {
    instance ??= instantiate(compiled);
    return work(glue);
  } catch (error) {
    if (error instanceof AditError) throw error;
    // What the module throws itself is a JSON text: wrong usage, or questions.
    if (typeof error === 'string') throw thrown(error);
    instance = null;
    throw new AditError('trap', trapMessage(error));
  } finally {
    if (instance && instance.memory.buffer.byteLength > LARGEST_KEPT) instance = null;
  }
}

function thrown(text) {
  const { message, path, questions } = JSON.parse(text);
  return questions ? new Questions(questions) : new AditError('usage', message, path);
}

function trapMessage(error) {
  const what = describe(error);
  const why = error instanceof RangeError || /stack/i.test(what) ? 'ran out of stack' : 'ended the call';
  return `the checker ${why} (${what}); a fresh one has taken its place, and the next call works`;
}

const describe = (error) => (error instanceof Error && error.message ? error.message : String(error));
