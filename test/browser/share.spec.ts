/** A conversation shared by a link: its owner and its reader in two browsers, on a real server. */
import {
  type Browser,
  type BrowserContextOptions,
  expect,
  type Page,
  test,
} from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';
const PHONE = { width: 390, height: 844 };
const UNKNOWN = 'A'.repeat(43);

// Two browsers and a server start for each test.
test.describe.configure({ timeout: 120_000 });

let server: RealServer;
test.beforeEach(async () => {
  server = await RealServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const quotes = (page: Page) => page.locator('.markdown blockquote');
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Share this conversation' });
const banner = (page: Page) => page.getByText('Read-only: shared by alice');
const withdrawn = (page: Page) =>
  page.getByRole('alert').filter({ hasText: 'is no longer shared' });

/** A page of a browser of their own. @param user Null: nobody is signed in there. */
async function somebody(browser: Browser, user: string | null, options?: BrowserContextOptions) {
  const context = await browser.newContext(options);
  if (user !== null) await context.addCookies([await server.cookieFor(user)]);
  const page = await context.newPage();
  return { page, context, trouble: await watchForTrouble(page) };
}

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
}

/** Alice at a conversation of hers in which something was said. */
async function alice(browser: Browser, text: string) {
  const owner = await somebody(browser, 'alice');
  await owner.page.goto(`${server.origin}/chat/`);
  await say(owner.page, text);
  await expect(quotes(owner.page)).toHaveText([text]);
  return owner;
}

async function openDialog(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^More for / }).click();
  await page.getByRole('button', { name: 'Share…' }).click();
  await expect(dialog(page)).toBeVisible();
}

