import { expect, type Page, test } from '@playwright/test';
import { RealServer } from './support/real-server.ts';
import { CSP } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

/** The answer of the demo agent's slow script, word for word: anything lost or doubled shows. */
const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';
/** A browser reports every broken connection itself; no page can keep it from doing so. */
const BROKEN_LINE = [/WebSocket connection/, /net::ERR_/, /Failed to load resource/];

let server: RealServer;
test.beforeEach(async () => {
  server = await RealServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const answer = (page: Page) => page.locator('.markdown').last();
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });

async function signIn(page: Page, allowed: RegExp[] = []) {
  const trouble = await watchForTrouble(page, allowed);
  const response = await page.goto(server.signInUrl);
  expect(response?.headers()['content-security-policy']).toBe(CSP);
  await expect(page).toHaveURL(`${server.origin}/chat/`);
  await expect(live(page)).toBeAttached();
  return trouble;
}

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
  await expect(page.locator('.bubble').filter({ hasText: text }).last()).toBeVisible();
}

/** Every word of every answer on the page, in order, one space between them. */
async function spoken(page: Page): Promise<string> {
  const texts = await page.locator('.markdown').allTextContents();
  return texts.join(' ').split(/\s+/).filter(Boolean).join(' ');
}

/** Waits until at least so many words were spoken. */
async function words(page: Page, count: number): Promise<void> {
  await expect
    .poll(async () => (await spoken(page)).split(' ').length, { intervals: [50] })
    .toBeGreaterThanOrEqual(count);
}

/** Waits until this prompt has become a run, and nothing runs any more. */
async function answered(page: Page, prompt: string): Promise<void> {
  await expect(page.locator('.run .bubble').filter({ hasText: prompt })).toBeVisible();
  await expect(page.locator('.activity')).toHaveCount(0, { timeout: 20_000 });
}

test('an answer grows over many frames, with thinking first, and is whole in the end', async ({
  page,
}) => {
  const trouble = await signIn(page);
  await expect(page.getByRole('complementary')).toContainText('demo agent');
  const lengths = await page.evaluateHandle(() => {
    const seen = new Set<number>();
    const look = () => {
      const text = document.querySelector('.markdown')?.textContent ?? '';
      if (text !== '') seen.add(text.length);
      requestAnimationFrame(look);
    };
    look();
    return seen;
  });
  await say(page, 'good morning');
  await expect(page.locator('.activity')).toContainText('Thinking');
  await answered(page, 'good morning');
  await expect(answer(page)).toContainText('This is the demo agent.');
  await expect(answer(page).locator('blockquote')).toHaveText('good morning');
  await expect(answer(page).locator('tbody tr')).toHaveCount(5);
  expect((await lengths.evaluate((seen) => [...seen])).length).toBeGreaterThan(10);
  await expect(page.locator('.bubble')).toHaveText(['good morning']);
  trouble.expectClean();
});

test('Stop ends the answer, keeps what was written, and the next prompt works', async ({
  page,
}) => {
  const trouble = await signIn(page);
  await say(page, 'slow please');
  await words(page, 3);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.locator('.ending')).toHaveText('Stopped.');
  const kept = await spoken(page);
  expect(SLOW.startsWith(kept)).toBe(true);
  expect(kept.length).toBeLessThan(SLOW.length);
  await say(page, 'hello again');
  await answered(page, 'hello again');
  await expect(answer(page).locator('blockquote')).toHaveText('hello again');
  expect(await spoken(page)).toContain(`${kept} This is the demo agent.`);
  trouble.expectClean();
});

test('[R9] a reload in mid-answer shows the conversation again and goes on to the end', async ({
  page,
}) => {
  const trouble = await signIn(page);
  await say(page, 'slow please');
  await words(page, 4);
  await page.reload();
  await words(page, 4);
  expect(await spoken(page)).not.toBe(SLOW);
  await answered(page, 'slow please');
  expect(await spoken(page)).toBe(SLOW);
  await expect(page.locator('.bubble')).toHaveText(['slow please']);
  await page.reload();
  await answered(page, 'slow please');
  expect(await spoken(page)).toBe(SLOW);
  await expect(page.locator('.bubble')).toHaveText(['slow please']);
  trouble.expectClean();
});

