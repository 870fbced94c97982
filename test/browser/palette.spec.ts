/** The palette and the keyboard help: by keys alone, by mouse, by finger; and where the server is slow, away or wrong. */
import { expect, type Page, type Route, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { FOUND, openWithPalette } from './support/palette-chat.ts';
import { RealServer } from './support/real-server.ts';
import { started, text } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search and commands' });
const box = (page: Page) =>
  page.getByRole('combobox', { name: 'Search conversations and commands' });
const options = (page: Page) => palette(page).getByRole('option');
const active = (page: Page) => palette(page).locator('[role=option][aria-selected=true]');
const composer = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const nothing = (route: Route) => route.fulfill({ json: { conversations: [], before: null } });

async function summon(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(box(page)).toBeFocused();
}

/** What a screen reader is told of the active option: it is the one the box names. */
async function expectActive(page: Page, name: RegExp | string): Promise<void> {
  await expect(active(page)).toContainText(name);
  await expect(active(page)).toHaveId(
    (await box(page).getAttribute('aria-activedescendant')) ?? '',
  );
}

test('Ctrl-K opens it over the page, Escape and Ctrl-K close it, and the focus is back', async ({
  page,
}) => {
  const { server, trouble } = await openWithPalette(page);
  server.keep(started('r1', [{ id: 'u:r1', role: 'user', content: 'Go' }]), ...text('a', 'Here'));
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await composer(page).fill('half a thought');
  await summon(page);
  await expect(options(page).first()).toContainText('Rename photos by date');
  await expectActive(page, 'Rename photos by date');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(palette(page)).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await summon(page);
  await page.keyboard.press('Escape');
  await summon(page); // at once: the one that closes does not take this one along
  await page.keyboard.press('Control+k');
  await expect(palette(page)).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await expect(composer(page)).toHaveValue('half a thought');
  // The Escape that closed it did not stop the answer as well.
  expect(server.said.filter(({ type }) => type === 'abort')).toEqual([]);
  trouble.expectClean();
});

test('⌘-K and Ctrl-K that are somebody else’s are left alone', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'platform', { value: 'MacIntel' });
  });
  const { trouble } = await openWithPalette(page);
  await composer(page).fill('one two');
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+k'); // kills the line in every text field of a Mac
  await expect(palette(page)).toHaveCount(0);
  await page.keyboard.press('Meta+k');
  await expect(box(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Search and commands' })).toHaveAttribute(
    'title',
    'Search and commands (⌘+K)',
  );
  trouble.expectClean();
});

test('by keys alone: letters find a conversation, arrows choose, Enter opens it', async ({
  page,
}) => {
  const { trouble } = await openWithPalette(page, nothing);
  await summon(page);
  await page.keyboard.type('grosse db'); // of “Größe der Datenbank”
  await expectActive(page, 'Größe der Datenbank');
  await box(page).fill('');
  await expectActive(page, 'Rename photos by date');
  await page.keyboard.press('ArrowDown');
  await expectActive(page, 'Größe der Datenbank');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp'); // round the end
  await expectActive(page, 'Sign out');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(palette(page)).toHaveCount(0);
  await expect(page).toHaveURL(/#\/c\/thread-2$/);
  trouble.expectClean();
});

test('what was said is found by the server, below what was found here, and opened at its place', async ({
  page,
}) => {
  const queries: string[] = [];
  const { trouble } = await openWithPalette(page, (route, query) => {
    queries.push(query);
    return route.fulfill({ json: FOUND });
  });
  await summon(page);
  await page.keyboard.type('photos');
  await expectActive(page, 'Rename photos by date');
  const match = options(page).filter({ hasText: 'That is where the photos are.' });
  await expect(match).toBeVisible();
  await expect(match).toContainText('Old plans');
  await expectActive(page, 'Rename photos by date'); // what comes late moves nothing
  expect(queries.at(-1)).toBe('photos');
  expect(queries.length).toBeLessThan(6); // not every letter is asked for
  await expectAccessible(page);
  await page.keyboard.press('ArrowUp');
  await expectActive(page, 'That is where the photos are.');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/c\/thread-3/);
  await expect(page.locator('[data-message="m-1"]')).toBeFocused();
  trouble.expectClean();
});

test('a slow search says so, is given up for a later one, and an old answer changes nothing', async ({
  page,
}) => {
  const held: { route: Route; query: string }[] = [];
  const { trouble } = await openWithPalette(page, async (route, query) => {
    held.push({ route, query });
  });
  await summon(page);
  await page.keyboard.type('photos');
  await expect(palette(page).getByRole('status')).toContainText('Searching what was said…');
  await expect.poll(() => held.length).toBe(1);
  const given = page.waitForEvent('requestfailed');
  await box(page).fill('zebra');
  expect((await given).url()).toContain('q=photos');
  await expect.poll(() => held.length).toBe(2);
  await nothing(held[1]!.route);
  await expect(palette(page).getByRole('status')).toContainText('Nothing found for “zebra”.');
  await expect(options(page)).toHaveCount(0);
  await expect(box(page)).toHaveAttribute('aria-expanded', 'false');
  await expectAccessible(page);
  await page.keyboard.press('Enter'); // takes nothing
  await expect(palette(page)).toBeVisible();
  trouble.expectClean();
});

