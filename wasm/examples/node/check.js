// Checks profiles and tells what is wrong with them: `node check.js office.mobileconfig ...`

import { readFileSync } from 'node:fs';
import { check, explain } from '@adit/profile/node';
import pages from '@adit/profile/rule-pages.json' with { type: 'json' };

const at = new Date().toISOString();

for (const name of process.argv.slice(2)) {
  const file = readFileSync(name);
  const { verdict, diagnostics } = await check(file, { at, targets: ['ios-26.1'] });
  console.log(`${name}: ${verdict}`);
  for (const { severity, code, message, location } of diagnostics) {
    const place = location.line === undefined ? `byte ${location.byte_start}` : `line ${location.line}`;
    console.log(`  ${place}: ${severity}: ${message} [${code}]`);
    if (severity === 'error') console.log(`    ${pages[code].why}`);
  }
  if (verdict !== 'accepted') process.exitCode = 1;
  if (verdict === 'not-read') continue;
  for (const { name: vpn, parts } of (await explain(file)).vpns) {
    console.log(`  ${vpn ?? 'VPN'}: ${parts[0].lines[0]}`);
  }
}