test('[R4] the line is cut three times in mid-answer: no word is lost, none is doubled', async ({
  page,
}) => {
  const trouble = await signIn(page, BROKEN_LINE);
  await say(page, 'slow please');
  for (const count of [3, 6, 9]) {
    await words(page, count);
    server.proxy.cut();
    await expect(live(page)).not.toBeAttached();
    await expect(live(page)).toBeAttached();
  }
  await answered(page, 'slow please');
  expect(await spoken(page)).toBe(SLOW);
  await expect(page.locator('.bubble')).toHaveText(['slow please']);
  trouble.expectClean();
});

test('while the line is down the page says so; a prompt written meanwhile is sent once it is back', async ({
  page,
}) => {
  const trouble = await signIn(page, BROKEN_LINE);
  await say(page, 'first words');
  await answered(page, 'first words');
  const port = server.proxy.target;
  server.proxy.target = null;
  server.proxy.cut();
  await expect(page.getByText('Offline')).toBeVisible();
  await expect(page.getByText(/next try in \d+ s/)).toBeVisible();
  await say(page, 'second words');
  await expect(page.getByText('Will be sent when the connection is back')).toBeVisible();
  await page.getByRole('button', { name: 'Try now' }).click();
  server.proxy.target = port;
  await answered(page, 'second words');
  await expect(answer(page).locator('blockquote')).toHaveText('second words');
  await expect(page.locator('.bubble')).toHaveText(['first words', 'second words']);
  trouble.expectClean();
});

test('[R8] a second tab sees the prompt and the answer as they come', async ({ page, context }) => {
  const trouble = await signIn(page);
  await say(page, 'slow please');
  const other = await context.newPage();
  const otherTrouble = await watchForTrouble(other);
  await other.goto(page.url());
  await expect(other.locator('.bubble')).toHaveText(['slow please']);
  await words(other, 2);
  await Promise.all([answered(other, 'slow please'), answered(page, 'slow please')]);
  expect(await spoken(other)).toBe(SLOW);
  expect(await spoken(page)).toBe(SLOW);
  await say(other, 'from the other side');
  await expect(page.locator('.bubble')).toHaveText(['slow please', 'from the other side']);
  await expect(answer(page).locator('blockquote')).toHaveText('from the other side');
  trouble.expectClean();
  otherTrouble.expectClean();
});

test('[R63] an approval survives a reload, is allowed once, and the tool’s result is shown', async ({
  page,
}) => {
  const trouble = await signIn(page);
  await say(page, 'use a tool');
  const card = page.getByRole('region', { name: 'Approval' });
  await expect(card).toContainText('Claude wants to use Bash');
  await page.reload();
  await expect(card.locator('pre')).toHaveText('ls -l --almost-all');
  await card.getByRole('button', { name: 'Allow once' }).click();
  await expect(card).toHaveCount(0);
  await expect(answer(page)).toContainText('There are two files');
  await page.locator('.tool summary').click();
  await expect(page.getByText('42 notes.txt')).toBeVisible();
  await expect(page.locator('.tool-state')).toHaveText('done');
  trouble.expectClean();
});

test('[R63] an approval that is denied says so to Claude, in the words given', async ({ page }) => {
  const trouble = await signIn(page);
  await say(page, 'use a tool');
  const card = page.getByRole('region', { name: 'Approval' });
  await card.getByRole('textbox').fill('Not today');
  await card.getByRole('button', { name: 'Deny' }).click();
  await expect(page.getByText('As you wish. I leave it.')).toBeVisible();
  await expect(page.locator('.tool-state')).toHaveText('failed');
  await page.locator('.tool summary').click();
  await expect(page.getByText('Not today')).toBeVisible();
  trouble.expectClean();
});

test('an answer that fails shows why, and the conversation goes on', async ({ page }) => {
  const trouble = await signIn(page);
  await say(page, 'error please');
  const card = page.getByRole('region', { name: 'Error' });
  await expect(card).toContainText('claude.api');
  await expect(card).toContainText('Overloaded (demo)');
  await say(page, 'and on');
  await expect(answer(page).locator('blockquote')).toHaveText('and on');
  trouble.expectClean();
});

