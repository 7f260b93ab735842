// Sizes beside their limits and beside what they were.

const KIB = 1024;

/** A size as people read it. */
export const shown = (bytes) => `${(bytes / KIB).toFixed(1)} KiB`;

/**
 * Holds sizes, each { what, size, limit }, against their limits and against `remembered`: what is over its limit must not be
 * more than it was (but for a thousandth), whatever else must not have grown by more than 3 %. `anew`: growth within a limit
 * is taken. Gives the `faults`, and with `anew` what is to be remembered: a debt as it was at its least, nothing that has a
 * fault.
 */
export function judged(measured, remembered, anew) {
  const faults = [];
  const taken = { ...remembered };
  for (const { what, size, limit } of measured) {
    const before = remembered[what] ?? Math.min(size, limit);
    const over = size > Math.max(limit, before * 1.001);
    if (over) faults.push(`${what}: ${shown(size)}, the limit is ${shown(limit)}`);
    else if (anew) taken[what] = size > limit ? Math.min(size, before) : size;
    if (!anew && size > before * 1.03) faults.push(`${what} grew from ${shown(before)} to ${shown(size)}; ADIT_REGENERATE=1 takes it`);
  }
  return { taken: anew ? taken : null, faults };
}
