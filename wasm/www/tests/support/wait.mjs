// Waiting for a state, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 30_000;

/** Asks until the answer is true; says what was awaited when it never is. */
export async function until(holds, what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await holds();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await pause(20);
  }
}

/** Waits until `holds(element)` is true in the page. */
export const expectState = (locator, holds, what) => until(() => locator.evaluate(holds), what);
