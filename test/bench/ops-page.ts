/**
 * How the operators' page fares with 5,000 sessions, and what it costs the server: real sockets, of which some stream, in a
 * real browser. `npm run bench:ops`.
 */
import { chromium, type Page } from '@playwright/test';
import { CHROMIUM } from '../browser/support/chromium.ts';
import { greenroom, type Tab } from './contenders.ts';
import { watch, watched } from './watch-frames.ts';

const SESSIONS = 5_000;
const STREAMING = 50;
/** Opened at once: a browser opens no more, and the listen queue is bounded. */
const AT_ONCE = 50;
const LOOK_MS = 10_000;

const server = await greenroom('greenroom').start('stream');
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
});
try {
  const tabs: Tab[] = [];
  while (tabs.length < SESSIONS)
    tabs.push(
      ...(await Promise.all(
        Array.from({ length: AT_ONCE }, (_, i) => server.openTab((tabs.length + i) % 500)),
      )),
    );
  for (const tab of tabs.slice(0, STREAMING)) {
    tab.client.onMessage = () => {};
    tab.prompt('rate 20 for 600000 after 1');
  }
  await pause(5_000);
  const alone = await cpuOver(LOOK_MS);
  const page = await open();
  const seen = await look(page);
  console.log(`| ${SESSIONS} sessions, ${STREAMING} of them streaming | |\n|---|---|`);
  for (const [name, value] of Object.entries({ 'server CPU before, %': alone, ...seen }))
    console.log(`| ${name} | ${value} |`);
} finally {
  await browser.close();
  await server.stop();
}

async function open(): Promise<Page> {
  const at = await server.opsPage?.();
  if (!at) throw new Error('no operators’ page');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const { origin } = at.url;
  await context.addCookies([{ name: 'greenroom', value: at.cookie, url: origin }]);
  const page = await context.newPage();
  await page.goto(at.url.href);
  return page;
}

async function look(page: Page) {
  const list = page.getByRole('listbox', { name: 'Actors' });
  await list.getByRole('option').first().waitFor();
  // Sessions, the operator's own too, and what runs for those that stream.
  const whole = SESSIONS + 1 + 2 * STREAMING;
  await list.locator(`[aria-setsize="${whole}"]`).first().waitFor();
  const opened = await page.evaluate(() => Math.round(performance.now()));
  const listed = await quiet(page);
  await list.getByRole('option').first().click();
  await page.getByRole('button', { name: 'All events' }).click();
  const all = await quiet(page);
  await page.getByRole('searchbox', { name: 'User, id or run' }).focus();
  await watch(page);
  await page.keyboard.type('bench49', { delay: 80 });
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await list.focus();
  for (const key of ['End', 'Home', 'PageDown', 'ArrowDown', 'ArrowDown', 'ArrowUp'])
    await page.keyboard.press(key, { delay: 80 });
  const used = await watched(page);
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  return {
    'until all are listed, ms': opened,
    'elements in the page': nodes,
    'list, 10 s: long tasks · frames dropped, %': `${listed.longTasks} · ${listed.droppedPercent}`,
    'list: server CPU, %': listed.cpu,
    'all events, 10 s: long tasks · frames dropped, %': `${all.longTasks} · ${all.droppedPercent}`,
    'all events: server CPU, %': all.cpu,
    'searching and keys: long tasks · keydown p95, ms': `${used.longTasks} · ${used.keydown}`,
    'heap, MB': used.heap,
  };
}

async function quiet(page: Page) {
  await watch(page);
  const cpu = await cpuOver(LOOK_MS);
  return { ...(await watched(page)), cpu };
}

/** Of the server, in percent of a core. */
async function cpuOver(ms: number): Promise<number> {
  const [before, from] = [server.program.cpuMs, performance.now()];
  await pause(ms);
  return Math.round(((server.program.cpuMs - before) / (performance.now() - from)) * 1_000) / 10;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
