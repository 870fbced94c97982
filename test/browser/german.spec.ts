/** The page in German: none of its words is left English, and it changes its language where one stands. */
import { expect, type Page, test } from '@playwright/test';
import type { SignInView } from '../../src/transport/views.ts';
import { asking, begun, kept, text, thinking, tool, turn } from '../../src/ui/dev/fixtures.ts';
import { english } from '../../src/ui/words/english.ts';
import { german } from '../../src/ui/words/german.ts';
import { textsIn } from '../ui/support/catalogue.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { answerApi } from './support/api.ts';
import { boxTroubles } from './support/gallery.ts';
import { RealServer } from './support/real-server.ts';
import { ORIGIN, ScriptedServer } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

test.use({ locale: 'de-DE' });

const DE = textsIn(german);
/** English texts whose German is another. What holds something is left out: it is never shown as it is here. */
const ENGLISH = new Set(
  [...textsIn(english)]
    .filter(([name, said]) => DE.get(name) !== said && !said.includes('7'))
    .map(([, said]) => said.trim())
    .filter((said) => ![...DE.values()].includes(said) && /\p{L}{2}/u.test(said)),
);

/** All that is read to a person: texts that are seen or heard, names, hints. */
function readIn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const read: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode())
      // What people and Claude said is theirs.
      if (!text.parentElement?.closest('noscript, .bubble, .markdown, pre, .row-title'))
        read.push(text.nodeValue ?? '');
    for (const part of document.querySelectorAll('*'))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description'])
        read.push(part.getAttribute(name) ?? '');
    return [document.title, ...read].map((it) => it.replace(/\s+/g, ' ').trim()).filter(Boolean);
  });
}

async function expectGerman(page: Page, what: string): Promise<void> {
  const left = (await readIn(page)).filter((said) => ENGLISH.has(said));
  expect.soft([...new Set(left)], `English in ${what}`).toEqual([]);
}

/** German, without barriers, and nothing of its long words cut off or wider than the page. */
async function expectWell(page: Page, what: string): Promise<void> {
  await expectGerman(page, what);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  const troubles = (await boxTroubles(page, false)).filter((it) => !it.startsWith('over each'));
  expect.soft(troubles, `boxes of ${what}`).toEqual([]);
}

const ANSWER = turn(
  'Was macht das?',
  ...thinking('Eine Frage.'),
  ...tool('Read', { file_path: 'README.md' }, { result: '# Greenroom' }),
  ...text('Es **streamt**.\n\n```ts\nconst a = 1;\n```'),
);
const QUESTION = begun('Bau es', ...asking(['Bash', { command: 'make', description: 'Bauen' }]));

const DAY = 24 * 3_600_000;
function signIns(): SignInView[] {
  const now = Date.now();
  const agents = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0', 'Mozilla/5.0', ''];
  return agents.map((device, index) => ({
    ...{ id: `s${index}`, device, isThis: index === 0 },
    ...{ createdAt: now - index * DAY, usedAt: now - index * 7_200_000, expiresAt: now + DAY },
  }));
}

const account = (page: Page) => page.getByRole('button', { name: /^(?:Konto|Account) / });
const box = (page: Page) => page.locator('#composer-text');
const pressed = (page: Page) => page.locator('.language [aria-pressed="true"]');

async function open(page: Page) {
  const trouble = await watchForTrouble(page);
  const server = await ScriptedServer.start(page);
  await answerApi(page, 'sign-ins', (route) => route.fulfill({ json: { signIns: signIns() } }));
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect.poll(() => server.sockets.length).toBe(1);
  await expect(page.locator('.dot').first()).toBeVisible();
  return { server, trouble };
}

async function openMenu(page: Page): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 0 };
  if (width < 900) await page.locator('.sidebar-button').click();
  await account(page).locator('visible=true').click();
  await expect(page.locator('.account-menu:popover-open')).toBeVisible();
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const [device, viewport] of [
    ['a desk', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const)
    test.describe(`${colorScheme}, on ${device}`, () => {
      test.use({ colorScheme, viewport });
      test('an answer, a question, a fault, the account and the end of the sign-in are German and fit', async ({
        page,
      }) => {
        const { server, trouble } = await open(page);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await expectWell(page, 'the empty page');
        server.send(...kept([...ANSWER, ...QUESTION]));
        await expect(page.getByRole('region', { name: german.approvals.label })).toBeVisible();
        await expectWell(page, 'an answer and a question');
        const code = 'store.unavailable';
        server.send({ type: 'fault', code, message: 'The store cannot be reached.' });
        await expect(page.getByText(german.faults.said[code])).toBeVisible();
        await expectWell(page, 'a fault');
        await openMenu(page);
        await expectWell(page, 'the account’s menu');
        const picture = `test-results/german-menu-${colorScheme}-${viewport.width}.png`;
        await page.screenshot({ path: picture });
        await page.getByRole('button', { name: german.account.devices }).click();
        await expect(page.getByRole('listitem').filter({ hasText: 'Ein Browser' })).toBeVisible();
        await expectWell(page, 'the devices');
        await page.screenshot({ path: picture.replace('menu', 'devices') });
        await page.getByRole('button', { name: german.account.signOutEverywhere }).last().click();
        await expect(
          page.getByRole('dialog', { name: german.account.askEverywhere }),
        ).toBeVisible();
        await expectWell(page, 'signing out everywhere');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog', { name: german.account.askEverywhere })).toHaveCount(
          0,
        );
        trouble.expectClean();
        server.verifyStatus = 401;
        await server.sockets.at(-1)?.close({ code: 4401 });
        await expect(page.getByText(german.account.ended)).toBeVisible();
        await expectWell(page, 'the end of the sign-in');
        await page.screenshot({ path: picture.replace('menu', 'ended') });
      });
    });

