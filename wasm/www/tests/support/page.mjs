// What a visitor does with the page, by the names that a screen reader says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { expectState } from './wait.mjs';

/** Opens files with the picker; the first of them is shown and its verdict awaited. */
export async function openFiles(page, files) {
  await page.locator('input[type=file][multiple]').first().setInputFiles(
    files.map(({ name, bytes }) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })),
  );
  await page.getByRole('list', { name: 'Open files' }).getByRole('button', { name: files[0].name, exact: false }).first().waitFor();
  await verdict(page);
}

/** Opens one of the samples that the page offers when it is empty; awaits its verdict. */
export async function openSample(page, title) {
  await page.getByRole('button', { name: new RegExp(`^${title}`) }).click();
  await problems(page).waitFor();
  await verdict(page);
}

export const openFile = (page, file) => openFiles(page, [file]);

/** The panel of problems. By its label rather than its role: on a phone the source may be shown in its place. */
export const problems = (page) => page.getByLabel('Problems', { exact: true });

/** Waits until what is shown is the verdict on the text as it stands. */
export async function verdict(page) {
  await expectState(problems(page), (element) => element.getAttribute('aria-busy') === 'false', 'the verdict');
}

/** Every problem in the list, of long lists those of every page. */
export async function shownProblems(page) {
  const before = problems(page).getByRole('button', { name: /^Show the \d+ before/ });
  const more = problems(page).getByRole('button', { name: /^Show \d+ more/ });
  await verdict(page);
  while (await before.count()) await before.click();
  const all = [];
  for (;;) {
    await verdict(page);
    all.push(...(await problems(page).getByRole('listitem').evaluateAll((items) =>
      items.filter((item) => item.matches('.problem')).map((item) => ({
        severity: item.querySelector('.visually-hidden').textContent.replace(/: $/, ''),
        code: item.querySelector('.problem-code').textContent,
        message: item.querySelector('.problem-message').textContent,
      })),
    )));
    if (!(await more.count())) return all;
    await more.click();
  }
}

/** Unfolds the first problem of a rule; gives its list item. */
export async function unfold(page, code) {
  const item = problems(page).getByRole('listitem').filter({ has: page.getByText(code, { exact: true }) }).first();
  const button = item.getByRole('button').first();
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  return item;
}

/** Takes an entry of the download menu; gives the file. */
export async function download(page, label) {
  const started = page.waitForEvent('download');
  await page.getByLabel('Download', { exact: true }).selectOption({ label });
  return saved(await started);
}

/** A download's name and bytes. */
export async function saved(handed) {
  assert.equal(await handed.failure(), null);
  return { name: handed.suggestedFilename(), bytes: await readFile(await handed.path()) };
}

/** The report on the file that is shown, as it is downloaded: its `name`, and its `text` as an object. */
export async function jsonOf(page) {
  await verdict(page);
  const { name, bytes } = await download(page, 'Findings as JSON');
  return { name, text: JSON.parse(bytes) };
}

/** Goes to another view. */
export async function goTo(page, title) {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title, exact: true }).click();
  await expectState(page.getByRole('main', { name: title }), (main) => main.childElementCount > 0, title);
}

/** The text in the editor, from the editor's own state: it draws only the lines in view. */
export async function editorText(page) {
  return page.evaluate(() => document.querySelector('.editor-host').firstElementChild.value);
}

/** What the simulator says of the network that is described. */
export const outcome = (page) => page.locator('.outcome-box');

/** Chooses what kind of profile is made. */
export async function chooseType(page, type) {
  const choice = page.getByLabel('Type', { exact: true });
  await choice.waitFor();
  await choice.selectOption(type);
}

/** Fills fields of the form by their place in the description; folded sections are opened on the way. */
export async function fillForm(page, values) {
  for (const [path, value] of Object.entries(values)) {
    const field = page.locator(`[data-path="${path}"]`);
    await field.evaluate((element) => {
      for (let at = element; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    });
    if (value.files) {
      await field.locator('input[type=file]').setInputFiles(value.files);
      continue;
    }
    const control = field.locator('input:not([type=file]), select, textarea').first();
    const kind = await control.evaluate((element) => (element.tagName === 'SELECT' ? 'select' : element.type));
    if (kind === 'select') await control.selectOption(value);
    else if (kind === 'checkbox') await control.setChecked(value);
    else await control.fill(value);
  }
}
