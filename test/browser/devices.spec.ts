/** The account's menu and dialogs as they look and fail, and what is said when nobody is signed in. */
import { expect, type Page, test } from '@playwright/test';
import type { SignInView } from '../../src/transport/views.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { answerApi } from './support/api.ts';
import { finished, ORIGIN, ScriptedServer, started, text } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1';

function signIn(id: string, device: string, usedAgo: number, age: number): SignInView {
  const now = Date.now();
  const times = { createdAt: now - age, usedAt: now - usedAgo, expiresAt: now + DAY };
  return { id, device, ...times, isThis: id === 'this' };
}

const signIns = () => [
  signIn('this', LINUX, 0, 3 * DAY),
  signIn('phone', IPHONE, 40 * MINUTE, 20 * DAY),
  signIn('command', 'greenroom session', 5 * DAY, 400 * DAY),
];

async function open(page: Page, user = 'local') {
  const server = await ScriptedServer.start(page);
  server.user = user;
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  return server;
}

const account = (page: Page) => page.getByRole('button', { name: /^Account of / });
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Signed-in devices' });
async function openDevices(page: Page): Promise<void> {
  await account(page).click();
  await page.getByRole('button', { name: 'Signed-in devices…' }).click();
}

test('a list that cannot be had says why, and can be asked for again', async ({ page }) => {
  await open(page);
  let tries = 0;
  await answerApi(page, 'sign-ins', async (route) => {
    tries += 1;
    if (tries > 1) return route.fulfill({ json: { signIns: signIns() } });
    const json = { fault: 'store.unavailable', message: 'The store cannot be reached.' };
    await route.fulfill({ status: 503, json });
  });
  await openDevices(page);
  await expect(dialog(page).getByRole('alert')).toContainText('The store cannot be reached.');
  await dialog(page).getByRole('button', { name: 'Try again' }).click();
  await expect(dialog(page).getByRole('listitem')).toHaveText([
    /Firefox on Linux.*This device.*In use now/,
    /Safari on iPhone.*Last used 40 minutes ago/,
    /greenroom session.*Last used 5 days ago Signed in on .*20\d\d/,
  ]);
});

test('a device that cannot be signed out stays, says why, and keeps the focus', async ({
  page,
}) => {
  await open(page);
  await answerApi(page, 'sign-ins', (route) => route.fulfill({ json: { signIns: signIns() } }));
  let refuse = Promise.withResolvers<void>();
  let status = 503;
  await answerApi(page, 'sign-ins/*', async (route) => {
    await refuse.promise;
    const fault = status === 404 ? 'signIn.unknown' : 'store.unavailable';
    await route.fulfill({ status, json: { fault, message: 'Not now.' } });
  });
  await openDevices(page);
  const phone = dialog(page).getByRole('button', { name: /^Sign out Safari on iPhone/ });
  await phone.focus();
  await page.keyboard.press('Enter');
  await expect(phone).toHaveText('Signing out…');
  await expect(phone).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Enter');
  refuse.resolve();
  await expect(dialog(page).getByRole('alert')).toHaveText('Not now.');
  await expect(phone).toHaveText('Sign out');
  await expect(phone).toBeFocused();

  // One that ended by itself is as good as signed out; the next button has the focus then.
  status = 404;
  refuse = Promise.withResolvers();
  refuse.resolve();
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('listitem')).toHaveCount(2);
  await expect(
    dialog(page).getByRole('button', { name: /^Sign out greenroom session/ }),
  ).toBeFocused();
});

