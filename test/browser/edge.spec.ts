/** A page behind the deployed edge: TLS, its cookie, and a server that goes while another waits to follow. */
import { expect, type Page, test } from '@playwright/test';
import { caddyIsMissing } from '../support/caddy.ts';
import { Deployment } from '../support/deployment.ts';
import { watchForTrouble } from './support/watch.ts';

const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';
/** While no server is ready, the browser reports each try; no page can keep it from doing so. */
const NO_SERVER = [/WebSocket connection/, /net::ERR_/, /Failed to load resource/];

test.use({ ignoreHTTPSErrors: true });

let deployment: Deployment;
test.beforeEach(async ({ context }, info) => {
  const missing = caddyIsMissing();
  info.skip(missing !== null, missing ?? '');
  deployment = await Deployment.start();
  await context.addCookies([
    { ...(await deployment.session('alice')), url: deployment.edge.origin, secure: true },
  ]);
});
test.afterEach(() => deployment?.stop());

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });

async function spoken(page: Page): Promise<string> {
  const texts = await page.locator('.markdown').allTextContents();
  return texts.join(' ').split(/\s+/).filter(Boolean).join(' ');
}

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
}

test('[R23] an answer streams through TLS, and goes on to its end while the server hands over to the next', async ({
  page,
}) => {
  const trouble = await watchForTrouble(page, NO_SERVER);
  await page.goto(`${deployment.edge.origin}/chat/`);
  await expect(live(page)).toBeAttached();
  await say(page, 'slow please');
  await expect(page.locator('.markdown')).toContainText('This answer');
  expect(await deployment.first.end('SIGTERM')).toBe(0);
  await deployment.next.serving();

  await expect(live(page)).toBeAttached({ timeout: 20_000 });
  expect(await spoken(page)).toBe(SLOW);
  await say(page, 'and now');
  await expect(page.locator('blockquote')).toHaveText('and now', { timeout: 20_000 });
  expect((await spoken(page)).startsWith(SLOW)).toBe(true);
  trouble.expectClean();
});
