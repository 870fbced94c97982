import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

/** A phone at the edge of its network: 400 ms there and back, 50 KB/s down, 20 KB/s up. */
const SLOW = { latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 };
/** The answer of the demo agent's slow script, word for word: anything lost or doubled shows. */
const ANSWER =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';

let server: RealServer;
test.beforeEach(async () => {
  server = await RealServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

async function onSlowLine(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, ...SLOW });
}

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });

test('until the script has come, the page says what it is', async ({ page }) => {
  const trouble = await watchForTrouble(page);
  const script = Promise.withResolvers<void>();
  await page.route(/\/assets\/.*\.js$/, async (route) => {
    await script.promise;
    await route.continue();
  });
  await page.goto(server.signInUrl, { waitUntil: 'commit' });
  await expect(page.locator('.starting')).toBeVisible();
  await expect(page.locator('.starting')).toHaveText('Greenroom');
  await expectNoSidewaysScroll(page);
  script.resolve();
  await expect(live(page)).toBeAttached();
  await expect(page.locator('.starting')).toHaveCount(0);
  trouble.expectClean();
});

for (const width of [1280, 390]) {
  test(`on a slow line, ${width} px: what is typed before the line is there is sent once it is, and the answer comes whole`, async ({
    page,
  }) => {
    const trouble = await watchForTrouble(page);
    await page.setViewportSize({ width, height: 800 });
    await onSlowLine(page);
    await page.goto(server.signInUrl, { waitUntil: 'commit' });
    await box(page).fill('slow please');
    await box(page).press('Enter');
    await expect(page.locator('.bubble')).toHaveText('slow please');
    await expect(page.locator('.markdown')).toHaveText(ANSWER);
    await expect(page.locator('.bubble')).toHaveCount(1);
    await expect(live(page)).toBeAttached();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    trouble.expectClean();
  });
}

test('on a slow line, an answer that is stopped stays as far as it came, and a reload shows the same', async ({
  page,
}) => {
  const trouble = await watchForTrouble(page);
  await page.goto(server.signInUrl);
  await expect(live(page)).toBeAttached();
  await onSlowLine(page);
  await box(page).fill('slow please');
  await box(page).press('Enter');
  await expect(page.locator('.markdown')).toContainText('This answer');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.locator('.activity')).toHaveCount(0);
  const partial = await page.locator('.markdown').innerText();
  expect(ANSWER.startsWith(partial.trim())).toBe(true);
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('.markdown')).toHaveText(partial);
  trouble.expectClean();
});