/** @returns The link. */
async function makeLink(page: Page): Promise<string> {
  await openDialog(page);
  await dialog(page).getByRole('button', { name: 'Create link' }).click();
  const link = dialog(page).getByRole('textbox', { name: 'Link to this conversation' });
  await expect(link).toHaveValue(/\/chat\/shared#[\w-]{43}$/);
  return link.inputValue();
}

/** Somebody who is signed in opens a link. */
async function read(browser: Browser, link: string, user: string, options?: BrowserContextOptions) {
  const reader = await somebody(browser, user, options);
  await reader.page.goto(link);
  await expect(reader.page.locator('.shared-banner')).toBeVisible();
  await expect(quotes(reader.page).first()).toBeVisible();
  return reader;
}

/** All the texts that the newest answer had, as they came. */
function collectTexts(page: Page): Promise<void> {
  return page.evaluate(() => {
    const texts: string[] = [];
    Object.assign(window, { texts });
    new MutationObserver(() => {
      const said = [...document.querySelectorAll('.markdown')].at(-1)?.textContent?.trim() ?? '';
      if (said !== texts.at(-1)) texts.push(said);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

async function expectNothingToPress(page: Page): Promise<void> {
  await expect(page.getByRole('textbox')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /Stop|Allow|Deny|Send|Edit|Retry/ })).toHaveCount(
    0,
  );
}

/** Alice has said something, shared it, and put the dialog away. */
async function shared(browser: Browser, words: string) {
  const owner = await alice(browser, words);
  const link = await makeLink(owner.page);
  await owner.page.keyboard.press('Escape');
  return { owner, link };
}

test('[LK7] an answer from before the withdrawal does not show the link again', async ({
  browser,
}) => {
  const { page, context, trouble } = await alice(browser, 'soon withdrawn');
  await makeLink(page);
  const held: (() => void)[] = [];
  await page.route('**/share', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    await new Promise<void>((resolve) => held.push(resolve));
    await route.fulfill({ response });
  });
  await expect.poll(() => held.length, { timeout: 15_000 }).toBe(1); // it looks by itself who reads along
  await dialog(page).getByRole('button', { name: 'Withdraw' }).click();
  const create = dialog(page).getByRole('button', { name: 'Create link' });
  await expect(create).toBeVisible();
  const told = page.waitForResponse((answer) => answer.request().method() === 'GET');
  for (const release of held) release();
  await (await told).finished();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  await expect(create).toBeVisible({ timeout: 1 });
  trouble.expectClean();
  await page.unrouteAll({ behavior: 'ignoreErrors' }); // it looks again, and the server goes
  await context.close();
});

test('[LK9] a reader signs in on the way, lands at the conversation, and sees it live', async ({
  browser,
}) => {
  const { owner, link } = await shared(browser, 'words of alice');
  await expect(dialog(owner.page)).toHaveCount(0);

  const reader = await somebody(browser, null);
  await reader.page.goto(link);
  await expect(reader.page).toHaveURL(/\/chat\/login/);
  await reader.page.goto(server.signInUrl);
  await expect(banner(reader.page)).toBeVisible();
  await expect(reader.page).toHaveURL(/\/chat\/#\/shared\/[\w-]{43}$/);
  await expect(reader.page.getByRole('heading', { level: 1 })).toHaveText('words of alice');
  await expect(quotes(reader.page)).toHaveText(['words of alice']);
  await expect(live(reader.page)).toBeAttached();

  await collectTexts(reader.page);
  await say(owner.page, 'slow please');
  await expect(reader.page.locator('.bubble')).toHaveText(['words of alice', 'slow please']);
  await expect(reader.page.locator('.markdown').last()).toHaveText(SLOW);
  const texts = await reader.page.evaluate(() => (window as unknown as { texts: string[] }).texts);
  const parts = texts.filter((text) => text !== '' && text !== SLOW && SLOW.startsWith(text));
  expect(parts.length, texts.join('\n')).toBeGreaterThan(3);
  await expectNothingToPress(reader.page);
  owner.trouble.expectClean();
  reader.trouble.expectClean();
});

test('[LK4] a reader has no composer, no stop and no approvals, and is told that it waits', async ({
  browser,
}) => {
  const { owner, link } = await shared(browser, 'first words');
  const reader = await read(browser, link, 'bob');
  await say(owner.page, 'a tool please');
  await expect(owner.page.getByRole('region', { name: 'Approval' })).toBeVisible();
  await expect(reader.page.getByText('alice is asked for approval: Bash')).toBeVisible();
  await expectNothingToPress(reader.page);
  await expectAccessible(reader.page);
  await owner.page
    .getByRole('button', { name: /^Allow/ })
    .first()
    .click();
  await expect(reader.page.getByText('There are two files')).toBeVisible();
  await expect(reader.page.getByText('alice is asked for approval')).toHaveCount(0);
  reader.trouble.expectClean();
});

test('[LK2] a reader who reloads in the middle of an answer goes on, and no word is lost', async ({
  browser,
}) => {
  const { owner, link } = await shared(browser, 'first words');
  const reader = await read(browser, link, 'bob');
  await say(owner.page, 'slow please');
  await expect(reader.page.locator('.markdown').last()).toContainText('This answer');
  await reader.page.reload();
  await expect(banner(reader.page)).toBeVisible();
  await expect(reader.page.locator('.markdown').last()).toHaveText(SLOW);
  await expect(reader.page.locator('.bubble')).toHaveText(['first words', 'slow please']);
  reader.trouble.expectClean();
});

test('[LK2] a reader whose line is cut comes back by itself', async ({ browser }) => {
  const { owner, link } = await shared(browser, 'first words');
  const reader = await read(browser, link, 'bob');
  await expect(live(reader.page)).toBeAttached();
  server.proxy.cut();
  await expect(live(owner.page)).toBeAttached();
  await say(owner.page, 'later words');
  await expect(quotes(reader.page)).toHaveText(['first words', 'later words']);
  await expect(reader.page.locator('.bubble')).toHaveText(['first words', 'later words']);
});

test('[LK3] [LK7] its owner sees who reads, withdraws the link, and the reader is told at once', async ({
  browser,
}) => {
  const owner = await alice(browser, 'words of alice');
  const link = await makeLink(owner.page);
  await expect(dialog(owner.page)).toContainText('Nobody has opened it yet.');
  const reader = await read(browser, link, 'bob');
  const readers = dialog(owner.page).getByRole('list', { name: 'Who opened it' });
  await expect(reader.page).toHaveTitle('words of alice');
  await expect(readers).toContainText('bob');
  await expect(readers).toContainText('watching now');
  await expect(dialog(owner.page)).toContainText('One person is watching now.');

  await dialog(owner.page).getByRole('button', { name: 'Withdraw link' }).click();
  await expect(withdrawn(reader.page)).toBeVisible();
  await expect(reader.page.getByText('words of alice')).toHaveCount(0);
  await expect(reader.page).toHaveTitle('Greenroom');
  await expect(banner(reader.page)).toHaveCount(0);
  await expectAccessible(reader.page);
  await expect(dialog(owner.page).getByRole('button', { name: 'Create link' })).toBeVisible();
  await reader.page.reload();
  await expect(reader.page.getByRole('alert')).toContainText('This link does not work');
  await reader.page.getByRole('link', { name: 'Your chats' }).click();
  await expect(box(reader.page)).toBeVisible();
  owner.trouble.expectClean();
  reader.trouble.expectClean();
});

test('[LK1] a link is shown once; a new one takes its place', async ({ browser }) => {
  const owner = await alice(browser, 'words of alice');
  const link = await makeLink(owner.page);
  const reader = await read(browser, link, 'bob');
  await owner.page.keyboard.press('Escape');
  await openDialog(owner.page);
  await expect(dialog(owner.page)).toContainText('Shared since');
  await expect(dialog(owner.page).getByRole('textbox')).toHaveCount(0);
  await dialog(owner.page).getByText('Need the link again?').click();
  await dialog(owner.page).getByRole('button', { name: 'Create a new link' }).click();
  await expect(dialog(owner.page).getByRole('textbox')).not.toHaveValue(link);
  await expect(withdrawn(reader.page)).toBeVisible();
});

test('[LK7] a link that nobody knows says so', async ({ browser }) => {
  const reader = await somebody(browser, 'bob');
  for (const id of [UNKNOWN, 'cut-short']) {
    await reader.page.goto(`${server.origin}/chat/shared#${id}`);
    await expect(reader.page).toHaveURL(`${server.origin}/chat/#/shared/${id}`);
    await expect(reader.page.getByRole('alert')).toContainText('This link does not work');
    await expect(reader.page.getByRole('alert')).toContainText('Ask whoever sent it to you');
  }
  reader.trouble.expectClean();
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`the dialog and the reader’s page are for everybody, wide and at 390 px, ${colorScheme}`, async ({
    browser,
  }) => {
    const owner = await alice(browser, 'first words');
    await owner.page.emulateMedia({ colorScheme });
    const link = await makeLink(owner.page);
    const reader = await read(browser, link, 'bob', { colorScheme });
    await expect(dialog(owner.page)).toContainText('watching now');
    for (const { page } of [owner, reader]) {
      await expectAccessible(page);
      await page.setViewportSize(PHONE);
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    }
  });

test('the dialog and the reader’s page speak German', async ({ browser }) => {
  const owner = await alice(browser, 'erste Worte');
  const link = await makeLink(owner.page);
  await owner.page.evaluate(() => localStorage.setItem('greenroom:language', 'de'));
  await owner.page.reload();
  const reader = await read(browser, link, 'bob', { locale: 'de-DE' });
  await expect(reader.page.getByText('Nur zum Lesen: geteilt von alice')).toBeVisible();
  await owner.page.locator('.row-more').click();
  await owner.page.getByRole('button', { name: 'Teilen …' }).click();
  const teilen = owner.page.getByRole('dialog', { name: 'Diese Unterhaltung teilen' });
  await expect(teilen).toContainText('Gerade schaut eine Person zu.');
  await teilen.getByRole('button', { name: 'Link zurückziehen' }).click();
  await expect(reader.page.getByRole('alert')).toContainText('wird nicht mehr geteilt');
});

test('[LK8] who opened too many links that do not work is told that, and not that this one does not', async ({
  browser,
}) => {
  const reader = await somebody(browser, 'eve');
  const guess = (nth: number) =>
    reader.page.request.post(`${server.origin}/chat/api/shared/messages`, {
      headers: { Origin: server.origin },
      data: { share: String(nth).padStart(43, 'g'), before: '1.1' },
    });
  for (let nth = 0; nth < 20; nth += 1) expect((await guess(nth)).status()).toBe(404);
  expect((await guess(20)).status()).toBe(429);
  await reader.page.goto(`${server.origin}/chat/#/shared/${UNKNOWN}`);
  const told = reader.page.getByRole('alert');
  await expect(told).toContainText('Too many links that do not work');
  await expect(told).toContainText('tries again by itself');
  await expectAccessible(reader.page);
});
