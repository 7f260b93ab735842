// axe-core over every view in the states that a visitor meets, light and dark, on a phone and on a desk; a picture of each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fits, inspect } from './support/axe.mjs';
import { goTo, openSample, problems, verdict } from './support/page.mjs';
import { start } from './support/visit.mjs';

let bench;
before(async () => {
  bench = await start();
});
after(() => bench?.close());

for (const scheme of ['light', 'dark']) {
  for (const width of [390, 1280]) {
    test(`no violation in any view, ${scheme}, ${width} px wide`, async () => {
      const visit = await bench.visit({ scheme, width, height: width === 390 ? 844 : 900 });
      const { page } = visit;
      const found = [];
      let number = 0;
      const look = async (state) => {
        number += 1;
        const name = `${String(number).padStart(2, '0')}-${state}-${width}-${scheme}`;
        found.push(...(await inspect(page, name)), ...(await fits(page, name)));
      };
      await walk(page, look);
      assert.equal(found.length, 0, found.join('\n'));
      await visit.close();
    });
  }
}

/** Goes through the page and looks at each state. */
async function walk(page, look) {
  await look('welcome');
  await openSample(page, 'An old IKEv2 profile');
  await look('findings');
}
