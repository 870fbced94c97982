import { expect, type Page, test } from '@playwright/test';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

let server: RealServer;
test.beforeEach(async () => {
  server = await RealServer.start({ CHAT_TITLES: 'prompt' });
});
test.afterEach(async () => {
  await server.stop();
});

const row = (page: Page, title: string) =>
  page.locator('.conversation-row').filter({ hasText: title });

/** A signed-in page with one finished conversation, named by its prompt. */
async function withConversation(page: Page, title: string) {
  const trouble = await watchForTrouble(page);
  await page.goto(server.signInUrl);
  const box = page.getByRole('textbox', { name: 'Message to Claude' });
  await box.fill(title);
  await box.press('Enter');
  await expect(page.locator('.markdown blockquote')).toHaveText(title);
  await expect(page.locator('.activity')).toHaveCount(0);
  return trouble;
}

async function choose(page: Page, title: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `More for “${title}”` }).click();
  await page.getByRole('button', { name: action, exact: true }).click();
}

test('the menu stands beside its button, and Escape closes it', async ({ page }) => {
  const trouble = await withConversation(page, 'red apples');
  const more = page.getByRole('button', { name: 'More for “red apples”' });
  await more.click();
  const menu = page.locator('.menu:popover-open');
  await expect(menu).toBeVisible();
  const [anchor, place] = [await more.boundingBox(), await menu.boundingBox()];
  expect(Math.abs(place!.y - (anchor!.y + anchor!.height))).toBeLessThan(8);
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  trouble.expectClean();
});

test('a new title is typed at once over the old one; Enter keeps it, Escape does not', async ({
  page,
}) => {
  const trouble = await withConversation(page, 'red apples');
  await choose(page, 'red apples', 'Rename');
  const title = page.getByRole('textbox', { name: 'New title' });
  await expect(title).toBeFocused();
  await page.keyboard.type('green pears');
  await page.keyboard.press('Enter');
  await expect(title).toHaveCount(0);
  await expect(row(page, 'green pears')).toBeVisible();
  await choose(page, 'green pears', 'Rename');
  await expect(title).toHaveValue('green pears');
  await expect(title).toBeFocused(); // the second time, too
  await page.keyboard.type('blue plums');
  await page.keyboard.press('Escape');
  await expect(row(page, 'green pears')).toBeVisible();
  await page.reload();
  await expect(row(page, 'green pears')).toBeVisible();
  trouble.expectClean();
});

test('a search finds what was said, and Escape empties it', async ({ page }) => {
  const trouble = await withConversation(page, 'red apples');
  const search = page.getByRole('searchbox', { name: 'Search conversations' });
  await search.pressSequentially('apples');
  await expect(page.locator('.sidebar-body mark').first()).toHaveText('apples');
  await search.press('Escape');
  await expect(search).toHaveValue('');
  await expect(row(page, 'red apples')).toBeVisible();
  trouble.expectClean();
});

test('what is deleted can be had back', async ({ page }) => {
  const trouble = await withConversation(page, 'red apples');
  await choose(page, 'red apples', 'Delete');
  await expect(row(page, 'red apples')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'red apples')).toBeVisible();
  await expect(page.locator('.bubble')).toHaveText(['red apples']);
  trouble.expectClean();
});

test('on a phone the sidebar is a dialog: Escape, a click beside it and a choice close it', async ({
  page,
}) => {
  await page.setViewportSize({ width: 600, height: 844 });
  const trouble = await withConversation(page, 'red apples');
  const opener = page.locator('.sidebar-button');
  const drawer = page.getByRole('dialog', { name: 'Conversations' });
  await opener.click();
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await opener.click();
  await expect(drawer).toBeVisible();
  await page.mouse.click(590, 400);
  await expect(drawer).toHaveCount(0);
  await opener.click();
  await row(page, 'red apples').getByRole('link').click();
  await expect(drawer).toHaveCount(0);
  trouble.expectClean();
});
