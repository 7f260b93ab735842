// What is typed into fields for secrets: hidden from eyes and from screen readers, and kept by nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chooseType, fillForm, goTo, verdict } from './support/page.mjs';
import { start } from './support/visit.mjs';
import { until } from './support/wait.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

const SECRET = 'k7Qm2vX9tR4wZ8pL3nB6';
const PATH = 'vpn.ikev2.authentication.secret';

/** Fills the form with a secret; gives its field. */
async function typed(page) {
  await goTo(page, 'Build');
  await chooseType(page, 'ikev2');
  await fillForm(page, { 'profile.name': 'Office', 'vpn.ikev2.server': 'vpn.example.com', 'vpn.ikev2.authentication.method': 'shared-secret', [PATH]: SECRET });
  return page.locator(`[data-path="${PATH}"] input`);
}

/** What a screen reader could say of the page. */
async function spoken(visit) {
  const devtools = await visit.context.newCDPSession(visit.page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  return JSON.stringify(nodes);
}

test('a secret is not read aloud until it is shown', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  const field = await typed(page);
  assert.equal(await field.inputValue(), SECRET);
  assert.ok((await spoken(visit)).includes('vpn.example.com'), 'what is no secret is said');
  assert.ok(!(await spoken(visit)).includes(SECRET));
  const show = page.locator(`[data-path="${PATH}"]`).getByRole('button', { name: 'Show what is typed' });
  await show.click();
  assert.equal(await show.getAttribute('aria-pressed'), 'true');
  assert.ok((await spoken(visit)).includes(SECRET));
  await show.click();
  assert.ok(!(await spoken(visit)).includes(SECRET));
  assert.equal(await field.inputValue(), SECRET);
  await visit.close();
});

test('no field for a secret can be kept or learnt from', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await typed(page);
  await page.locator('.form-section').evaluateAll((sections) => sections.forEach((section) => (section.open = true)));
  await goTo(page, 'Validate');
  await page.getByRole('button', { name: 'An old IKEv2 profile' }).click();
  await goTo(page, 'Build');
  const fields = await page.locator('input[type=password]').evaluateAll((all) => all.map((one) => [one.autocomplete, one.spellcheck, one.autocapitalize]));
  assert.ok(fields.length > 0);
  for (const one of fields) assert.deepEqual(one, ['one-time-code', false, 'none']);
  // Every field that the schema calls a secret is one of these.
  const others = await page.locator('.with-button input:not([type=password]):not([type=file])').count();
  assert.equal(others, 0);
  await visit.close();
});

test('clearing everything drops what was typed and chosen in views that are not shown', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  // Not the one that the schema has for an example.
  const TYPED = 'zq81 K7m2 vX9t zq81';
  await (await typed(page)).fill(TYPED);
  await goTo(page, 'Diff');
  await page.getByLabel('Before', { exact: true }).selectOption({ label: 'Pasted text' });
  await page.getByLabel('Before: the profile’s XML').fill(TYPED);
  const ppk = page.getByLabel('Write the post-quantum key (PPK) in full');
  await goTo(page, 'Validate');
  await page.getByRole('button', { name: 'An old IKEv2 profile' }).click();
  await verdict(page);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type(`<!-- ${TYPED} -->`);
  await verdict(page);
  await goTo(page, 'Convert');
  await ppk.check();
  // Another file is another decision.
  await page.getByRole('combobox', { name: 'Open a sample' }).selectOption({ label: 'On-demand rules' });
  await until(async () => !(await ppk.isChecked()), 'the key is hidden again');
  await ppk.check();
  const devtools = await visit.context.newCDPSession(page);
  /** Whether anything in the page's memory holds it that is still within reach. */
  const remembered = async () => {
    const chunks = [];
    const take = ({ chunk }) => chunks.push(chunk);
    devtools.on('HeapProfiler.addHeapSnapshotChunk', take);
    await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    devtools.off('HeapProfiler.addHeapSnapshotChunk', take);
    return chunks.join('').includes(TYPED);
  };
  assert.ok(await remembered(), 'it is there before');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByRole('button', { name: 'Clear everything' }).click();
  await page.locator('.toast').getByText('Everything was cleared.').waitFor();
  await page.getByRole('button', { name: 'Try a sample' }).waitFor();
  await until(async () => !(await remembered()), 'that nothing holds it any more');
  await page.getByRole('button', { name: 'Try a sample' }).click();
  await ppk.waitFor();
  assert.equal(await ppk.isChecked(), false);
  await goTo(page, 'Build');
  await chooseType(page, 'ikev2');
  assert.equal(await page.locator(`[data-path="${PATH}"] input`).inputValue(), '');
  await visit.close();
});

test('neither a reload nor going back and forth brings a secret back', async () => {
  const visit = await bench.visit();
  const { page } = visit;
  await typed(page);
  await page.reload();
  await goTo(page, 'Build');
  await chooseType(page, 'ikev2');
  const values = () => page.locator('input').evaluateAll((all) => all.filter(({ type }) => type !== 'file').map(({ value }) => value));
  assert.ok(!(await values()).includes(SECRET));
  await typed(page);
  await page.goto('about:blank');
  await page.goBack();
  await goTo(page, 'Build');
  await chooseType(page, 'ikev2');
  // A page that is brought back alive, as it was left, may show what it shows; one that was loaded anew must not.
  const alive = await page.evaluate(() => performance.getEntriesByType('navigation')[0].type === 'back_forward' && !performance.getEntriesByType('navigation')[0].notRestoredReasons);
  if (!alive) assert.ok(!(await values()).includes(SECRET));
  assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).includes(SECRET));
  await visit.close();
});
