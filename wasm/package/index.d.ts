/**
 * Reads, judges, mends, explains, builds, converts and compares Apple configuration profiles (`.mobileconfig`) with VPNs.
 *
 * Everything is worked out in WebAssembly on the machine that calls it: no function sends anything anywhere. Objects are
 * those that Adit's command line prints with `--json`, without the name of the file; members are added in later versions,
 * never renamed or removed. No value of a secret key stands in a report: a text, a description (`Spec`) and a file of course
 * hold what was put into them.
 */

// ---------------------------------------------------------------------------------------------------------- starting

/** What `init` loads the module from. */
export type InitInput = URL | string | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly module; to be awaited once before anything else is called. Later calls do nothing.
 *
 * Without an argument it is fetched from beside this file, which works in pages, in workers and with bundlers that know
 * `new URL(..., import.meta.url)`; otherwise give the address, a response, the bytes or a compiled module.
 */
export function init(input?: InitInput | Promise<InitInput>): Promise<void>;

/** The same from bytes or a compiled module, at once. */
export function initSync(module: BufferSource | WebAssembly.Module): void;

/** Why a call gave no result. */
export class AditError extends Error {
  constructor(kind: AditErrorKind, message: string);
  readonly name: 'AditError';
  readonly kind: AditErrorKind;
}

/**
 * `usage`: the arguments make no sense, the message says which. `trap`: the module ended the call (a defect, or no memory
 * left); it was replaced by a fresh one, and the next call works. `not-ready`: `init` was not awaited.
 */
export type AditErrorKind = 'usage' | 'trap' | 'not-ready';
