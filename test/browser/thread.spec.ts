/** Long conversations: opened, read, followed and linked to. */
import { expect, type Page, test } from '@playwright/test';
import type { Message } from '../../src/transport/protocol.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { answerApi } from './support/api.ts';
import {
  finished,
  ORIGIN,
  ScriptedServer,
  started,
  text,
  tool,
} from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const COUNT = 5_000;
const SNAPSHOT = 50;

/** A prompt and an answer, of very different lengths, for each run. */
function message(at: number): Message {
  const turn = Math.floor(at / 2);
  const metadata = { runId: `r${turn}` };
  if (at % 2 === 0)
    return { id: `u:r${turn}`, role: 'user', content: `Question ${turn}?`, metadata };
  const content = `Answer ${turn}. ${'Words of an answer. '.repeat((turn * 7) % 60)}`;
  if (turn % 4 !== 2) return { id: `m:r${turn}`, role: 'assistant', content, metadata };
  const call = { name: 'Bash', arguments: JSON.stringify({ command: `echo ${turn}` }) };
  const toolCalls = [{ id: `c:r${turn}`, type: 'function' as const, function: call }];
  return { id: `m:r${turn}`, role: 'assistant', content, toolCalls, metadata };
}

function pageOf(end: number, limit: number) {
  const from = Math.max(0, end - limit);
  const messages = Array.from({ length: end - from }, (_, index) => message(from + index));
  return { messages, before: from > 0 ? String(from) : null };
}

async function open(page: Page, path = '#/c/thread-1', count = COUNT) {
  const trouble = await watchForTrouble(page);
  const server = await ScriptedServer.start(page);
  server.onHello = () => {
    server.welcome();
    server.send({ type: 'reset', head: null, ...pageOf(count, SNAPSHOT) });
    server.send({ type: 'pending', items: [] }, { type: 'state', state: 'idle', runId: null });
    server.send({ type: 'caughtUp', head: null });
  };
  const asked: number[] = [];
  await answerApi(page, 'conversations/*/messages?*', async (route, url) => {
    const before = Number(url.searchParams.get('before'));
    asked.push(before);
    await route.fulfill({ json: pageOf(before, Number(url.searchParams.get('limit') ?? 50)) });
  });
  await page.goto(`${ORIGIN}/chat/${path}`);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  return { server, trouble, asked };
}

const answerOf = (page: Page, turn: number) => page.getByText(`Answer ${turn}. `).first();
const scroller = (page: Page) => page.locator('.scroller');
const topOf = async (page: Page, turn: number) =>
  (await answerOf(page, turn).boundingBox())?.y ?? Number.NaN;

