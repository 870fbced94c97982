/** Takes the pictures in docs/screens, of the page as it ships on a real server: `npm run screenshots`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import buildPage from '../browser/support/build.ts';
import { CHROMIUM } from '../browser/support/chromium.ts';
import { RealServer } from '../browser/support/real-server.ts';
import { PROMPTS } from './scenes.ts';

const TO = 'docs/screens';
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const agent = fileURLToPath(new URL('agent.ts', import.meta.url));

async function pageFor(browser: Browser, server: RealServer, dark = false, user = 'ada') {
  const context = await browser.newContext({
    viewport: DESK,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  await context.addCookies([await server.cookieFor(user)]);
  const page = await context.newPage();
  await page.goto(`${server.origin}/chat/`);
  return page;
}

async function ask(page: Page, words: string): Promise<void> {
  await page.locator('#composer-text').fill(words);
  await page.keyboard.press('Enter');
}

async function settled(page: Page): Promise<void> {
  await page.locator('.usage').last().waitFor();
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(TO, `${name}.png`) });
}

async function pictures(browser: Browser, server: RealServer): Promise<void> {
  const page = await pageFor(browser, server);
  for (const words of [PROMPTS.rename, PROMPTS.notes, PROMPTS.slow]) {
    await page.goto(`${server.origin}/chat/`);
    await page.reload();
    await ask(page, words);
    await settled(page);
  }
  await page.goto(`${server.origin}/chat/`);
  await page.reload();
  await take(page, 'empty');
  await ask(page, PROMPTS.fix);
  await page.getByText('Next comes a test').waitFor();
  await take(page, 'chat');

  const dark = await pageFor(browser, server, true);
  await dark.goto(page.url());
  await dark.getByText('Next comes a test').waitFor();
  await take(dark, 'dark');
  await dark.setViewportSize(PHONE);
  await take(dark, 'phone-dark');
  await page.setViewportSize(PHONE);
  await take(page, 'phone');
  await page.setViewportSize(DESK);

  await settled(page);
  await page.locator('summary', { hasText: 'Edit' }).first().click();
  await page.locator('.diff').first().scrollIntoViewIfNeeded();
  await take(page, 'diff');
  const operator = await pageFor(browser, server, false, 'local');
  await operator.goto(`${server.origin}/chat/ops/`);
  await operator.getByRole('option', { name: 'alive.' }).first().click();
  await operator.locator('.ops-chart .is-here').first().waitFor();
  await ask(page, PROMPTS.tests);
  await page.getByRole('region', { name: 'Approval' }).waitFor();
  await take(page, 'approval');
  await operator.getByText('Sequence').click();
  await operator.locator('.ops-chart .is-here').first().waitFor();
  await operator.getByText('claude.blocked').last().waitFor();
  await take(operator, 'ops');
  await page.getByRole('searchbox').fill('resumes');
  await page.locator('.match').first().waitFor();
  await take(page, 'search');
  await page.getByRole('searchbox').fill('');

  await page.getByRole('button', { name: 'Who may do what' }).click();
  await page.getByRole('dialog').waitFor();
  await take(page, 'trust');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('option').first().waitFor();
  await take(page, 'palette');
}

mkdirSync(TO, { recursive: true });
await buildPage();
const server = await RealServer.start({ CHAT_CLAUDE_BIN: agent, CHAT_SANDBOX: 'none' });
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  await pictures(browser, server);
} finally {
  await browser.close();
  await server.stop();
}
