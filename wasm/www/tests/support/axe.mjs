// axe-core over the page as it stands, and a picture of it.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { PICTURES } from './places.mjs';

/** Takes a screenshot for people, then fails on any violation that axe-core finds. */
export async function inspect(page, name) {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
  const { violations, passes } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze();
  const told = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => `${id}: ${help}\n  ${target.flat().join(' >> ')}\n  ${html.slice(0, 200)}\n  ${failureSummary.replaceAll('\n', '\n  ')}`),
  );
  assert.ok(passes.length > 5, 'axe-core looked at the page');
  return told.map((line) => `${name}: ${line}`);
}

/** Fails when the page is wider than its window: nobody should have to scroll sideways. */
export async function fits(page, name) {
  const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }));
  return wide > window ? [`${name}: the page is ${wide} px wide in a window of ${window}`] : [];
}
