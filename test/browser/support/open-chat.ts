import { expect, type Page } from '@playwright/test';
import { ORIGIN, ScriptedServer } from './scripted-server.ts';
import { watchForTrouble } from './watch.ts';

/** Opens the page, live, on a server that says what the test tells it. */
export async function openChat(page: Page, path = '/chat/') {
  const trouble = await watchForTrouble(page);
  const server = await ScriptedServer.start(page);
  await page.goto(ORIGIN + path);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  return { server, trouble };
}
