// What comes late, such as a verdict, takes nothing from under a pointer, no focus, and nothing that is being typed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFile, openFiles, problems, verdict } from './support/page.mjs';
import { large } from './support/profiles.mjs';
import { onlyFilesWereAskedFor, start } from './support/visit.mjs';
import { until } from './support/wait.mjs';
import { sample } from './support/walks.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

/** Runs in the page: while `late_` is a list, the checker's answers go into it. */
function holdAnswers() {
  window.late_ = null;
  window.Worker = class extends Worker {
    addEventListener(type, listener) {
      super.addEventListener(type, type !== 'message' ? listener : (event) => (window.late_ ? window.late_.push(() => listener(event)) && (window.told_ ||= !!event.data.result?.diagnostics) : listener(event)));
    }
  };
}

/** From here on the checker's answers are late. */
const holdBack = (page) => page.evaluate(() => ([window.late_, window.told_] = [[], false]));
/** Waits for a verdict among them. */
const isLate = (page) => until(() => page.evaluate(() => window.told_), 'a verdict that is held back');
/** Here they come; two frames later whatever they change has been drawn. */
const letCome = (page) =>
  page.evaluate(async () => {
    const late = window.late_;
    window.late_ = null;
    for (const tell of late) tell();
    for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
  });

/** A visit with a file that is checked for one target, the options unfolded. */
async function checked(more = {}) {
  const visit = await bench.visit({ script: holdAnswers, ...more });
  const { page } = visit;
  await openFile(page, await sample('weak-ikev2.mobileconfig'));
  await page.getByText('Other versions and options').click();
  await page.getByRole('button', { name: /^iOS / }).click();
  await verdict(page);
  return visit;
}

const chips = (page) => page.getByRole('list', { name: 'Targets', exact: true }).getByRole('listitem');
const results = (page) => page.getByRole('list', { name: 'Verdict per target' });
/** Which element it is, and how high it stands. */
const place = (control) => control.evaluate((element) => [(element.number_ ??= Math.random()), element.getBoundingClientRect().top]);

/** What is pressed, where, and what comes of it. */
const PRESSED = [
  [(page) => page.getByLabel('Supervised'), (page) => page.getByLabel('Supervised').isChecked()],
  [(page) => page.getByRole('button', { name: /^visionOS / }), (page) => page.getByRole('button', { name: /^Remove visionOS/ }).count()],
  [(page) => page.getByRole('button', { name: /^Remove iOS/ }), async (page) => !(await page.getByRole('button', { name: /^Remove iOS/ }).count())],
  [(page) => problems(page).getByRole('button', { name: /notice/ }).first(), async (page) => (await problems(page).getByRole('button', { name: /notice/ }).first().getAttribute('aria-pressed')) === 'false'],
];

for (const width of [390, 1280]) {
  test(`what is pressed stays under the pointer while verdicts come, ${width} px wide`, async () => {
    const visit = await checked({ width, height: 900 });
    const { page } = visit;
    for (const [find, holds] of PRESSED) {
      const judged = await results(page).getByRole('listitem').count();
      await holdBack(page);
      // One more target, by script: neither pointer nor focus are there.
      await page.evaluate(() => [...document.querySelectorAll('.chip.add')].find((one) => !one.textContent.startsWith('visionOS')).click());
      await isLate(page);
      const control = find(page);
      await control.scrollIntoViewIfNeeded();
      const { x, y, width: wide, height } = await control.boundingBox();
      const before = await place(control);
      await page.mouse.move(x + wide / 2, y + height / 2);
      await page.mouse.down();
      await letCome(page);
      assert.deepEqual(await place(control), before, 'it is where it was');
      assert.equal(await results(page).getByRole('listitem').count(), judged, 'nothing was drawn yet');
      await page.mouse.up();
      await until(() => holds(page), 'what was pressed');
      await verdict(page);
      await until(async () => (await results(page).getByRole('listitem').count()) === (await chips(page).count()), 'the verdict');
    }
    await visit.close();
  });
}

test('a verdict moves no control of the target picker, and takes no focus from it', async () => {
  const visit = await checked();
  const { page } = visit;
  const add = page.getByRole('button', { name: /^macOS / });
  const boxes = page.getByLabel('Supervised');
  const remove = page.getByRole('button', { name: /^Remove iOS/ });
  await add.click();
  await remove.focus();
  await holdBack(page);
  await page.evaluate(() => document.querySelector('#variables').closest('.stack').querySelector('input[type=checkbox]').click());
  await isLate(page);
  const before = await boxes.boundingBox();
  await letCome(page);
  await verdict(page);
  assert.deepEqual(await boxes.boundingBox(), before);
  assert.ok(await remove.evaluate((button) => button === document.activeElement), 'the focus is where it was');
  await visit.close();
});

