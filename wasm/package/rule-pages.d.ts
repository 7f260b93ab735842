import type { RulePage } from './index.js';

/** The page of every rule, by its code. */
declare const pages: Record<string, RulePage>;
export default pages;