test('a prompt sent while an answer runs waits, and runs after it; another is taken back', async ({
  page,
}) => {
  const trouble = await signIn(page);
  await say(page, 'slow please');
  await words(page, 2);
  await say(page, 'next one');
  await expect(page.getByText(/^Queued/)).toBeVisible();
  await say(page, 'not this one');
  await expect(page.getByText(/^Queued/)).toHaveCount(2);
  await page.getByRole('button', { name: 'Take back' }).last().click();
  await expect(box(page)).toHaveValue('not this one');
  await expect(page.getByText(/^Queued/)).toHaveCount(1);
  await expect(answer(page).locator('blockquote')).toHaveText('next one');
  await expect(page.locator('.bubble')).toHaveText(['slow please', 'next one']);
  trouble.expectClean();
});

test('[R29] a prompt over the limit is parked, survives a reload, and can be taken back', async ({
  page,
}) => {
  await server.stop();
  server = await RealServer.start({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const trouble = await signIn(page);
  await say(page, 'the one that fits');
  await answered(page, 'the one that fits');
  await say(page, 'one too many');
  const card = page.locator('.limit');
  await expect(card).toContainText('This hour’s messages are used up.');
  await expect(card).toContainText(/In (59|60):\d\d\./);
  await page.reload();
  await expect(card).toContainText('This hour’s messages are used up.');
  await expect(page.locator('.bubble')).toHaveText(['the one that fits', 'one too many']);
  await card.getByRole('button', { name: 'Take back' }).click();
  await expect(box(page)).toHaveValue('one too many');
  await expect(card).toHaveCount(0);
  await expect(page.locator('.bubble')).toHaveText(['the one that fits']);
  trouble.expectClean();
});

test('[R58] markup in a prompt comes back as text, in the bubble and in the answer', async ({
  page,
}) => {
  const trouble = await signIn(page);
  const evil =
    '<img src=x onerror="window.ran=1"> [x](javascript:alert(1)) ![p](https://evil.example/p.png)';
  await say(page, evil);
  await answered(page, evil);
  await expect(answer(page).locator('blockquote')).toContainText('<img src=x');
  expect(await page.locator('.run :is(img, script)').count()).toBe(0);
  // The tab is named by the prompt, as text; it renames itself, so a script's mark is looked for elsewhere.
  await expect(page).toHaveTitle(/^<img src=x onerror=.* · Greenroom$/);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  trouble.expectClean();
});

test('twenty thousand words at once arrive whole, and the page stays usable', async ({ page }) => {
  const trouble = await signIn(page);
  await say(page, 'flood');
  await box(page).pressSequentially('typing goes on');
  await answered(page, 'flood');
  await expect(box(page)).toHaveValue('typing goes on');
  expect((await spoken(page)).split(' ').length).toBe(20_000);
  trouble.expectClean();
});

test('New chat starts afresh, and Back shows the first conversation again', async ({ page }) => {
  const trouble = await signIn(page);
  await say(page, 'first words');
  await answered(page, 'first words');
  await page.getByRole('button', { name: 'New chat' }).click();
  await expect(page.getByRole('heading', { name: 'What shall we work on?' })).toBeVisible();
  await expect(page.locator('.bubble')).toHaveCount(0);
  await say(page, 'second words');
  await expect(answer(page).locator('blockquote')).toHaveText('second words');
  await page.goBack();
  await expect(page.locator('.bubble')).toHaveText(['first words']);
  trouble.expectClean();
});

test('[R42] an origin that is not allowed is told so, and the page stops trying', async ({
  page,
}) => {
  await server.stop();
  server = await RealServer.start({ CHAT_ALLOWED_ORIGINS: 'https://elsewhere.example' });
  await page.goto(server.signInUrl);
  await expect(page.getByText(/does not accept this page’s address/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try now' })).toBeVisible();
  await expect(page.getByText(/next try/)).toHaveCount(0);
});
