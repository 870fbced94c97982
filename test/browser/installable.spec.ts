import { expect, type Page, test } from '@playwright/test';
import { finished, ORIGIN, ScriptedServer, started, text } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

async function open(page: Page) {
  const trouble = await watchForTrouble(page);
  const server = await ScriptedServer.start(page);
  await page.goto(`${ORIGIN}/chat/#/c/thread-1`);
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  return { server, trouble };
}

const icon = (page: Page) => page.locator('link[rel="icon"]');
const user = { id: 'u1', role: 'user' as const, content: 'Tidy the attic' };

test('title and icon say that it works, and that it is done while nobody looks', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  await page.evaluate(() => {
    document.hasFocus = () => false;
  });
  server.keep(started('r1', [user]), ...text('m1', 'half'));
  await expect(page).toHaveTitle('● Working – Tidy the attic · Greenroom');
  await expect(icon(page)).toHaveAttribute('href', /favicon-working/);
  server.keep(finished('r1'));
  await expect(page).toHaveTitle('✓ Done – Tidy the attic · Greenroom');
  await expect(icon(page)).toHaveAttribute('href', /favicon-done/);
  await page.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event('focus'));
  });
  await expect(page).toHaveTitle('Tidy the attic · Greenroom');
  trouble.expectClean();
});

test('title and icon ask, while an approval waits', async ({ page }) => {
  const { server } = await open(page);
  server.keep(started('r1', [user]), {
    type: 'RUN_FINISHED',
    threadId: 'thread-1',
    runId: 'r1',
    outcome: {
      type: 'interrupt',
      interrupts: [
        {
          id: 'i1',
          reason: 'approval_required',
          metadata: { kind: 'approval', toolName: 'Bash', input: {}, suggestions: [] },
        },
      ],
    },
  });
  await expect(page).toHaveTitle('(!) Approve? – Tidy the attic · Greenroom');
  await expect(icon(page)).toHaveAttribute('href', /favicon-asking/);
});

test('the manifest installs the page wherever it lives, and every icon is there', async ({
  page,
}) => {
  const { trouble } = await open(page);
  const link = page.locator('link[rel="manifest"]');
  const url = await link.evaluate((element: HTMLLinkElement) => element.href);
  expect(url).toBe(`${ORIGIN}/chat/manifest.webmanifest`);
  const answers = await page.evaluate(async (address) => {
    const manifest = await (await fetch(address)).json();
    const icons: { src: string }[] = manifest.icons;
    const found = icons.map(async ({ src }) => (await fetch(new URL(src, address))).status);
    return {
      start: new URL(manifest.start_url, address).pathname,
      found: await Promise.all(found),
    };
  }, url);
  expect(answers).toEqual({ start: '/chat/', found: [200, 200, 200, 200] });
  trouble.expectClean();
});
