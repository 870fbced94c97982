/** A sign-in that ends under a page, and comes back: on a real server, with several tabs and users. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

/** A browser reports every refused request itself; no page can keep it from doing so. */
const REFUSED = [/WebSocket connection/, /net::ERR_/, /Failed to load resource/];
const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';

let server: RealServer;
test.beforeEach(async () => {
  server = await RealServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });
const ended = (page: Page) => page.getByRole('alert').filter({ hasText: 'Your sign-in has ended' });
const quotes = (page: Page) => page.locator('.markdown blockquote');

async function open(page: Page, url = server.signInUrl) {
  const trouble = await watchForTrouble(page, REFUSED);
  await page.goto(url);
  await expect(live(page)).toBeAttached();
  return trouble;
}

/** Signs the browser in as somebody, whoever was before. */
async function be(context: BrowserContext, user: string): Promise<void> {
  await context.clearCookies();
  await context.addCookies([await server.cookieFor(user)]);
}

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
}

async function menu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /^Account of / }).click();
  await page.getByRole('button', { name: item, exact: true }).click();
}

/** Something a reload would lose. */
const mark = (page: Page) => page.evaluate(() => Object.assign(window, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => 'marked' in window);

test('[R37] signing out leads away, and the page is closed to this browser', async ({ page }) => {
  const trouble = await open(page);
  await menu(page, 'Sign out');
  await expect(page).toHaveURL(/\/chat\/login\?signedOut$/);
  await page.goto(`${server.origin}/chat/`);
  await expect(page).toHaveURL(/\/chat\/login/);
  trouble.expectClean();
});

test('[R37] signed out in another tab, the page stays; signed in there again, it goes on by itself', async ({
  page,
  context,
}) => {
  const trouble = await open(page);
  await say(page, 'first words');
  await expect(quotes(page)).toHaveText(['first words']);
  await mark(page);

  const other = await context.newPage();
  await open(other, `${server.origin}/chat/`);
  await menu(other, 'Sign out');
  await expect(other).toHaveURL(/\/chat\/login/);
  await expect(ended(page)).toBeVisible();
  await expect(page.locator('.bubble')).toHaveText(['first words']);

  await say(page, 'queued words');
  await expect(page.getByText('Will be sent when the connection is back')).toBeVisible();
  await box(page).fill('a draft');
  await other.goto(await server.freshSignInUrl());
  await expect(live(other)).toBeAttached();

  await expect(live(page)).toBeAttached();
  await expect(ended(page)).toHaveCount(0);
  await expect(quotes(page)).toHaveText(['first words', 'queued words']);
  await expect(page.locator('.bubble')).toHaveText(['first words', 'queued words']);
  await expect(box(page)).toHaveValue('a draft');
  expect(await isMarked(page)).toBe(true);
  trouble.expectClean();
});

test('[R37] an answer goes on while its reader is signed out, and no word of it is lost', async ({
  page,
  context,
}) => {
  await open(page);
  await say(page, 'slow please');
  await expect(page.locator('.markdown')).toContainText('This answer');
  const other = await context.newPage();
  await open(other, `${server.origin}/chat/`);
  await menu(other, 'Sign out');
  await expect(ended(page)).toBeVisible();
  await other.goto(await server.freshSignInUrl());
  await expect(page.locator('.activity')).toHaveCount(0, { timeout: 20_000 });
  await expect(page.locator('.markdown')).toContainText(SLOW);
});

test('signed in again in the same tab, it is the same conversation with all that was not sent', async ({
  page,
  context,
}) => {
  const trouble = await open(page);
  await say(page, 'first words');
  await expect(quotes(page)).toHaveText(['first words']);
  const address = page.url();
  expect(address).toContain('#/c/');
  const other = await context.newPage();
  await open(other, `${server.origin}/chat/`);
  await menu(other, 'Sign out');
  await expect(ended(page)).toBeVisible();
  await say(page, 'queued words');
  await box(page).fill('a draft');
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/\/chat\/login/);

  await page.goto(await server.freshSignInUrl());
  await expect(page).toHaveURL(address);
  await expect(box(page)).toHaveValue('a draft');
  await expect(quotes(page)).toHaveText(['first words', 'queued words']);
  await expect(page.locator('.bubble')).toHaveText(['first words', 'queued words']);
  await page.goto(`${server.origin}/chat/`);
  await expect(live(page)).toBeAttached();
  await expect(page).toHaveURL(`${server.origin}/chat/`);
  trouble.expectClean();
});

test('“Sign in in a new tab” opens one, which has nothing to do with this one', async ({
  page,
}) => {
  await open(page);
  await page.context().clearCookies();
  server.proxy.cut();
  await expect(ended(page)).toBeVisible();
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Sign in in a new tab' }).click();
  const popup = await opened;
  await expect(popup).toHaveURL(/\/chat\/login/);
  expect(await popup.evaluate(() => opener)).toBeNull();
});

test('[R36] a sign-in that ended while the line was down is said once the line is back', async ({
  page,
  context,
}) => {
  await open(page);
  const port = server.proxy.target;
  server.proxy.target = null;
  server.proxy.cut();
  await expect(page.getByText('Offline')).toBeVisible();
  await context.clearCookies();
  server.proxy.target = port;
  // By itself: it may come back before anybody could have clicked “Try now”.
  await expect(ended(page)).toBeVisible({ timeout: 20_000 });
});

