// Checked as it is typed: the newest text counts, and the page stays alive while a large one is checked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFile, problems, verdict } from './support/page.mjs';
import { large } from './support/profiles.mjs';
import { start } from './support/visit.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

/** The longest that the page may stand still, in ms, and how many frames there must be in a second, on a busy machine. */
const LONGEST = 500;
const FRAMES = 10;

test('animation frames go on while 1 MB is checked as it is typed', async () => {
  const file = large(1_048_576);
  assert.ok(file.bytes.length > 1_000_000);
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.evaluate(() => {
    const frames = (window.frames_ = []);
    const step = (now) => {
      frames.push(now);
      window.running_ = requestAnimationFrame(step);
    };
    window.running_ = requestAnimationFrame(step);
  });
  for (let round = 0; round < 3; round++) {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('<!-- office -->', { delay: 20 });
    await verdict(page);
  }
  const { frames, gap, span } = await page.evaluate(() => {
    cancelAnimationFrame(window.running_);
    const at = window.frames_;
    return { frames: at.length, gap: Math.max(...at.slice(1).map((now, index) => now - at[index])), span: at.at(-1) - at[0] };
  });
  console.log(`MEASURED: 1 MB checked as it is typed: ${frames} frames in ${Math.round(span)} ms, the longest pause ${Math.round(gap)} ms`);
  assert.ok(gap < LONGEST, `the page stood still for ${gap} ms`);
  assert.ok(frames > (FRAMES * span) / 1000, `${frames} frames in ${span} ms`);
  await visit.close();
});