/** What scrolling brings near takes its true height, a stretch a frame: resolves once that is done. */
const atRest = (page: Page) =>
  scroller(page).evaluate(
    (box) =>
      new Promise<void>((resolve) => {
        let [height, frames] = [0, 0];
        const look = () => {
          frames = box.scrollHeight === height ? frames + 1 : 0;
          height = box.scrollHeight;
          if (frames > 5) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
  );

/** The turn whose run stands in the middle of the screen; NaN: none does. */
const onScreen = (page: Page): Promise<number> =>
  page.evaluate(() => {
    // The first that ends below the middle and begins there at the latest: between two runs there is a gap.
    const run = [...document.querySelectorAll('.run')].find((it) => {
      const { top, bottom } = it.getBoundingClientRect();
      return bottom > innerHeight / 2 && top < innerHeight / 2 + 100;
    });
    return Number(/Answer (\d+)\./.exec(run?.textContent ?? '')?.[1] ?? Number.NaN);
  });

/** Goes to the very top, again and again, until there is nothing earlier. */
async function toBeginning(page: Page): Promise<void> {
  await expect
    .poll(
      async () => {
        await scroller(page).evaluate((box) => box.scrollTo(0, 0));
        return page.locator('.earlier').count();
      },
      { timeout: 200_000, intervals: [20] },
    )
    .toBe(0);
  // The last of them may have come since: the reader was kept where they were.
  await scroller(page).evaluate((box) => box.scrollTo(0, 0));
}

test('[P8] 5,000 messages: opened at the end, read back to the beginning, with a page that stays small', async ({
  page,
}) => {
  test.setTimeout(240_000);
  const { trouble, asked } = await open(page);
  await expect(answerOf(page, 2_499)).toBeInViewport();
  await toBeginning(page);
  await expect(page.getByText('Question 0?')).toBeInViewport();
  expect(new Set(asked).size).toBe(asked.length); // no page was asked for twice
  expect(asked.length).toBe((COUNT - SNAPSHOT) / 200 + 0.25);
  expect(await page.locator('.run').count()).toBeLessThan(150);
  const first = page.locator('.run').first();
  await expect(first).toHaveAttribute('aria-posinset', '1');
  await expect(first).toHaveAttribute('aria-setsize', '2500');
  await scroller(page).evaluate((box) => box.scrollTo(0, box.scrollHeight / 2));
  // Where nobody was before: it is drawn as the reader comes.
  await expect.poll(() => onScreen(page)).toBeGreaterThan(1_000);
  expect(await onScreen(page)).toBeLessThan(1_500);
  await expectAccessible(page);
  trouble.expectClean();
});

test('what is read stays where it is: while earlier messages come in, and while an answer is written', async ({
  page,
}) => {
  const { server, trouble, asked } = await open(page, '#/c/thread-1', 250);
  await expect(answerOf(page, 124)).toBeInViewport();
  expect(asked).toEqual([]);
  await scroller(page).evaluate((box) => box.scrollTo(0, 1_500));
  await expect(page.getByRole('button', { name: 'To the end' })).toBeVisible();
  await expect.poll(() => onScreen(page)).toBeLessThan(124);
  const turn = await onScreen(page);
  await expect(page.locator('.earlier')).toHaveCount(0); // it came by itself
  expect(await onScreen(page)).toBe(turn);
  const before = await topOf(page, turn);
  server.keep(started('live', [{ id: 'u:live', role: 'user', content: 'And now?' }]));
  server.keep(
    ...text('m:live', ...Array.from({ length: 40 }, (_, i) => `Line ${i}\n\n`)).slice(0, -1),
  );
  await expect(page.getByText('Line 39')).toBeAttached();
  await expect(page.getByRole('button', { name: 'New below: Still answering' })).toBeVisible();
  expect(Math.abs((await topOf(page, turn)) - before)).toBeLessThan(2);
  server.keep({ type: 'TEXT_MESSAGE_END', messageId: 'm:live' }, finished('live'));
  const below = page.getByRole('button', { name: 'New below: 1 new answer' });
  await expect(below).toBeVisible();
  await expectAccessible(page);
  await below.click();
  await expect(page.getByText('Line 39', { exact: true })).toBeInViewport();
  await expect(page.locator('.new-below')).toHaveCount(0);
  trouble.expectClean();
});

test('what was opened, and what has the focus, is still so after the reader was far away', async ({
  page,
}) => {
  const { trouble } = await open(page, '#/c/thread-1', 2_000);
  const card = page.locator('details.tool').last();
  await card.locator('summary').click();
  await expect(card).toHaveAttribute('open', '');
  const name = await card.textContent();
  await toBeginning(page);
  await expect(answerOf(page, 990)).toHaveCount(0); // others were let go
  await scroller(page).evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await expect(answerOf(page, 999)).toBeInViewport();
  await expect(card).toHaveAttribute('open', '');
  expect(await card.textContent()).toBe(name);
  await expect(card.locator('summary')).toBeFocused();
  trouble.expectClean();
});

test('a link to a message far back opens there, marks it, and gives it the focus', async ({
  page,
}) => {
  const { trouble, asked } = await open(page, '#/c/thread-1/m/m%3Ar1234');
  await expect(answerOf(page, 1_234)).toBeInViewport({ timeout: 20_000 });
  await expect(page.locator('.item.found')).toContainText('Answer 1234.');
  await expect(page.locator('[data-message="m:r1234"]')).toBeFocused();
  expect(asked.length).toBeLessThan(15); // no further than needed
  await page.evaluate(() => {
    location.hash = '#/c/thread-1/m/u%3Ar2490';
  });
  await expect(page.getByText('Question 2490?')).toBeInViewport();
  trouble.expectClean();
});

test('a link to what a subagent said opens its fold', async ({ page }) => {
  const { server, trouble } = await open(page, '', 100);
  const lane = { subagentRunId: 't1' };
  server.keep(
    started('r-lane', [{ id: 'u:r-lane', role: 'user', content: 'Look for bugs' }]),
    ...tool('t1', 'Task', { subagent_type: 'reviewer', description: 'Look' }, null),
    { type: 'SUBAGENT_STARTED', ...lane, name: 'reviewer', description: 'Look' },
    ...text('m:lane', 'Two places look odd.').map((event) => ({ ...event, ...lane })),
    { type: 'SUBAGENT_FINISHED', ...lane },
    finished('r-lane'),
  );
  await expect(page.locator('details.lane')).toBeVisible();
  await expect(page.getByText('Two places look odd.')).toHaveCount(0);
  await page.evaluate(() => {
    location.hash = '#/c/thread-1/m/m%3Alane';
  });
  await expect(page.locator('.item.found')).toContainText('Two places look odd.');
  await expect(page.locator('[data-message="m:lane"]')).toBeFocused();
  trouble.expectClean();
});

test('a link to a message that is gone says so, and one that cannot be loaded says that', async ({
  page,
}) => {
  const { server } = await open(page, '#/c/thread-1/m/nobody', 100);
  await expect(page.getByText('is not in the conversation any more')).toBeVisible();
  await expect(answerOf(page, 49)).toBeAttached();
  expect(server.sockets.length).toBe(1);
});

test('a link whose messages cannot be had says so', async ({ page }) => {
  const server = await ScriptedServer.start(page);
  server.onHello = () => {
    server.welcome();
    server.send({ type: 'reset', head: null, ...pageOf(100, SNAPSHOT) });
    server.send({ type: 'caughtUp', head: null });
  };
  await answerApi(page, 'conversations/*/messages?*', (route) =>
    route.fulfill({ status: 503, json: { fault: 'store.unavailable', message: 'Down' } }),
  );
  await page.goto(`${ORIGIN}/chat/#/c/thread-1/m/m%3Ar1`);
  await expect(page.getByText('could not be loaded. Follow the link again.')).toBeVisible();
  await scroller(page).evaluate((box) => box.scrollTo(0, 0));
  await expect(page.getByRole('button', { name: /Try again/ })).toBeVisible();
});

test('a prompt’s link is copied, and opened in a fresh tab it shows that prompt', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { trouble } = await open(page, '#/c/thread-1', 300);
  const prompt = page.locator('[data-message="u:r140"]');
  await prompt.hover();
  await prompt.getByRole('button', { name: 'Copy link' }).click();
  await expect(prompt.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${ORIGIN}/chat/#/c/thread-1/m/u%3Ar140`);
  const other = await context.newPage();
  await open(other, link.slice(`${ORIGIN}/chat/`.length), 300);
  await expect(other.locator('.user-message.found')).toContainText('Question 140?');
  trouble.expectClean();
});

test('on paper all that was loaded is there', async ({ page }) => {
  const { trouble } = await open(page, '#/c/thread-1', 600);
  await toBeginning(page);
  expect(await page.locator('.run').count()).toBeLessThan(150);
  const printed = await page.evaluate(() => {
    dispatchEvent(new Event('beforeprint'));
    return document.querySelectorAll('.run').length;
  });
  expect(printed).toBe(300);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await expect.poll(() => page.locator('.run').count()).toBeLessThan(150);
  trouble.expectClean();
});

test('a browser that does not anchor its scroll keeps the place too', async ({ page }) => {
  await page.addInitScript(() => {
    const supports = CSS.supports.bind(CSS) as (...args: string[]) => boolean;
    CSS.supports = (...args: string[]) => args[0] !== 'overflow-anchor' && supports(...args);
  });
  const { trouble } = await open(page, '#/c/thread-1', 50);
  await scroller(page).evaluate((box) => {
    (box as HTMLElement).style.overflowAnchor = 'none';
    box.scrollTo(0, box.scrollHeight / 2);
  });
  await expect(page.getByRole('button', { name: 'To the end' })).toBeVisible();
  await atRest(page);
  const turn = await page.evaluate(() => {
    const run = [...document.querySelectorAll('.run')].find(
      (element) => element.getBoundingClientRect().top > 0,
    );
    return Number(/Answer (\d+)\./.exec(run?.textContent ?? '')?.[1]);
  });
  const before = await topOf(page, turn);
  await page
    .locator('.stretch')
    .first()
    .evaluate(
      (element) =>
        new Promise<void>((resolve) => {
          const more = document.createElement('p');
          more.textContent = 'What grew above. '.repeat(200);
          element.append(more);
          requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
        }),
    );
  expect(Math.abs((await topOf(page, turn)) - before)).toBeLessThan(2);
  trouble.expectClean();
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`on a phone, ${colorScheme}: the way back to the end is reachable and nothing is cut off`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    const { server, trouble } = await open(page, '#/c/thread-1', 100);
    await expect(answerOf(page, 49)).toBeAttached();
    await scroller(page).hover();
    await page.mouse.wheel(0, -1_500);
    await expect(page.getByRole('button', { name: 'To the end' })).toBeVisible();
    server.keep(started('live', [{ id: 'u:live', role: 'user', content: 'And now?' }]));
    await expect(page.getByRole('button', { name: 'New below: Still answering' })).toBeVisible();
    const pull = await page.evaluate(
      () => getComputedStyle(document.documentElement).overscrollBehaviorY,
    );
    expect(pull).toBe('none');
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/phone-${colorScheme}.png` });
    trouble.expectClean();
  });
