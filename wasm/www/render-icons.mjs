// Renders the PNGs from icon.svg with Chromium: `node wasm/www/render-icons.mjs`, after the drawing changed. They are
// kept in the repository, so that building the page needs no browser.
import { readFile, writeFile } from 'node:fs/promises';
import { launch } from './tests/support/chromium.mjs';

const folder = new URL('./src/static/icons/', import.meta.url);
const svg = await readFile(new URL('icon.svg', folder), 'utf8');
// Systems cut a maskable icon to any shape: the drawing fills the square, all that matters within the inner 80 %.
const full = svg.replace(' rx="112"', '');
const shrunk = full.replace(/(<rect[^>]*>)([\s\S]*)(<\/svg>)/, '$1<g transform="translate(64 52) scale(.75)">$2</g>$3');
const pictures = [
  ['icon-192.png', svg, 192],
  ['icon-512.png', svg, 512],
  ['maskable-512.png', shrunk, 512],
  ['apple-touch-icon.png', full, 180],
];

const browser = await launch();
try {
  for (const [name, drawing, size] of pictures) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<body style="margin:0">${drawing.replace('<svg ', `<svg width="${size}" height="${size}" style="display:block" `)}`);
    await writeFile(new URL(name, folder), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
