/** A page over a restart of its server: same port, same data directory, a new process. */
import { expect, type Page, test } from '@playwright/test';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';
/** While no server is there, the browser reports each try; no page can keep it from doing so. */
const NO_SERVER = [/WebSocket connection/, /net::ERR_/, /Failed to load resource/];

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });

async function spoken(page: Page): Promise<string> {
  const texts = await page.locator('.markdown').allTextContents();
  return texts.join(' ').split(/\s+/).filter(Boolean).join(' ');
}

test('[R23] over a restart of the server a page loses no word, no draft and no prompt', async ({
  page,
}) => {
  const server = await RealServer.start();
  try {
    const trouble = await watchForTrouble(page, NO_SERVER);
    await page.goto(server.signInUrl);
    await expect(live(page)).toBeAttached();
    await box(page).fill('slow please');
    await box(page).press('Enter');
    await expect(page.locator('.markdown')).toContainText('This answer');

    const restarted = server.restart();
    await expect(page.getByText('The server is about to restart.')).toBeVisible();
    await box(page).fill('sent too late');
    await box(page).press('Enter');
    await box(page).fill('a draft');
    await expect(page.locator('.bubble')).toHaveText(['slow please', 'sent too late']);
    await restarted;

    await expect(page.locator('blockquote')).toHaveText('sent too late');
    await expect(page.locator('.activity')).toHaveCount(0, { timeout: 20_000 });
    expect((await spoken(page)).startsWith(`${SLOW} This is the demo agent.`)).toBe(true);
    await expect(page.locator('.bubble')).toHaveText(['slow please', 'sent too late']);
    await expect(box(page)).toHaveValue('a draft');
    await expect(page.getByText(/server (is about to|is) restart/)).toHaveCount(0);
    trouble.expectClean();
  } finally {
    await server.stop();
  }
});

test('[R23] an idle page is back within seconds of a restart, by itself', async ({ page }) => {
  const server = await RealServer.start();
  try {
    const trouble = await watchForTrouble(page, NO_SERVER);
    await page.goto(server.signInUrl);
    await expect(live(page)).toBeAttached();
    const down = live(page)
      .waitFor({ state: 'detached' })
      .then(() => performance.now());
    const restarted = server.restart();
    const goneAt = await down;
    await restarted;
    await expect(live(page)).toBeAttached();
    test.info().annotations.push({
      type: 'gap',
      description: `${Math.round(performance.now() - goneAt)} ms`,
    });
    console.log(`gap over a restart: ${Math.round(performance.now() - goneAt)} ms`);
    trouble.expectClean();
  } finally {
    await server.stop();
  }
});
