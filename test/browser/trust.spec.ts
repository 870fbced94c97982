import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { openChat } from './support/open-chat.ts';
import { RealServer } from './support/real-server.ts';
import { failed, started, text } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const ASKED = [{ id: 'u1', role: 'user' as const, content: 'Secret words of mine' }];
const shield = (page: Page) => page.getByRole('button', { name: 'Who may do what' });

for (const width of [1280, 390])
  for (const colorScheme of ['light', 'dark'] as const)
    test(`[SB2] who may do what is said in plain words, ${width} px, ${colorScheme}`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      const server = await RealServer.start({
        CHAT_CLAUDE_DENY: 'Bash(rm *), WebFetch',
        CHAT_CLAUDE_TOOLS: 'Read,Grep,Bash',
        CHAT_PERMISSION_MODE: 'acceptEdits',
        CHAT_SANDBOX: 'none',
      });
      try {
        const trouble = await watchForTrouble(page);
        await page.goto(server.signInUrl);
        await shield(page).click();
        const dialog = page.getByRole('dialog', { name: 'Who may do what' });
        await expect(dialog).toContainText(
          'changes files in the workspace. Before it runs any other',
        );
        await expect(dialog.getByRole('listitem')).toHaveText([
          'Read',
          'Grep',
          'Bash',
          'Bash(rm *)',
          'WebFetch',
        ]);
        await expect(dialog).toContainText('There is no sandbox');
        await expect(dialog).toContainText('Your own workspace');
        await expect(dialog).toContainText('demo agent');
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
        await page.screenshot({ path: `test-results/trust-${width}-${colorScheme}.png` });
        await page.keyboard.press('Escape');
        await expect(shield(page)).toBeFocused();
        trouble.expectClean();
      } finally {
        await server.stop();
      }
    });

test('[R59] diagnostics are copied without a word of the conversation', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { server, trouble } = await openChat(page);
  const words = 'Claude stopped unexpectedly. What it wrote is kept. Segmentation fault';
  server.keep(
    started('r1', ASKED),
    ...text('m1', 'An answer of mine'),
    failed('claude.crashed', words),
  );
  const card = page.getByRole('region', { name: 'Error' });
  await expect(card).toContainText('What it wrote is kept; send again to go on.');
  await expect(card.locator('blockquote')).toHaveText('Segmentation fault');
  await card.getByRole('button', { name: 'Copy diagnostics' }).click();
  await expect(card.getByRole('button', { name: 'Diagnostics copied' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('run r1: claude.crashed');
  expect(copied).toMatch(/attached\.live\.sure/);
  expect(copied).not.toMatch(/Secret|answer of|Segmentation|local\b/);
  await expectAccessible(page);
  trouble.expectClean();
});

test('where a browser does not let the page copy, the diagnostics are shown to be copied by hand', async ({
  page,
}) => {
  const { trouble } = await openChat(page);
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
  });
  await shield(page).click();
  await page.getByRole('button', { name: 'Copy diagnostics' }).click();
  await expect(page.getByRole('textbox', { name: 'The browser does not let' })).toHaveValue(
    /^Greenroom diagnostics/,
  );
  await expectAccessible(page);
  trouble.expectClean();
});

test('[CL5] a socket that leads nowhere any more is found out once the page is looked at', async ({
  page,
}) => {
  const { server } = await openChat(page);
  server.isDeaf = true;
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const status = page.locator('.connection-words');
  await expect(status).toHaveText('Checking the connection');
  server.isDeaf = false;
  await expect(status).toHaveText('Live');
  expect(server.sockets.length).toBe(2);
});

test('offline says when it tries next, and tries at once when asked', async ({ page }) => {
  const server = await RealServer.start();
  try {
    await page.goto(server.signInUrl);
    const status = page.locator('.connection-words');
    await expect(status).toHaveText('Live');
    const { target } = server.proxy;
    server.proxy.target = null;
    server.proxy.cut();
    await expect(status).toHaveText('Offline');
    await expect(page.locator('.next-try')).toHaveText(/next try in \d|trying/);
    await expectAccessible(page);
    const tried = page.waitForEvent('websocket');
    await page.getByRole('button', { name: 'Try now' }).click();
    await tried;
    server.proxy.target = target;
    await expect(status).toHaveText('Live');
  } finally {
    await server.stop();
  }
});