test('a search that fails can be tried again', async ({ page }) => {
  let fails = true;
  const { trouble } = await openWithPalette(
    page,
    (route) =>
      fails
        ? route.fulfill({ status: 503, json: { message: 'Not now.' } })
        : route.fulfill({ json: FOUND }),
    { allowed: [/503/] },
  );
  await summon(page);
  await page.keyboard.type('photos');
  await expect(palette(page).getByRole('status')).toContainText(
    'What was said could not be searched.',
  );
  await expectActive(page, 'Rename photos by date'); // what is known here is there all the same
  await expectAccessible(page);
  fails = false;
  await palette(page).getByRole('button', { name: 'Try again' }).click();
  await expect(options(page).filter({ hasText: 'That is where the photos are.' })).toBeVisible();
  trouble.expectClean();
});

test('offline it finds titles, says what it cannot, and searches once the line is back', async ({
  page,
}) => {
  const { server, trouble } = await openWithPalette(page);
  const greet = server.onHello;
  server.onHello = () => {};
  await server.sockets.at(-1)?.close({ code: 1012 });
  await expect(page.locator('.connection.good')).toHaveCount(0);
  await summon(page);
  await page.keyboard.type('photos');
  await expectActive(page, 'Rename photos by date');
  await expect(palette(page).getByRole('status')).toContainText('Only titles');
  await expectAccessible(page);
  await box(page).fill('delete');
  await expect(palette(page).getByText('Delete this conversation')).toHaveCount(0);
  await box(page).fill('photos');
  server.onHello = greet;
  await server.sockets.at(-1)?.close({ code: 1012 });
  await expect(options(page).filter({ hasText: 'That is where the photos are.' })).toBeVisible();
  trouble.expectClean();
});

test('commands do what they say: pin, rename, delete with undo, models, a new conversation', async ({
  page,
}) => {
  const { server, trouble, asked } = await openWithPalette(page, nothing);
  const run = async (words: string, name: string) => {
    await summon(page);
    await page.keyboard.type(words);
    await expectActive(page, name);
    await page.keyboard.press('Enter');
  };
  await run('pin this', 'Pin this conversation');
  await expect(palette(page)).toHaveCount(0);
  await expect.poll(() => asked.at(-1)).toMatchObject({ method: 'PATCH', body: { pinned: true } });
  await run('rename this', 'Rename this conversation');
  const title = palette(page).getByRole('textbox', { name: 'New title' });
  await expect(title).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.type('Slow tests');
  await page.keyboard.press('Enter');
  await expect(palette(page)).toHaveCount(0);
  await expect.poll(() => asked.at(-1)).toMatchObject({ body: { title: 'Slow tests' } });
  await run('haiku', 'Model: Haiku');
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'choose', model: 'haiku' });
  await run('copy link', 'Copy the link');
  await expect(page.getByText(/^The link to this|^This browser copies nothing/)).toBeVisible();
  const download = page.waitForEvent('download');
  await run('export json', 'Export this conversation as JSON');
  expect((await download).url()).toMatch(/thread-1\/export\?format=json$/);
  await run('share', 'Share this conversation');
  await expect(page.getByRole('dialog', { name: 'Share this conversation' })).toBeVisible();
  await page.keyboard.press('Control+k'); // another dialog has the page
  await expect(palette(page)).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await run('files', 'Show files');
  await expect(page.getByRole('complementary', { name: 'Files' })).toBeVisible();
  await run('delete', 'Delete this conversation');
  await expect.poll(() => asked.at(-1)).toMatchObject({ method: 'DELETE' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page).toHaveURL(/#\/c\/thread-1$/);
  await run('new conv', 'New conversation');
  await expect(page).toHaveURL(/\/chat\/$/);
  await expect(composer(page)).toBeFocused();
  trouble.expectClean();
});

test('a conversation too old to be in the list can be pinned and renamed, too', async ({
  page,
}) => {
  const { trouble, asked } = await openWithPalette(page, nothing, { threadId: 'long-ago' });
  await summon(page);
  await page.keyboard.type('pin this');
  await expectActive(page, 'Pin this conversation');
  await page.keyboard.press('Enter');
  await expect.poll(() => asked).toMatchObject([{ body: { pinned: true } }]);
  expect(asked[0]?.path).toMatch(/long-ago$/);
  trouble.expectClean();
});

test('a running answer is stopped by it; what does not fit now is not offered', async ({
  page,
}) => {
  const { server, trouble } = await openWithPalette(page, nothing);
  await summon(page);
  await expect(palette(page).getByText('Stop the answer')).toHaveCount(0);
  await page.keyboard.press('Escape');
  server.keep(started('r1', [{ id: 'u:r1', role: 'user', content: 'Go' }]), ...text('a', 'Here'));
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await summon(page);
  await page.keyboard.type('stop');
  await expectActive(page, 'Stop the answer');
  await page.keyboard.press('Enter');
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'abort', runId: 'r1' });
  trouble.expectClean();
});

