// Draws the app's icons from the mark: two white rounded bars, upper left and
// lower right, on a mulberry rounded square. Run it after changing the mark:
//   node scripts/draw-icons.mjs
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ASSETS = join(import.meta.dirname, '..', 'assets');
const CHROMIUM = '/usr/bin/chromium';

/** `inset`: share of the side left free around the mark; `corner`: radius of its square as a share; `isBled`: the square fills what is left free. */
const ICONS = [
  { file: 'icon.png', size: 1024, inset: 0, corner: 0, isFilled: true },
  { file: 'icon-foreground.png', size: 1024, inset: 0.2, corner: 0, isFilled: false },
  { file: 'splash.png', size: 288, inset: 0, corner: 0.27, isFilled: true },
  { file: 'favicon.png', size: 96, inset: 0, corner: 0.27, isFilled: true },
  { file: 'web/icon-192.png', size: 192, inset: 0, corner: 0.27, isFilled: true },
  { file: 'web/icon-512.png', size: 512, inset: 0, corner: 0.27, isFilled: true },
  // Cut to any shape by the system: all of the mark lies in the inner four fifths.
  { file: 'web/icon-maskable-512.png', size: 512, inset: 0.1, corner: 0, isFilled: true, isBled: true },
  { file: 'web/apple-touch-icon.png', size: 180, inset: 0, corner: 0, isFilled: true },
];

function drawing({ size, inset, corner, isFilled, isBled = false }) {
  const square = isBled ? '<rect x="-50" y="-50" width="200" height="200" fill="#7B2D5E"/>' : isFilled ? `<rect width="100" height="100" rx="${corner * 100}" fill="#7B2D5E"/>` : '';
  const bars = '<rect x="19" y="27" width="46" height="20" rx="10" fill="#fff"/><rect x="37" y="53" width="46" height="20" rx="10" fill="#F0D9E6"/>';
  const side = 100 / (1 - 2 * inset);
  const offset = -(side - 100) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="${offset} ${offset} ${side} ${side}">${square}${bars}</svg>`;
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
try {
  await mkdir(join(ASSETS, 'web'), { recursive: true });
  for (const icon of ICONS) {
    const page = await browser.newPage({ viewport: { width: icon.size, height: icon.size } });
    await page.setContent(`<style>*{margin:0}svg{display:block}</style>${drawing(icon)}`);
    await page.screenshot({ path: join(ASSETS, icon.file), omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
