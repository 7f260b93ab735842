// axe-core over every view in the states that a visitor meets, light and dark, on a phone and on a desk; a picture of each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rm } from 'node:fs/promises';
import { fits, inspect } from './support/axe.mjs';
import { chooseType, fillForm, goTo, openFile, openSample, outcome, unfold, verdict } from './support/page.mjs';
import { PICTURES } from './support/places.mjs';
import { withIdentity } from './support/profiles.mjs';
import { start } from './support/visit.mjs';

let bench;
before(async () => {
  await rm(PICTURES, { recursive: true, force: true });
  bench = await start();
});
after(() => bench?.close());

for (const width of [390, 1280]) {
  test(`no violation in any view, light and dark, ${width} px wide`, async () => {
    const visit = await bench.visit({ width, height: width === 390 ? 844 : 900, motion: 'reduce' });
    const { page } = visit;
    const found = [];
    let number = 0;
    const look = async (state) => {
      number += 1;
      for (const colorScheme of ['dark', 'light']) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await inspect(page, `${String(number).padStart(2, '0')}-${state}-${width}-${colorScheme}`)));
      }
      found.push(...(await fits(page, `${state}-${width}`)));
    };
    await validate(page, look, width < 960);
    await explain(page, look);
    await build(page, look);
    await convert(page, look);
    await diff(page, look);
    assert.equal(found.length, 0, found.join('\n'));
    await visit.close();
  });
}

async function validate(page, look, narrow) {
  await look('welcome');
  await page.getByRole('button', { name: 'Nothing leaves this page' }).click();
  await page.getByRole('dialog', { name: 'Nothing leaves this page' }).waitFor();
  await look('privacy');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await openSample(page, 'An old IKEv2 profile');
  await look('findings');
  await unfold(page, 'value.case');
  await look('finding-unfolded');
  const source = async (on) => narrow && page.getByRole('button', { name: on ? 'Source' : 'Problems', exact: true }).click();
  await source(true);
  // What the mouse shows over a squiggle.
  await page.locator('.cm-content .finding').first().hover();
  await page.locator('.cm-tooltip .about').waitFor();
  await look('hover');
  await page.mouse.move(0, 0);
  await source(false);
  for (const title of [/^iOS/, /^macOS/]) await page.getByRole('list', { name: 'Add a target' }).getByRole('button', { name: title }).click();
  await page.getByText('Other versions and options').click();
  await verdict(page);
  await look('targets');
  await page.getByRole('combobox', { name: 'Open a sample' }).selectOption({ label: 'A signed profile' });
  await page.getByRole('button', { name: /signed\.mobileconfig/ }).first().waitFor();
  await verdict(page);
  await source(true);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' ');
  await verdict(page);
  await look('signed');
  await page.getByLabel('Download', { exact: true }).selectOption({ label: 'The profile' });
  await page.getByRole('dialog', { name: /signature/i }).waitFor();
  await look('signature-lost');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await source(false);
  await openFile(page, await withIdentity());
  await look('password');
}

async function explain(page, look) {
  await page.getByRole('combobox', { name: 'Open a sample' }).selectOption({ label: 'On-demand rules' });
  await page.getByRole('button', { name: /on-demand\.mobileconfig/ }).first().waitFor();
  await verdict(page);
  await goTo(page, 'Explain');
  await outcome(page).waitFor();
  await look('explain');
  await page.getByRole('radio', { name: 'Cellular' }).scrollIntoViewIfNeeded();
  await look('simulator');
  await page.getByRole('button', { name: 'Insert an example' }).click();
  const server = page.getByRole('region', { name: 'Compare with a strongSwan server' });
  await server.getByRole('article').first().waitFor();
  await server.scrollIntoViewIfNeeded();
  await look('server');
}

async function build(page, look) {
  await goTo(page, 'Build');
  await page.getByLabel('Type', { exact: true }).waitFor();
  await look('build-empty');
  await chooseType(page, 'ikev2');
  await fillForm(page, { 'profile.name': 'Office', 'vpn.ikev2.server': 'vpn.example.com', 'vpn.ikev2.ike.diffie-hellman-group': '2' });
  await page.locator('.build-preview').getByRole('listitem').first().waitFor();
  await look('build-findings');
  await page.locator('.form-section').evaluateAll((sections) => sections.forEach((section) => (section.open = true)));
  await look('build-unfolded');
}

async function convert(page, look) {
  await goTo(page, 'Convert');
  await page.getByRole('region', { name: 'Result' }).getByRole('heading').first().waitFor();
  await look('convert');
  await page.getByRole('radio', { name: /Properties of the API/ }).check();
  await page.getByRole('region', { name: /^Properties of/ }).first().waitFor();
  await look('convert-api');
}

async function diff(page, look) {
  await goTo(page, 'Diff');
  await page.locator('.diff-verdict').waitFor();
  await look('diff');
}
