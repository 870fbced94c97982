/** Finding a conversation again: groups, search, marks, and what is done in the list, with a mouse and by keys alone. */
import { readFile } from 'node:fs/promises';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { ConversationView } from '../../src/transport/views.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { answerApi } from './support/api.ts';
import { RealServer } from './support/real-server.ts';
import { ORIGIN, ScriptedServer } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const DAY = 86_400_000;
const PHONE = { width: 390, height: 844 };

const nav = (page: Page) => page.getByRole('navigation', { name: 'Conversations' });
const row = (page: Page, title: string) => page.locator('.conversation-row', { hasText: title });
const link = (page: Page, title: string) => row(page, title).getByRole('link');
const titles = (page: Page) => page.locator('.row-title');
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const idle = (page: Page) => expect(page.locator('.activity')).toHaveCount(0);

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
  await expect(page.locator('.bubble').last()).toHaveText(text);
}

async function choose(page: Page, title: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `More for “${title}”` }).click();
  await page.getByRole('button', { name: action, exact: true }).click();
}

test.describe('on a list of many days', () => {
  const view = (threadId: string, days: number, rest: Partial<ConversationView> = {}) => {
    const at = Date.now() - days * DAY;
    return {
      ...{ threadId, title: threadId, createdAt: at, updatedAt: at, endedAt: at },
      ...{ activity: null, forkedFrom: null, pinned: false, ...rest },
    };
  };

  /** A page whose list is this; what is asked of one of them is answered by `patched`. */
  async function listed(page: Page, conversations: ConversationView[], patched?: object) {
    const trouble = await watchForTrouble(page, [/409/]);
    const server = await ScriptedServer.start(page);
    await answerApi(page, 'conversations?*', (route) =>
      route.fulfill({ json: { conversations, before: null } }),
    );
    await answerApi(page, 'conversations/*', (route) =>
      route.request().method() === 'PATCH'
        ? route.fulfill(patched ?? { status: 404, json: {} })
        : route.fallback(),
    );
    await page.goto(`${ORIGIN}/chat/`);
    await expect(titles(page)).toHaveCount(conversations.length);
    return { server, trouble };
  }

  const ALL = [
    view('kept', 50, { pinned: true }),
    view('now', 0),
    view('before', 1),
    view('last-week', 4),
    view('last-month', 12),
    view('long-ago', 100),
  ];
  const month = (locale: string) =>
    new Date(Date.now() - 100 * DAY).toLocaleDateString(locale, { month: 'long', year: 'numeric' });

  test('they stand in groups by day, pinned ones first', async ({ page }) => {
    const { trouble } = await listed(page, ALL);
    const days = nav(page).getByRole('heading');
    await expect(days).toHaveText([
      ...['Pinned', 'Today', 'Yesterday', 'Previous 7 days', 'Previous 30 days', month('en')],
    ]);
    await expect(nav(page).getByRole('region', { name: 'Pinned' })).toContainText('kept');
    trouble.expectClean();
  });

  test.describe('in German', () => {
    test.use({ locale: 'de-DE' });
    test('every word of the list is, months too', async ({ page }) => {
      const refused = { status: 409, json: { fault: 'pin.tooMany', message: 'English' } };
      const { trouble } = await listed(page, ALL, refused);
      const list = page.getByRole('navigation', { name: 'Unterhaltungen' });
      await expect(list.getByRole('heading')).toHaveText([
        ...['Angeheftet', 'Heute', 'Gestern', 'Letzte 7 Tage', 'Letzte 30 Tage', month('de')],
      ]);
      await expect(
        page.getByRole('searchbox', { name: 'Unterhaltungen durchsuchen' }),
      ).toBeVisible();
      await page.getByRole('button', { name: 'Mehr zu „now“' }).click();
      await expect(page.locator('.menu:popover-open > *')).toHaveText([
        ...['Umbenennen', 'Anheften', /teilen/i, 'Als Markdown exportieren'],
        ...['Als JSON exportieren', 'Als NDJSON exportieren', 'Löschen'],
      ]);
      await page.getByRole('button', { name: 'Anheften', exact: true }).click();
      await expect(page.locator('.toast')).toContainText(/Lösen Sie.*eine davon/);
      trouble.expectClean();
    });
  });

  test('one pinned too many is said, and stays where it was', async ({ page }) => {
    const refused = { status: 409, json: { fault: 'pin.tooMany', message: 'No' } };
    await listed(page, ALL, refused);
    await choose(page, 'before', 'Pin');
    await expect(page.locator('.toast')).toContainText('Unpin one first.');
    await expect(nav(page).getByRole('region', { name: 'Yesterday' })).toContainText('before');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect(page.locator('.toast')).toHaveCount(0);
  });

  test('keys alone: one stop for Tab, arrows, Home and End from there, Escape leaves the search', async ({
    page,
  }) => {
    const { trouble } = await listed(page, ALL);
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await search.focus();
    await page.keyboard.press('Tab');
    await expect(link(page, 'kept')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect(link(page, 'before')).toBeFocused();
    await page.keyboard.press('End');
    await expect(link(page, 'long-ago')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(link(page, 'long-ago')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(link(page, 'last-month')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: 'More for “last-month”' })).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Home');
    await expect(link(page, 'kept')).toBeFocused();
    await expect(page.locator('.conversation-row > a[tabindex="0"]')).toHaveCount(1);
    await page.keyboard.press('Shift+Tab');
    await expect(search).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(link(page, 'kept')).toBeFocused();
    await search.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/#\/c\/long-ago$/);
    trouble.expectClean();
  });

  test('titles are read in the direction of their letters', async ({ page }) => {
    await listed(page, [view('t1', 0, { title: 'مراجعة الشيفرة' }), view('t2', 0)]);
    await expect(titles(page).nth(0)).toHaveCSS('direction', 'rtl');
    await expect(titles(page).nth(1)).toHaveCSS('direction', 'ltr');
  });
});

test.describe('on a real server', () => {
  let server: RealServer;
  test.beforeEach(async () => {
    server = await RealServer.start({ CHAT_TITLES: 'prompt' });
  });
  test.afterEach(async () => {
    await server.stop();
  });

  async function start(page: Page, ...said: string[]) {
    const trouble = await watchForTrouble(page);
    await page.goto(server.signInUrl);
    await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
    for (const text of said) {
      await page.getByRole('button', { name: 'New chat' }).first().click();
      await say(page, text);
      await expect(page.locator('.markdown blockquote')).toHaveText(text);
      await idle(page);
    }
    return trouble;
  }

  async function anotherTab(context: BrowserContext): Promise<Page> {
    const tab = await context.newPage();
    await tab.goto(`${server.origin}/chat/`);
    await expect(titles(tab).first()).toBeVisible();
    return tab;
  }

  test('a search finds what was said, and leads to it; keys go through what was found', async ({
    page,
  }) => {
    const trouble = await start(page, 'red apples', 'green pears');
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await search.pressSequentially('apples');
    await expect(nav(page).getByRole('status')).toHaveText('One conversation');
    await expect(page.locator('.match mark').first()).toHaveText('apples');
    await search.press('ArrowDown');
    await expect(page.locator('.found-title')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(page.locator('.match').first()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('[data-message].found')).toContainText('apples');
    await search.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(search).toBeFocused();
    await expect(search).toHaveValue('');
    await search.fill('bananas');
    await expect(nav(page).getByRole('status')).toHaveText('Nothing found.');
    trouble.expectClean();
  });

  test('what is pinned stays on top, in the other tab too, and over a reload', async ({
    page,
    context,
  }) => {
    const trouble = await start(page, 'red apples', 'green pears');
    const other = await anotherTab(context);
    await expect(titles(other)).toHaveText(['green pears', 'red apples']);
    await choose(page, 'red apples', 'Pin');
    await expect(link(page, 'red apples')).toBeFocused();
    for (const tab of [page, other]) {
      await expect(titles(tab)).toHaveText(['red apples', 'green pears']);
      await expect(nav(tab).getByRole('heading')).toHaveText(['Pinned', 'Today']);
    }
    await page.reload();
    await expect(titles(page)).toHaveText(['red apples', 'green pears']);
    await choose(other, 'red apples', 'Unpin');
    for (const tab of [page, other])
      await expect(titles(tab)).toHaveText(['green pears', 'red apples']);
    trouble.expectClean();
  });

  test('F2 renames, Delete deletes, Ctrl+Z and the button undo it; the other tab follows', async ({
    page,
    context,
  }) => {
    const trouble = await start(page, 'red apples', 'green pears', 'blue plums');
    const other = await anotherTab(context);
    await link(page, 'green pears').focus();
    await page.keyboard.press('F2');
    await expect(page.getByRole('textbox', { name: 'New title' })).toBeFocused();
    await page.keyboard.type('ripe pears');
    await page.keyboard.press('Enter');
    await expect(link(page, 'ripe pears')).toBeFocused();
    await expect(titles(other)).toHaveText(['blue plums', 'ripe pears', 'red apples']);

    await page.keyboard.press('Delete');
    await expect(link(page, 'red apples')).toBeFocused();
    await expect(page.locator('.toast')).toContainText('ripe pears');
    await expect(titles(other)).toHaveText(['blue plums', 'red apples']);
    await page.keyboard.press('Control+z');
    await expect(link(page, 'ripe pears')).toBeFocused();
    await expect(titles(other)).toHaveText(['blue plums', 'ripe pears', 'red apples']);

    await page.keyboard.press('Delete');
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect(link(page, 'ripe pears')).toBeFocused();
    await expect(titles(page)).toHaveText(['blue plums', 'ripe pears', 'red apples']);
    trouble.expectClean();
  });

  test('a conversation is saved as a file', async ({ page }) => {
    const trouble = await start(page, 'red apples');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      (async () => {
        await page.getByRole('button', { name: 'More for “red apples”' }).click();
        await page.getByRole('link', { name: 'Export as Markdown' }).click();
      })(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.md$/);
    expect(await readFile(await download.path(), 'utf8')).toContain('red apples');
    trouble.expectClean();
  });

  test('one at work has a mark, and another once it is done, until it is looked at', async ({
    page,
    context,
  }) => {
    const trouble = await start(page, 'red apples');
    const other = await anotherTab(context);
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await say(page, 'something slow');
    await link(page, 'red apples').click();
    await expect(link(page, 'something slow')).toHaveAccessibleName(
      'something slow (Claude is working)',
    );
    await expect(page).toHaveTitle('red apples · Greenroom');
    await expect(link(page, 'something slow')).toHaveAccessibleName(
      'something slow (New answer, not read yet)',
    );
    for (const tab of [page, other]) await expect(tab).toHaveTitle(/^\(1\) /);
    await expect(row(other, 'something slow').locator('.row-mark.unread')).toBeVisible();
    await page.reload();
    await expect(row(page, 'something slow').locator('.row-mark.unread')).toBeVisible();
    await link(other, 'something slow').click();
    for (const tab of [page, other]) await expect(tab.locator('.row-mark')).toHaveCount(0);
    await expect(page).toHaveTitle('red apples · Greenroom');
    trouble.expectClean();
  });

  test('one that waits for an approval says so, in the list and in the tab', async ({ page }) => {
    const trouble = await start(page, 'red apples');
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await say(page, 'use a tool');
    await expect(page).toHaveTitle(/^\(!\) Approve\? – /);
    await link(page, 'red apples').click();
    await expect(link(page, 'use a tool')).toHaveAccessibleName(
      'use a tool (Claude needs your answer)',
    );
    await expect(
      page.getByText('Claude needs your answer in “\u2068use a tool\u2069”'),
    ).toBeAttached();
    await expect(page).toHaveTitle('(1) red apples · Greenroom');
    await expect(page.locator('link[rel="icon"]')).toHaveAttribute('href', /asking/);
    await link(page, 'use a tool').click();
    await expect(page).toHaveTitle(/^\(!\) Approve\? – /);
    trouble.expectClean();
  });

  test('another browser of the same user does not know what was read here', async ({
    page,
    browser,
  }) => {
    await start(page, 'red apples');
    const context = await browser.newContext();
    await context.addCookies([await server.cookieFor('local')]);
    const elsewhere = await anotherTab(context);
    await expect(elsewhere.locator('.row-mark')).toHaveCount(0); // what was there is not new
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await say(page, 'green pears');
    await idle(page);
    await expect(row(elsewhere, 'green pears').locator('.row-mark.unread')).toBeVisible();
    await expect(page.locator('.row-mark')).toHaveCount(0);
    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    test(`on a phone, ${colorScheme}: marks, menu and toast are in reach and without barriers`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const trouble = await start(page, 'red apples', 'green pears');
      await page.getByRole('button', { name: 'New chat' }).first().click();
      await say(page, 'use a tool');
      await expect(page).toHaveTitle(/^\(!\)/);
      await page.setViewportSize(PHONE);
      await page.locator('.sidebar-button').click();
      const drawer = page.getByRole('dialog', { name: 'Conversations' });
      await expect(drawer).toBeVisible();
      await expect(row(page, 'use a tool').locator('.row-mark.asking')).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.screenshot({ path: `test-results/finding/phone-${colorScheme}.png` });
      await choose(page, 'red apples', 'Delete');
      await expect(page.locator('.toast')).toContainText('red apples');
      await expect(link(page, 'green pears')).toBeFocused();
      await expectAccessible(page);
      await page.screenshot({ path: `test-results/finding/phone-${colorScheme}-toast.png` });
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(row(page, 'red apples')).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(drawer).toHaveCount(0);
      trouble.expectClean();
    });
});