test('by mouse: the button opens it, a click takes an option, a click beside it closes it', async ({
  page,
}) => {
  const { trouble } = await openWithPalette(page, nothing);
  const button = page.getByRole('button', { name: 'Search and commands' });
  await button.click();
  await options(page).filter({ hasText: 'Old plans' }).hover();
  await expectActive(page, 'Old plans');
  await expect(box(page)).toBeFocused();
  await page.mouse.click(5, 5);
  await expect(palette(page)).toHaveCount(0);
  await expect(button).toBeFocused();
  await button.click();
  await options(page).filter({ hasText: 'Old plans' }).click();
  await expect(page).toHaveURL(/#\/c\/thread-3$/);
  trouble.expectClean();
});

test('keys of an input method are its own', async ({ page }) => {
  const { trouble } = await openWithPalette(page, nothing);
  await summon(page);
  const client = await page.context().newCDPSession(page);
  await client.send('Input.imeSetComposition', { text: 'ph', selectionStart: 2, selectionEnd: 2 });
  await expectActive(page, 'Rename photos by date');
  const composing = { key: 'Enter', code: 'Enter', keyCode: 229, which: 229, bubbles: true };
  await box(page).dispatchEvent('keydown', { ...composing, isComposing: true });
  await box(page).dispatchEvent('keydown', { ...composing, key: 'ArrowDown', isComposing: true });
  await expect(palette(page)).toBeVisible();
  await expectActive(page, 'Rename photos by date');
  await client.send('Input.insertText', { text: 'photos' });
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/c\/thread-0$/);
  trouble.expectClean();
});

test('“?” lists every shortcut, is a letter where one types, and can be turned off', async ({
  page,
}) => {
  const { trouble } = await openWithPalette(page);
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await composer(page).press('?');
  await expect(composer(page)).toHaveValue('?');
  const files = page.getByRole('button', { name: 'Files', exact: true });
  await files.focus();
  await page.keyboard.press('?');
  await expect(help).toBeVisible();
  await expect(help).toContainText('Quote in your message');
  await expect(help.locator('dt')).toHaveCount(11);
  await expectAccessible(page);
  await help.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await expect(help).toHaveCount(0);
  await expect(files).toBeFocused();
  await page.keyboard.press('?');
  await summon(page); // were the help open, it would not come
  await page.keyboard.type('keyboard');
  await page.keyboard.press('Enter');
  await expect(help).toBeVisible();
  await expect(help.getByRole('checkbox')).not.toBeChecked();
  trouble.expectClean();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('a finger opens it, takes an option and closes it', async ({ page }) => {
    const { trouble } = await openWithPalette(page, nothing);
    await page.getByRole('button', { name: 'Search and commands' }).tap();
    await expect(options(page).first()).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    for (const option of await options(page).all())
      expect((await option.boundingBox())!.height).toBeGreaterThanOrEqual(43.5);
    await palette(page).getByRole('button', { name: 'Close' }).tap();
    await expect(palette(page)).toHaveCount(0);
    await page.getByRole('button', { name: 'Search and commands' }).tap();
    await options(page).filter({ hasText: 'Old plans' }).tap();
    await expect(page).toHaveURL(/#\/c\/thread-3$/);
    trouble.expectClean();
  });
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('it speaks German, and another language is chosen in it', async ({ page }) => {
    const { trouble } = await openWithPalette(page, nothing);
    await page.keyboard.press('Control+k');
    const german = page.getByRole('dialog', { name: 'Suche und Befehle' });
    await expect(german).toContainText('Letzte Unterhaltungen');
    await expectAccessible(page);
    await page.keyboard.type('english');
    await expect(german.locator('[aria-selected=true]')).toContainText('Sprache: English');
    await page.keyboard.press('Enter');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.locator('.connection.good')).toBeAttached();
    await summon(page);
    await page.keyboard.type('browser');
    await expectActive(page, 'Language: as the browser');
    trouble.expectClean();
  });
});

test('on a real server: words that were said are found and shown, and who signs out is out', async ({
  page,
}) => {
  const server = await RealServer.start({ CHAT_TITLES: 'prompt' });
  try {
    const trouble = await watchForTrouble(page);
    await page.goto(server.signInUrl);
    await composer(page).fill('red apples');
    await composer(page).press('Enter');
    await expect(page.locator('.markdown blockquote')).toHaveText('red apples');
    await expect(page.locator('.activity')).toHaveCount(0); // what is said is found once it is whole
    await summon(page);
    await page.keyboard.type('new conv');
    await page.keyboard.press('Enter');
    await expect(page.locator('.bubble')).toHaveCount(0);
    await summon(page);
    await page.keyboard.type('apples');
    await expect(palette(page).locator('.palette-snippet mark').first()).toHaveText('apples');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect(page.locator('.bubble')).toHaveText('red apples');
    await summon(page);
    await page.keyboard.type('sign out');
    await expectActive(page, 'Sign out');
    await page.keyboard.press('Enter');
    await expect(page).not.toHaveURL(/#/);
    await expect(composer(page)).toHaveCount(0);
    trouble.expectClean();
  } finally {
    await server.stop();
  }
});
