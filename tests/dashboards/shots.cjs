// node shots.cjs GRAFANA_URL OUT_DIR END [all]: a picture and its checks for each dashboard. Called by shots.sh.
const { chromium } = require('playwright-core');

const [url, out, end, all] = process.argv.slice(2);
const HOUR = 3600 * 1000;
const BOARDS = {
  fleet: { hours: 6, query: '' },
  container: { hours: 12, query: '&var-instance=host-01&var-name=shop-web-1' },
  compare: { hours: 24, query: '&var-instance=host-01&var-name=shop-web-1&var-other_instance=host-02&var-other=shop-web-1&var-past=1d&var-image=registry.example.org/shop/web&var-old=1.4.0&var-new=1.5.0' },
  history: { hours: 48, query: '' },
  recommendations: { hours: 24, query: '' },
  exporter: { hours: 6, query: '' },
};
const VIEWS = all ? [[1920, 'dark'], [1280, 'dark'], [1920, 'light'], [1280, 'light']] : [[1920, 'dark'], [1280, 'light']];

/** Waits until no query is under way and no panel says that it loads. */
async function settled(page, flight) {
  const begin = Date.now();
  while (Date.now() - begin < 60000) {
    const loading = await page.evaluate(() => document.querySelectorAll('[aria-label="Panel loading bar"]').length);
    const panels = await page.evaluate(() => document.querySelectorAll('[data-viz-panel-key]').length);
    if (!loading && panels && flight.count <= 0 && Date.now() - flight.last > 800) return true;
    await page.waitForTimeout(150);
  }
  return false;
}

/** What can be seen in the page without eyes. */
const look = () => ({
  empty: [...document.querySelectorAll('[data-viz-panel-key]')].filter((p) => /\bNo data\b/.test(p.textContent)).map((p) => p.querySelector('h2')?.textContent),
  errors: [...document.querySelectorAll('[data-testid="data-testid Panel status error"]')].map((e) => e.closest('[data-viz-panel-key]')?.querySelector('h2')?.textContent),
  cut: [...document.querySelectorAll('[data-viz-panel-key] h2')].filter((h) => h.scrollWidth > h.clientWidth + 1).map((h) => h.textContent),
  panels: document.querySelectorAll('[data-viz-panel-key]').length,
  wide: document.documentElement.scrollWidth > window.innerWidth,
});

async function shoot(browser, board, width, theme) {
  const page = await browser.newPage({ viewport: { width, height: 1080 }, colorScheme: theme });
  const flight = { count: 0, last: Date.now() };
  const problems = [];
  const query = (r) => /\/api\/(ds\/query|datasources\/|annotations)/.test(r.url());
  const finished = (r) => { if (query(r)) { flight.count--; flight.last = Date.now(); } };
  page.on('request', (r) => { if (query(r)) { flight.count++; flight.last = Date.now(); } });
  page.on('requestfinished', finished);
  page.on('requestfailed', finished);
  page.on('pageerror', (e) => problems.push(`page error: ${e.message}`));
  page.on('response', (r) => { if (query(r) && r.status() >= 400) problems.push(`${r.status()} ${r.url()}`); });
  const { hours, query: more } = BOARDS[board];
  const begin = Date.now();
  await page.goto(`${url}/d/bottleneck-${board}?from=${end * 1000 - hours * HOUR}&to=${end * 1000}&theme=${theme}&kiosk${more}`, { waitUntil: 'load' });
  if (!await settled(page, flight)) problems.push('panels were still loading after 60 s');
  const seconds = (Date.now() - begin) / 1000;
  // The whole dashboard, not only what fits: panels below are drawn when they come into view.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(1080, height) });
  if (!await settled(page, flight)) problems.push('panels were still loading after 60 s');
  await page.waitForTimeout(1000);
  await page.screenshot({ path: `${out}/${board}-${width}-${theme}.png` });
  const seen = await page.evaluate(look);
  if (seen.errors.length) problems.push(`errors in ${seen.errors}`);
  if (seen.cut.length) problems.push(`cut titles: ${seen.cut.join(', ')}`);
  if (seen.empty.length) problems.push(`no data: ${seen.empty.join(', ')}`);
  if (seen.wide) problems.push('wider than the window');
  await page.close();
  console.log(`${problems.length ? 'FAIL' : 'ok  '} ${board} at ${width}, ${theme}: ${seen.panels} panels, first ones after ${seconds.toFixed(1)} s ${[...new Set(problems)].slice(0, 8).join('; ')}`);
  return problems.length === 0;
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  let passed = 0;
  let failed = 0;
  for (const board of Object.keys(BOARDS)) {
    for (const [width, theme] of VIEWS) {
      if (await shoot(browser, board, width, theme)) passed += 1;
      else failed += 1;
    }
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
})();