test('Escape closes the menu and the dialogs, and stops no answer', async ({ page }) => {
  const server = await open(page);
  await answerApi(page, 'sign-ins', (route) => route.fulfill({ json: { signIns: signIns() } }));
  const message = { id: 'u1', role: 'user' as const, content: 'x' };
  server.keep(started('r1', [message]), ...text('m1', 'half').slice(0, 2));
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await account(page).click();
  await expect(page.locator('.account-menu')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.account-menu')).toBeHidden();
  await openDevices(page);
  await expect(dialog(page).getByRole('listitem')).toHaveCount(3);
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
  await expect(account(page)).toBeFocused();
  server.keep(finished('r1'));
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
  expect(server.said.filter(({ type }) => type === 'abort')).toEqual([]);
});

test('a dialog that is open when the sign-in ends gives way to the notice, for good', async ({
  page,
}) => {
  const server = await open(page);
  await answerApi(page, 'sign-ins', (route) => route.fulfill({ json: { signIns: signIns() } }));
  await openDevices(page);
  await expect(dialog(page)).toBeVisible();
  server.verifyStatus = 401;
  await server.sockets.at(-1)?.close({ code: 4401 });
  await expect(page.getByRole('alert')).toContainText('Your sign-in has ended');
  await expect(dialog(page)).toHaveCount(0);
  server.verifyStatus = 200;
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(account(page)).toBeVisible();
  await expect(dialog(page)).toHaveCount(0);
});

test('on a phone the notice is in sight although a drawer was open', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const server = await open(page);
  for (const drawer of ['Conversations', 'Files']) {
    await page.getByRole('button', { name: drawer, exact: true }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    server.verifyStatus = 401;
    await server.sockets.at(-1)?.close({ code: 4401 });
    const signIn = page.getByRole('link', { name: 'Sign in', exact: true });
    await expect(signIn).toBeVisible();
    await signIn.click({ trial: true });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    server.verifyStatus = 200;
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await expect(signIn).toHaveCount(0);
  }
});

test('[R44] an edge that is not set up rightly is said, and the page stops trying', async ({
  page,
}) => {
  const server = await open(page);
  server.verifyStatus = 403;
  server.verifyFault = 'auth.edgeSecret';
  await server.sockets.at(-1)?.close({ code: 4401 });
  await expect(
    page.getByText('The proxy in front of this server is not set up rightly'),
  ).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try now' })).toBeVisible();
  await expect(page.getByText(/next try/)).toHaveCount(0);
});

test('parts of the page that cannot be loaded come later, and take nothing with them', async ({
  page,
}) => {
  let refused = 0;
  await ScriptedServer.start(page);
  await page.route(/\/(sidebar|model-menu|completion-list)-[^/]*\.js$/, (route) => {
    refused += 1;
    if (refused > 6) return route.fallback();
    return refused % 2 ? route.abort() : route.fulfill({ status: 401 });
  });
  await page.goto(`${ORIGIN}/chat/`);
  await page.getByRole('textbox', { name: 'Message to Claude' }).fill('still here');
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await expect(page.getByRole('searchbox')).toBeVisible();
  expect(refused).toBeGreaterThan(6);
});

test('parts that a newer server has no more bring its page, and what is typed stays', async ({
  page,
}) => {
  await open(page);
  await page.getByRole('textbox', { name: 'Message to Claude' }).fill('still here');
  await page.route(/\/sign-out-dialog-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
  await page.route(`${ORIGIN}/chat/`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<title>Newer</title><script type="module" src="./assets/index-newer.js"></script>',
    }),
  );
  await account(page).click();
  await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
  await expect(page).toHaveTitle('Newer');
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
  expect(kept).toContain('still here');
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, viewport] of [
    ['a desk', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const)
    test(`${colorScheme}, on ${name}: menu, dialogs and notice bar nobody and fit`, async ({
      page,
    }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const trouble = await watchForTrouble(page);
      const server = await open(page, 'a-name.of-just-the-39-characters.that-fit');
      await answerApi(page, 'sign-ins', (route) => route.fulfill({ json: { signIns: signIns() } }));
      const isPhone = viewport.width < 900;
      const look = async () => {
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
        if (isPhone) expect(await lowButtons(page)).toEqual([]);
      };
      if (isPhone) await page.getByRole('button', { name: 'Conversations' }).click();
      await account(page).click();
      await expect(page.locator('.account-menu')).toBeVisible();
      await look();
      await page.getByRole('button', { name: 'Signed-in devices…' }).click();
      await expect(dialog(page).getByRole('listitem')).toHaveCount(3);
      await look();
      await page.keyboard.press('Escape');
      if (isPhone) await page.keyboard.press('Escape');
      await page.getByRole('textbox', { name: 'Message to Claude' }).fill('not sent');
      if (isPhone) await page.getByRole('button', { name: 'Conversations' }).click();
      await account(page).click();
      await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
      await expect(page.getByRole('dialog', { name: 'Sign out everywhere?' })).toBeVisible();
      await look();
      await page.keyboard.press('Escape');
      if (isPhone) await page.keyboard.press('Escape');
      server.keep(
        started('r1', [{ id: 'u1', role: 'user', content: 'Hello' }]),
        ...text('m1', 'Good day.'),
        finished('r1'),
      );
      server.verifyStatus = 401;
      trouble.expectClean();
      await server.sockets.at(-1)?.close({ code: 4401 });
      await expect(page.getByRole('alert')).toContainText('Your sign-in has ended');
      await look();
    });

function lowButtons(page: Page): Promise<string[]> {
  return page
    .locator(':is(button, a.button, .link-button, label):visible')
    .evaluateAll((all) =>
      all
        .filter((one) => one.getBoundingClientRect().height < 44 && !one.matches('.hidden'))
        .map((one) => `${one.textContent} ${one.getBoundingClientRect().height}`),
    );
}
