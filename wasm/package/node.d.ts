/**
 * `@adit/profile` for Node: the same functions, ready at once. The module is read from disk at the first call.
 */
export * from './index.js';