test('the language is chosen in the account’s menu: the socket, the draft and the focus stay', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  server.send(...kept(ANSWER));
  await expect(page.getByText('Es streamt.')).toBeVisible();
  await box(page).fill('ein Entwurf');
  await page.evaluate(() => Object.assign(window, { marked: true }));
  await openMenu(page);
  await expect(pressed(page)).toHaveText('Automatisch');
  await page.getByRole('button', { name: 'English' }).press('Enter');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('button', { name: 'Account of local' })).toBeFocused();
  await expect(page.getByRole('textbox', { name: 'Message to Claude' })).toHaveValue('ein Entwurf');
  await expect(page.getByText('Es streamt.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeAttached();
  expect(await page.evaluate(() => 'marked' in window)).toBe(true);
  expect(server.sockets).toHaveLength(1);

  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Message to Claude' })).toHaveValue('ein Entwurf');
  await page.getByRole('button', { name: 'Account of local' }).click();
  await expect(pressed(page)).toHaveText('English');
  await page.getByRole('button', { name: 'Automatic' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('button', { name: 'Konto von local' })).toBeFocused();
  await page.getByRole('button', { name: 'Konto von local' }).click();
  // The same language: nothing is drawn anew, and the menu closes all the same.
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.locator('.account-menu')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Konto von local' })).toBeFocused();
  await page.getByRole('button', { name: 'Konto von local' }).click();
  await expect(pressed(page)).toHaveText('Deutsch');
  trouble.expectClean();
});

test('a language that is chosen in one tab is spoken in all', async ({ page, context }) => {
  await open(page);
  await box(page).fill('ein Entwurf');
  const other = await context.newPage();
  await open(other);
  await openMenu(other);
  await other.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('button', { name: 'Account of local' })).toBeVisible();
  await expect(box(page)).toHaveValue('ein Entwurf');
});

test('a browser that refuses storage speaks what was chosen as long as the page lives', async ({
  page,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('no', 'SecurityError');
      },
    });
  });
  await open(page);
  await openMenu(page);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Account of local' }).click();
  await expect(pressed(page)).toHaveText('English');
});

test('from the sign-in to a shared conversation, on a real server, no English is left', async ({
  browser,
}) => {
  const server = await RealServer.start();
  try {
    const context = await browser.newContext({ locale: 'de-DE' });
    const page = await context.newPage();
    await page.goto(`${server.origin}/chat/`);
    await expect(page.getByRole('heading', { name: 'Anmelden' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expectAccessible(page);
    await page.goto(server.signInUrl);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await box(page).fill('Guten Tag');
    await page.keyboard.press('Enter');
    await expect(page.locator('.usage')).toBeVisible();
    await expectGerman(page, 'an answer of a real server');
    await box(page).fill('error');
    await page.keyboard.press('Enter');
    const failed = page.locator('.error-card');
    await expect(failed).toBeVisible();

    const row = page.locator('.sidebar li').filter({ hasText: 'Guten Tag' });
    await row.hover();
    await row.locator('.row-more').click();
    await page.getByRole('button', { name: german.share.menu }).click();
    const dialog = page.getByRole('dialog', { name: german.share.title });
    await dialog.getByRole('button', { name: german.share.create }).click();
    const link = await dialog.getByLabel(german.share.link).inputValue();
    await expectGerman(page, 'sharing');
    await expectAccessible(page);

    const reader = await context.newPage();
    await reader.goto(link);
    await expect(reader.getByText(german.share.readOnly('local'))).toBeVisible();
    const code = (await failed.locator('code').innerText()) as keyof typeof german.faults.said;
    await expect(reader.locator('.error-card')).toContainText(german.faults.said[code]);
    await expectGerman(reader, 'the shared page');
    await dialog.getByRole('button', { name: german.share.withdraw }).click();
    await expect(reader.getByRole('heading', { name: german.share.endedTitle })).toBeVisible();
    await expectGerman(reader, 'the end of sharing');
    await context.close();
  } finally {
    await server.stop();
  }
});
