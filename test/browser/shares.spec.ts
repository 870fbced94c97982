/** Limits as a real server keeps them: what waits is sent by itself, and what is stopped says why. */
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

const BROKEN_LINE = [/WebSocket connection/, /ERR_CONNECTION/, /Failed to load resource/];

let server: RealServer;
test.afterEach(() => server.stop());

async function open(page: Page, settings: Record<string, string>, allowed: RegExp[] = []) {
  server = await RealServer.start(settings);
  const trouble = await watchForTrouble(page, allowed);
  await page.goto(server.signInUrl);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  return trouble;
}

const card = (page: Page) => page.getByRole('region', { name: 'Waits for a limit' });
const quoted = (page: Page) => page.locator('.run blockquote');

async function say(page: Page, words: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message to Claude' }).fill(words);
  await page.getByRole('textbox', { name: 'Message to Claude' }).press('Enter');
  await expect(page.locator('.bubble').filter({ hasText: words }).last()).toBeVisible();
}

/** What the operator allows the user of local mode; replaced whole, as an editor does. */
function allow(file: string, requestsPerHour: number): void {
  writeFileSync(`${file}.new`, JSON.stringify({ local: { requestsPerHour } }));
  renameSync(`${file}.new`, file);
}

test('[R29] a message that waits for the hour outlives a restart, and sends itself once, unattended', async ({
  page,
}) => {
  const file = join(mkdtempSync(join(tmpdir(), 'greenroom-limits-')), 'limits.json');
  allow(file, 1);
  await open(page, { CHAT_LIMITS_FILE: file }, BROKEN_LINE);
  await say(page, 'the one that fits');
  await expect(quoted(page)).toHaveText(['the one that fits']);
  await say(page, 'one too many');
  await expect(card(page)).toContainText('This hour’s messages are used up.');
  await server.restart();
  await page.reload();
  await expect(card(page)).toContainText('one too many');
  allow(file, 2);
  await expect(quoted(page)).toHaveText(['the one that fits', 'one too many']);
  await expect(card(page)).toHaveCount(0);
  await expect(page.getByText('Your message was sent.')).toBeAttached();
  await expect(page.locator('.bubble')).toHaveText(['the one that fits', 'one too many']);
});

test('[R29] a message over the limit of running answers goes as soon as one has ended', async ({
  page,
}) => {
  const trouble = await open(page, { CHAT_MAX_RUNS_PER_USER: '1' });
  await say(page, 'slow please');
  await page.getByRole('button', { name: 'New chat' }).click();
  await say(page, 'and this');
  await expect(card(page)).toContainText('as soon as one of your answers ends');
  await expect(quoted(page)).toHaveText(['and this'], { timeout: 30_000 });
  await expect(card(page)).toHaveCount(0);
  trouble.expectClean();
});

test('[R28] an answer that uses up the day’s tokens is stopped with a receipt, which a reload shows again', async ({
  page,
}) => {
  const trouble = await open(page, { CHAT_MAX_TOKENS_PER_DAY: '6', CHAT_RESERVED_TOKENS: '0' });
  await say(page, 'slow please');
  const receipt = page.getByRole('region', { name: 'Stopped by a limit' });
  await expect(receipt).toBeVisible();
  await expect(page.locator('.markdown')).toContainText('This answer takes');
  await page.reload();
  await expect(receipt).toBeVisible();
  await page.getByRole('button', { name: /^Limits:/ }).click();
  await expect(page.getByRole('dialog', { name: 'Your limits' })).toContainText('of 6');
  await say(page, 'more, and at some length');
  await expect(card(page)).toContainText('Today’s tokens are used up.');
  trouble.expectClean();
});

test('[R30] where the server is busy a message says its place in line, and is taken back from it', async ({
  page,
}) => {
  const trouble = await open(page, { CHAT_MAX_RUNS: '1' });
  await say(page, 'slow please');
  await page.getByRole('button', { name: 'New chat' }).click();
  await say(page, 'me too');
  await expect(page.getByText('Next in line on this server')).toBeVisible();
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByRole('textbox', { name: 'Message to Claude' })).toHaveValue('me too');
  await expect(page.getByText('Next in line on this server')).toHaveCount(0);
  trouble.expectClean();
});
