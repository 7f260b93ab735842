// Checked as it is typed: the newest text counts, and the page stays alive while a large one is checked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFile, verdict } from './support/page.mjs';
import { large } from './support/profiles.mjs';
import { start } from './support/visit.mjs';
import { until } from './support/wait.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

/** The longest that the page may stand still, in ms, and how many frames there must be in a second, on a busy machine. */
const LONGEST = 500;
const FRAMES = 10;

/** Counts animation frames from now on; gives a function that ends it, prints what was measured and holds it to the limits. */
async function frames(page, what) {
  await page.evaluate(() => {
    const frames = (window.frames_ = []);
    const step = (now) => {
      frames.push(now);
      window.running_ = requestAnimationFrame(step);
    };
    window.running_ = requestAnimationFrame(step);
  });
  return async () => {
    const { frames, gap, span } = await page.evaluate(() => {
      cancelAnimationFrame(window.running_);
      const at = window.frames_;
      return { frames: at.length, gap: Math.max(...at.slice(1).map((now, index) => now - at[index])), span: at.at(-1) - at[0] };
    });
    console.log(`MEASURED: ${what}: ${frames} frames in ${Math.round(span)} ms, the longest pause ${Math.round(gap)} ms`);
    assert.ok(gap < LONGEST, `the page stood still for ${gap} ms`);
    assert.ok(frames > (FRAMES * span) / 1000, `${frames} frames in ${span} ms`);
  };
}

test('animation frames go on while 1 MB is checked as it is typed', async () => {
  const file = large(1_048_576);
  assert.ok(file.bytes.length > 1_000_000);
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, file);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  const end = await frames(page, '1 MB checked as it is typed');
  for (let round = 0; round < 3; round++) {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('<!-- office -->', { delay: 20 });
    await verdict(page);
  }
  await end();
  await visit.close();
});

test('a list of two thousand findings is gone through and kept up to date without a pause', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, large(1_048_576));
  const end = await frames(page, 'two thousand findings gone through, filtered and kept up to date');
  const seen = await page.evaluate(async () => {
    const panel = document.querySelector('section[aria-label=Problems]');
    const frame = () => new Promise(requestAnimationFrame);
    window.settled_ = async () => {
      do await frame();
      while (panel.getAttribute('aria-busy') === 'true');
    };
    const seen = new Set();
    for (;;) {
      const buttons = [...panel.querySelectorAll('.problem-button')];
      if (buttons.length > 100) return `${buttons.length} at once`;
      for (const button of buttons) seen.add(button.dataset.index);
      const more = panel.querySelector('[data-focus=more]');
      if (!more) break;
      more.focus();
      more.click();
      await window.settled_();
      if (document.activeElement !== panel.querySelector('.problem-button')) return 'the first one of a page has not the focus';
    }
    panel.querySelector('[data-focus=before]').click();
    await window.settled_();
    for (let round = 0; round < 2; round++) {
      panel.querySelector('[data-severity=warning]').click();
      await window.settled_();
    }
    window.rows_ = [...panel.querySelectorAll('.problem')];
    return seen.size;
  });
  assert.equal(seen, 2000);
  // An edit that moves every line by one: rows stay, and only say another line.
  const line = () => page.evaluate(() => Number(/Line (\d+)/.exec(document.querySelectorAll('.problem-place')[50].textContent)[1]));
  const before = await line();
  await page.locator('.cm-content').click({ position: { x: 60, y: 12 } });
  for (const key of ['Control+Home', 'End', 'Enter']) await page.keyboard.press(key);
  await until(async () => (await line()) === before + 1, 'the new line');
  await page.evaluate(() => window.settled_());
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.problem')].every((row, at) => row === window.rows_[at])), 'the rows are those that were there');
  await end();
  await visit.close();
});

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>PayloadContent</key>';
const LINES = {
  tags: () => large(1_300_000).bytes.toString().replace(/\n\t*/g, ''),
  data: () => `${HEAD}<data>${'QUJD'.repeat(262_144)}</data></dict></plist>\n`,
  text: () => `${HEAD}<string>${'a b '.repeat(262_144)}</string></dict></plist>\n`,
};

for (const [kind, make] of Object.entries(LINES)) {
  test(`one line of 1 MB of ${kind} is pasted, dropped and typed in without a pause`, async () => {
    const text = make();
    assert.ok(text.length > 1_000_000 && Math.max(...text.split('\n').map((line) => line.length)) > 1_000_000);
    const visit = await bench.visit();
    const { page } = visit;
    await page.evaluate((given) => (window.given_ = given), text);
    await page.getByRole('button', { name: 'Paste' }).click();
    await page.locator('.cm-content').waitFor();
    const pasted = await frames(page, `one line of 1 MB of ${kind}, pasted`);
    await page.locator('.cm-content').evaluate((element) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', window.given_);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }));
    });
    await verdict(page);
    await pasted();
    assert.equal(await page.evaluate(() => document.querySelector('.code-editor').value === window.given_), true);
    const dropped = await frames(page, `one line of 1 MB of ${kind}, dropped and typed in`);
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([window.given_], 'line.mobileconfig'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await page.getByRole('button', { name: 'line.mobileconfig' }).first().waitFor();
    await verdict(page);
    await page.locator('.cm-content').click({ position: { x: 60, y: 12 } });
    for (const key of ['Control+Home', 'ArrowDown', 'x', 'y', 'End', 'Control+End']) {
      await page.keyboard.press(key);
      // As fast as hands are: CodeMirror warns when several jumps to the far end of such a line fall into one frame.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    }
    await verdict(page);
    await dropped();
    await visit.close();
  });
}
