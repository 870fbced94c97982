import { readFile, writeFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

test.use({ serviceWorkers: 'allow' });

const BROKEN_LINE = [/WebSocket connection/, /net::ERR_/, /Failed to load resource/];
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });

let server: RealServer;
test.beforeEach(async () => {
  server = await RealServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

/** Signed in, with its worker at work. */
async function signIn(page: Page): Promise<void> {
  await page.goto(server.signInUrl);
  await expect(live(page)).toBeAttached();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    );
  });
}

/** Addresses and texts of all that the worker keeps. */
async function kept(page: Page): Promise<{ urls: string[]; texts: string[] }> {
  return page.evaluate(async () => {
    const urls: string[] = [];
    const texts: string[] = [];
    for (const key of await caches.keys()) {
      const cache = await caches.open(key);
      for (const request of await cache.keys()) {
        urls.push(request.url);
        texts.push((await (await cache.match(request))?.text()) ?? '');
      }
    }
    return { urls, texts };
  });
}

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
  await expect(page.locator('.run .bubble').filter({ hasText: text })).toBeVisible();
  await expect(page.locator('.activity')).toHaveCount(0, { timeout: 20_000 });
}

for (const width of [1280, 390])
  test(`without a network the page opens, says so, and keeps what is typed, ${width} px`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 800 });
    const trouble = await watchForTrouble(page, BROKEN_LINE);
    await signIn(page);
    const { target } = server.proxy;
    server.proxy.target = null;
    server.proxy.cut();
    await page.goto(`${server.origin}/chat/`);
    await expect(page.locator('.connection-words')).toHaveText('Offline');
    await box(page).fill('written on the train');
    await page.reload();
    await expect(page.locator('.connection-words')).toHaveText('Offline');
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await page.screenshot({ path: `test-results/offline-${width}.png` });
    server.proxy.target = target;
    await page.reload();
    await expect(live(page)).toBeAttached();
    trouble.expectClean();
  });

test('[R37] nothing that anybody said, and no answer of the API, is ever kept by the worker', async ({
  page,
}) => {
  await signIn(page);
  await page.reload();
  await expect(live(page)).toBeAttached();
  await say(page, 'a secret of mine');
  await page.reload();
  await expect(page.locator('.bubble')).toHaveText('a secret of mine');
  const { urls, texts } = await kept(page);
  expect(urls.length).toBeGreaterThan(10);
  for (const url of urls) expect(new URL(url).pathname).toMatch(/^\/chat\/(?:assets\/[\w.-]+)?$/);
  expect(texts.join().includes('a secret of mine')).toBe(false);
});

test('signed out, the page leads to the sign-in, not to what was kept', async ({ page }) => {
  await signIn(page);
  await page.context().clearCookies();
  await page.goto(`${server.origin}/chat/`);
  await expect(page).toHaveURL(/\/chat\/login/);
  expect((await kept(page)).texts.some((text) => text.includes('Open the sign-in link'))).toBe(
    false,
  );
});

test.describe('another version', () => {
  const FILE = 'dist/ui/sw.js';
  let before = '';
  test.beforeEach(async () => {
    before = await readFile(FILE, 'utf8');
  });
  test.afterEach(async () => {
    await writeFile(FILE, before);
  });

  test('is told of, and shown when asked for; a draft stays', async ({ page }) => {
    await signIn(page);
    await box(page).fill('half a thought');
    await writeFile(FILE, before.replace(/"version":"[^"]+"/, '"version":"another-one"'));
    await server.restart();
    await expect(live(page)).toBeAttached();
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    const notice = page.getByRole('status').filter({ hasText: 'new version' });
    await expect(notice).toBeVisible();
    await expectAccessible(page);
    const loaded = page.waitForEvent('load');
    await notice.getByRole('button', { name: 'Reload' }).click();
    await loaded;
    await expect(live(page)).toBeAttached();
    await expect(box(page)).toHaveValue('half a thought');
    await expect(notice).toHaveCount(0);
    const keys = await page.evaluate(() => caches.keys());
    expect(keys).toEqual(['greenroom-shell-/chat/-another-one']);
  });
});

/** Headless Chromium calls every tab visible: the worker is told that nobody looks. */
async function lookAway(page: Page): Promise<void> {
  await page.evaluate(() => Object.defineProperty(document, 'hidden', { get: () => true }));
  await page
    .context()
    .serviceWorkers()[0]
    ?.evaluate(() => {
      const { clients } = globalThis as unknown as {
        clients: { matchAll(of: unknown): Promise<object[]> };
      };
      const all = clients.matchAll.bind(clients);
      clients.matchAll = async (of) =>
        (await all(of)).map((tab) => new Proxy(tab, { get: hidden }));
      function hidden(tab: object, name: string) {
        if (name === 'visibilityState') return 'hidden';
        const value = Reflect.get(tab, name, tab);
        return typeof value === 'function' ? value.bind(tab) : value;
      }
    });
}

const shown = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const notifications = await registration.getNotifications();
    return notifications.map(({ title, body }) => [title, body]);
  });

test('an end calls the user back, once for all tabs, by the title alone; none while they look', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['notifications'], { origin: server.origin });
  await signIn(page);
  await page.getByRole('button', { name: 'Account of local' }).click();
  await page.getByRole('checkbox', { name: 'Notify me' }).check();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await say(page, 'while I look');
  expect(await shown(page)).toEqual([]);
  const other = await context.newPage();
  await other.goto(`${server.origin}/chat/`);
  await expect(live(other)).toBeAttached();
  await other.evaluate(() => Object.defineProperty(document, 'hidden', { get: () => true }));
  await lookAway(page);
  await say(page, 'while I am elsewhere');
  await expect.poll(() => shown(page)).toEqual([['while I look', 'Claude has answered.']]);
  await other.close();
  await page.getByRole('button', { name: 'Account of local' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(/logout|login|signed/);
  await expect.poll(() => shown(page)).toEqual([]);
});

test('notifications are off until they are wanted, and a browser that forbids them is named', async ({
  page,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
  });
  await signIn(page);
  await page.getByRole('button', { name: 'Account of local' }).click();
  await expect(page.getByRole('checkbox', { name: 'Notify me' })).toBeDisabled();
  await expect(page.getByText('Its settings for this site change that.')).toBeVisible();
  await expectAccessible(page);
});

test('where the browser offers it, the page can be installed, once', async ({ page }) => {
  await signIn(page);
  await page.evaluate(() => {
    const offer = new Event('beforeinstallprompt', { cancelable: true });
    Object.assign(offer, { prompt: () => document.body.setAttribute('data-asked', '') });
    dispatchEvent(offer);
  });
  await page.getByRole('button', { name: 'Account of local' }).click();
  await page.getByRole('button', { name: 'Install as an app' }).click();
  await expect(page.locator('body[data-asked]')).toBeAttached();
  await page.getByRole('button', { name: 'Account of local' }).click();
  await expect(page.getByRole('button', { name: 'Install as an app' })).toHaveCount(0);
});