test('[R36] a sign-in that runs out under the page is said, and a newer one needs no word', async ({
  page,
  context,
}) => {
  await context.addCookies([await server.cookieFor('local', 3_000)]);
  await open(page, `${server.origin}/chat/`);
  await expect(page.getByText('Your sign-in ends soon.')).toBeVisible();
  await expect(ended(page)).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText('Your sign-in ends soon.')).toHaveCount(0);
  await context.addCookies([await server.cookieFor('local', 600_000)]);
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(live(page)).toBeAttached();
  await expect(ended(page)).toHaveCount(0);
});

test('another user who signs in gets nothing of the first’s, who finds all of it again', async ({
  page,
  context,
}) => {
  await be(context, 'alice');
  const trouble = await open(page, `${server.origin}/chat/`);
  await say(page, 'words of alice');
  await expect(quotes(page)).toHaveText(['words of alice']);
  const address = page.url();
  await context.clearCookies();
  server.proxy.cut();
  await expect(ended(page)).toBeVisible();
  await say(page, 'queued by alice');
  await box(page).fill('a draft of alice');
  await mark(page);

  await be(context, 'bob');
  const other = await context.newPage();
  await open(other, `${server.origin}/chat/`);
  await expect(page.getByRole('button', { name: 'Account of bob' })).toBeVisible();
  await expect(live(page)).toBeAttached();
  expect(await isMarked(page)).toBe(false);
  await expect(page).toHaveURL(`${server.origin}/chat/`);
  await expect(page.getByText('alice')).toHaveCount(0);
  await page.goto(address);
  await expect(live(page)).toBeAttached();
  await expect(box(page)).toHaveValue('');
  await expect(page.locator('.bubble')).toHaveCount(0);
  await box(page).fill('a draft of bob');

  await be(context, 'alice');
  await page.reload();
  await expect(box(page)).toHaveValue('a draft of alice');
  await expect(quotes(page)).toHaveText(['words of alice', 'queued by alice']);
  trouble.expectClean();
});

test('[R44] a live page whose browser has become another user’s starts afresh for them', async ({
  page,
  context,
}) => {
  await be(context, 'alice');
  await open(page, `${server.origin}/chat/`);
  await box(page).fill('a draft of alice');
  await be(context, 'bob');
  const other = await context.newPage();
  await open(other, `${server.origin}/chat/`);
  await expect(page.getByRole('button', { name: 'Account of bob' })).toBeVisible();
  await expect(box(page)).toHaveValue('');
});

test('signing out asks what shall become of what is not sent: kept', async ({ page }) => {
  await open(page);
  await box(page).fill('precious');
  await menu(page, 'Sign out');
  const dialog = page.getByRole('dialog', { name: 'Sign out?' });
  await expect(dialog).toContainText('One message you wrote here is not sent.');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Account of / })).toBeFocused();
  await menu(page, 'Sign out');
  await dialog.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/chat\/login/);
  await page.goto(await server.freshSignInUrl());
  await expect(box(page)).toHaveValue('precious');
});

test('signing out asks what shall become of what is not sent: forgotten, in all tabs', async ({
  page,
  context,
}) => {
  await open(page);
  await box(page).fill('secret of one tab');
  const other = await context.newPage();
  // Its prompts get lost on their way.
  await other.routeWebSocket(/\/chat\/ws$/, (ws) => {
    const line = ws.connectToServer();
    ws.onMessage((said) => (String(said).includes('"messages"') ? undefined : line.send(said)));
  });
  await open(other, `${server.origin}/chat/`);
  await say(other, 'secret on its way');
  await expect(box(other)).toHaveValue('');
  await box(other).fill('secret of another tab');
  await menu(page, 'Sign out');
  const dialog = page.getByRole('dialog', { name: 'Sign out?' });
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/chat\/login/);
  await expect(box(other).or(other.getByRole('heading', { name: 'Sign in' }))).toBeVisible();
  await expect(other.getByText('secret')).toHaveCount(0);
  for (const tab of [page, other]) {
    const kept = await tab.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    );
    expect(kept).not.toContain('secret');
  }
});

test('[R37] “Sign out everywhere” asks once, and ends what other browsers have', async ({
  page,
  browser,
}) => {
  const elsewhere = await browser.newContext();
  const far = await elsewhere.newPage();
  await open(far);
  await open(page, await server.freshSignInUrl());
  await menu(page, 'Sign out everywhere…');
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  await expect(dialog).toContainText('signed in as local');
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page).toHaveURL(/\/chat\/login\?signedOut$/);
  await expect(ended(far)).toBeVisible();
  await elsewhere.close();
});

test('[R37] the list tells devices in words, and ends one of them', async ({ page, browser }) => {
  const elsewhere = await browser.newContext({
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  });
  const far = await elsewhere.newPage();
  await open(far);
  await open(page, await server.freshSignInUrl());
  await menu(page, 'Signed-in devices…');
  const dialog = page.getByRole('dialog', { name: 'Signed-in devices' });
  const rows = dialog.getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: 'This device' })).toHaveCount(1);
  await expect(rows.filter({ hasText: 'This device' }).getByRole('button')).toHaveCount(0);
  const firefox = rows.filter({ hasText: 'Firefox on Linux' });
  await expect(firefox).toContainText(/Last used just now Signed in today at/);
  await dialog
    .getByRole('button', { name: 'Sign out Firefox on Linux, last used just now' })
    .press('Enter');
  await expect(rows).toHaveCount(1);
  await expect(dialog).toContainText('You are signed in nowhere else.');
  await expect(dialog.getByRole('status')).toHaveText('Firefox on Linux is signed out.');
  await expect(dialog.getByRole('button', { name: 'Close' })).toBeFocused();
  await expect(ended(far)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Account of / })).toBeFocused();
  await expect(live(page)).toBeAttached();
  await elsewhere.close();
});