test('the list of ignored keys stays unfolded while its target is judged alike, and the focus in it', async () => {
  const { bytes } = await sample('weak-ikev2.mobileconfig');
  const text = bytes.toString().replace('<key>RemoteAddress</key>', '<key>EnforceStrictAlgorithmSelection</key><integer>0</integer><key>RemoteAddress</key>');
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, { name: 'new.mobileconfig', bytes: Buffer.from(text) });
  await page.getByText('Other versions and options').click();
  await page.getByLabel('Version', { exact: true }).fill('15.0');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const ignored = results(page).locator('summary');
  await ignored.click();
  const key = results(page).getByRole('button').first();
  await key.focus();
  for (const name of [/^tvOS /, /^macOS /]) {
    await page.getByRole('list', { name: 'Add a target' }).getByRole('button', { name }).evaluate((button) => button.click());
    await until(() => results(page).getByRole('listitem').filter({ has: page.getByRole('heading', { name }) }).count(), 'another verdict');
    assert.ok(await key.evaluate((button) => button === document.activeElement && button.closest('details').open));
  }
  await visit.close();
});

test('what is being typed is not taken back by a verdict', async () => {
  const visit = await checked();
  const { page } = visit;
  await page.getByLabel('A template with variables').check();
  await verdict(page);
  for (const [label, text] of [['Values of the variables', 'SERVER=vpn.example.com'], ['Password of a PKCS#12', 'correct horse']]) {
    const field = page.getByLabel(label);
    await holdBack(page);
    await page.getByRole('button', { name: /^(tvOS|macOS) / }).first().click();
    await isLate(page);
    await field.click();
    await page.keyboard.type(text);
    await letCome(page);
    await verdict(page);
    assert.equal(await field.inputValue(), text);
    await page.keyboard.press('Tab');
    await verdict(page);
    assert.equal(await field.inputValue(), text);
  }
  await visit.close();
});

test('the page does not scroll to its files when one of them gets its verdict', async () => {
  const visit = await bench.visit({ script: holdAnswers, height: 500 });
  const { page } = visit;
  const files = await Promise.all(['on-demand.mobileconfig', 'weak-ikev2.mobileconfig'].map(sample));
  await openFiles(page, [...files, ...Array.from({ length: 12 }, (_, at) => ({ ...files[0], name: `office-${at}.mobileconfig` }))]);
  await verdict(page);
  await holdBack(page);
  // A text before the start makes an error of it.
  await page.getByRole('textbox', { name: 'Profile as XML' }).click({ position: { x: 60, y: 12 } });
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('x');
  await isLate(page);
  await page.evaluate(() => {
    document.body.style.minHeight = '3000px';
    scrollTo(0, 3000);
  });
  const isAbove = () => page.getByRole('list', { name: 'Open files' }).evaluate((list) => list.getBoundingClientRect().bottom < 0);
  assert.ok(await isAbove(), 'the page is long enough');
  await letCome(page);
  await verdict(page);
  assert.ok(await isAbove(), 'the files are not scrolled to');
  // One that is chosen is brought into view, in its list.
  await page.evaluate(() => scrollTo(0, 0));
  const last = page.getByRole('list', { name: 'Open files' }).locator('.file-name').last();
  await last.evaluate((button) => button.click());
  await until(() => last.evaluate((button) => button.getAttribute('aria-current') === 'true' && button.getBoundingClientRect().right <= button.closest('ul').getBoundingClientRect().right + 1), 'the last file in view');
  await visit.close();
});

test('F8 onto another page of a long list does not lose its place, where the browser does not hold it', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await openFile(page, large(290_000));
  // As older browsers are: what is drawn above pushes down what is in view.
  await page.evaluate(() => document.querySelectorAll('*').forEach((element) => (element.style.overflowAnchor = 'none')));
  await problems(page).locator('.problem-button').first().focus();
  await page.keyboard.press('Shift+F8');
  await verdict(page);
  assert.ok((await problems(page).locator('.problem').count()) > 60, 'more of the last page than is drawn at once');
  const { seen, index } = await page.evaluate(() => {
    const { top, bottom } = document.activeElement.getBoundingClientRect();
    return { seen: top >= 0 && bottom <= innerHeight, index: document.activeElement.dataset.index };
  });
  assert.ok(index !== undefined && seen, `problem ${index} is in view`);
  await visit.close();
});

test('no request but for files of the page was made by any of this', () => onlyFilesWereAskedFor(bench));
