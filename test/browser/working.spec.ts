/** What goes on in a run, for how long, and what stands under its answer. */
import { expect, type Page, test } from '@playwright/test';
import type { AguiEvent, Message } from '../../src/transport/protocol.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { openChat } from './support/open-chat.ts';
import { RealServer } from './support/real-server.ts';
import {
  finished,
  ORIGIN,
  type ScriptedServer,
  started,
  text,
  tool,
} from './support/scripted-server.ts';

const PHONE = { width: 390, height: 844 };
const TWO_HOURS = 7_200_000;
const line = (page: Page) => page.locator('.activity');
const user = (id: string, content: string): Message => ({ id, role: 'user', content });

/** So many seconds ago by the server's clock, where events say when they were. */
function ago(seconds: number, events: readonly AguiEvent[], aheadMs = 0): AguiEvent[] {
  const timestamp = Date.now() + aheadMs - seconds * 1_000;
  return events.map((event) => ('delta' in event ? event : { ...event, timestamp }));
}

const thinks = (messageId = 't1'): AguiEvent => ({
  type: 'REASONING_MESSAGE_START',
  messageId,
  role: 'reasoning',
});
const thought = (messageId = 't1'): AguiEvent => ({ type: 'REASONING_MESSAGE_END', messageId });
const writes: AguiEvent = { type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' };
const custom = (name: string, value: object): AguiEvent => ({ type: 'CUSTOM', name, value });
const begun = (seconds: number) => ago(seconds, [started('r1', [user('u1', 'Do it')])]);
const asks: AguiEvent = {
  type: 'RUN_FINISHED',
  threadId: 'thread-1',
  runId: 'r1',
  outcome: {
    type: 'interrupt',
    interrupts: [
      {
        id: 'i1',
        reason: 'approval_required',
        toolCallId: 'c1',
        metadata: { kind: 'approval', toolName: 'Bash', input: { command: 'npm ci' } },
      },
    ],
  },
};

/** A page that comes in the middle of a run. */
async function openLate(page: Page, frames: readonly AguiEvent[], heardSecondsAgo: number) {
  const { server, trouble } = await openChat(page);
  server.onHello = (it: ScriptedServer) => {
    it.welcome();
    it.send({ type: 'reset', head: null, messages: [], before: null });
    it.keep(...frames);
    it.send({ type: 'caughtUp', head: null, heardAt: Date.now() - heardSecondsAgo * 1_000 });
    it.send({ type: 'state', state: 'streaming', runId: 'r1' }, { type: 'pending', items: [] });
  };
  await page.reload();
  return { server, trouble };
}

test('the line counts by the server’s clock, though the page’s own is two hours behind', async ({
  page,
}) => {
  const { server, trouble } = await openChat(page);
  server.welcome({ now: Date.now() + TWO_HOURS });
  server.send({ type: 'caughtUp', head: null });
  server.keep(...ago(190, [started('r1', [user('u1', 'Test it')])], TWO_HOURS));
  server.keep(custom('claude.usage', { outputTokens: 34_210 }));
  server.keep(...ago(75, tool('c1', 'Bash', { command: 'npm test' }, null), TWO_HOURS));
  await expect(line(page)).toContainText('Running Bash npm test');
  await expect(line(page).locator('.activity-time')).toHaveText(/^1 min [1-5]\d s$/);
  await expect(line(page).locator('.activity-more')).toHaveText(
    /^3 min [1-5]\d s in all · 34k tokens written$/,
  );
  trouble.expectClean();
});

test('a run of which no times are told is shown without them', async ({ page }) => {
  await page.clock.install();
  const { server, trouble } = await openChat(page);
  const words = { type: 'REASONING_MESSAGE_CONTENT' as const, messageId: 't1', delta: 'Hm' };
  server.keep(started('r1', [user('u1', 'Hi')]), thinks(), words);
  await expect(line(page)).toContainText('Thinking');
  await page.clock.runFor(10_000);
  await expect(line(page).getByRole('timer')).toHaveCount(0);
  server.keep(thought(), ...text('m1', 'Hello.'), finished('r1'));
  await expect(page.getByText('Thoughts', { exact: true })).toBeVisible();
  trouble.expectClean();
});

test('silence is said with its length, also to who comes later, and is over with the next word', async ({
  page,
}) => {
  const { server, trouble } = await openLate(page, [...begun(70), ...ago(62, [thinks()])], 42);
  await expect(line(page)).toContainText('Thinking');
  await expect(line(page).locator('.activity-time')).toHaveText(/^nothing heard for (4|5)\d s$/);
  await expect(page.locator('.activity [role=status]')).toHaveText(
    'Nothing has been heard for a while',
  );
  server.keep({ type: 'REASONING_MESSAGE_CONTENT', messageId: 't1', delta: 'Hm' });
  await expect(line(page)).not.toContainText('nothing heard');
  await expect(line(page).locator('.activity-time')).toHaveText(/^1 min \d\d s$/);
  trouble.expectClean();
});

test('a tool that takes its time is no silence', async ({ page }) => {
  const calls = ago(300, tool('c1', 'Bash', { command: 'make' }, null));
  await openLate(page, [...begun(301), ...calls], 300);
  await expect(line(page)).toContainText(/Running Bash make\s*5 min 0\d s/);
  await expect(line(page)).not.toContainText('nothing heard');
});

test('busy APIs, summaries and approvals are told as what they are', async ({ page }) => {
  const { server, trouble } = await openChat(page);
  const retry = { attempt: 2, maxRetries: 10, delayMs: 90_000, status: 529 };
  server.keep(...begun(10), ...ago(0, [custom('claude.api_retry', retry)]));
  await expect(line(page)).toContainText(
    /The Claude API is busy \(529\)\. Try 2 of 10\s*in 1:[0-3]\d/,
  );
  server.keep(...ago(1, [writes]), ...ago(0, [{ type: 'TEXT_MESSAGE_END', messageId: 'm1' }]));
  server.keep(...ago(20, [custom('claude.status', { status: 'compacting' })]));
  await expect(line(page)).toContainText(/Summarising earlier messages\s*2\d s/);
  server.keep(...ago(2, [custom('claude.status', { status: null })]));
  server.keep(...ago(2, tool('c1', 'Bash', { command: 'npm ci' }, null)), ...ago(40, [asks]));
  await expect(line(page)).toContainText(/Waiting for approval Bash npm ci\s*4\d s/);
  trouble.expectClean();
});

test('a screen reader hears of what begins, and never of seconds', async ({ page }) => {
  await page.clock.install();
  const { server } = await openChat(page);
  server.keep(...begun(5), ...ago(3, [thinks()]));
  const said = page.locator('.activity [role=status]');
  await page.clock.runFor(3_000);
  await expect(said).toHaveText('Thinking');
  const changes = await said.evaluateHandle((region) => {
    const heard: string[] = [];
    new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    return heard;
  });
  await page.clock.runFor(8_000);
  await expect(line(page).locator('.activity-time')).toHaveText(/^1\d s$/);
  server.keep(...ago(0, [thought(), writes]));
  await expect(line(page)).toContainText('Writing');
  await page.clock.runFor(3_000);
  await expect(said).toHaveText('Writing');
  expect(await changes.evaluate((heard) => heard)).toEqual(['Writing']);
  for (const timer of await line(page).getByRole('timer').all())
    await expect(timer).toHaveAttribute('aria-live', 'off');
});

for (const viewport of [{ width: 1280, height: 800 }, PHONE])
  test(`the line stays in sight while one reads above, ${viewport.width} px wide`, async ({
    page,
  }) => {
    await page.setViewportSize(viewport);
    const { server } = await openChat(page);
    const paragraphs = 'Some words that are read.\n\n'.repeat(80);
    server.keep(
      ...begun(95),
      ...text('m0', paragraphs),
      custom('claude.usage', { outputTokens: 900 }),
    );
    server.keep(...ago(20, tool('c1', 'Bash', { command: `make ${'long '.repeat(40)}` }, null)));
    await expect(line(page)).toContainText('Running Bash');
    await page.locator('.scroller').evaluate((it) => {
      it.scrollTop = 300;
      it.dispatchEvent(new Event('scroll'));
    });
    await expect(page.getByRole('button', { name: /New below|To the end/ })).toBeVisible();
    await expect(line(page)).toBeInViewport({ ratio: 1 });
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });

test('a thought says how long it took, live and long after', async ({ page }) => {
  const { server, trouble } = await openChat(page);
  server.keep(...begun(30), ...ago(28, [thinks()]));
  await expect(page.getByText('Thoughts so far')).toBeVisible();
  server.keep(...ago(16, [thought()]), ...text('m1', 'So it is.'), finished('r1'));
  await expect(page.getByText('Thought for 12 s', { exact: true })).toBeVisible();
  server.onHello = (it) =>
    it.greet([
      user('u1', 'Why?'),
      { id: 't1', role: 'reasoning', content: 'Hm', metadata: { durationMs: 75_400 } },
      { id: 't2', role: 'reasoning', content: 'Hm', metadata: { durationMs: 300 } },
      { id: 't3', role: 'reasoning', content: 'Hm' },
      { id: 'm1', role: 'assistant', content: 'Because.' },
    ]);
  await page.reload();
  await expect(page.locator('.fold > summary')).toHaveText([
    'Thought for 1 min 15 s',
    'Thought briefly',
    'Thoughts',
  ]);
  trouble.expectClean();
});

test('an answer can be copied as Claude wrote it, linked to, and asked for again', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN });
  const { server, trouble } = await openChat(page, '/chat/#/c/thread-1');
  await page.route('**/api/conversations/thread-1/fork', (route) =>
    route.fulfill({ status: 201, json: { threadId: 'thread-2' } }),
  );
  server.keep(...begun(30), ...text('m1', 'I look at it.'), ...text('m2', 'It **is** so.'));
  await expect(page.getByRole('button', { name: 'Copy answer' })).toHaveCount(0);
  server.keep(finished('r1'));
  const actions = page.getByRole('group', { name: 'This answer' });
  await expect(actions).toHaveCSS('opacity', '0');
  await page.locator('.run').hover();
  await expect(actions).toHaveCSS('opacity', '1');
  await page.mouse.move(0, 0);
  await expect(actions).toHaveCSS('opacity', '0');

  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const copy = page.getByRole('button', { name: 'Copy answer' });
  await copy.focus();
  await expect(actions).toHaveCSS('opacity', '1');
  await page.keyboard.press('Enter');
  await expect(actions.getByRole('status').first()).toHaveText('Copied');
  expect(await clipboard()).toBe('I look at it.\n\nIt **is** so.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  expect(await clipboard()).toMatch(/#\/c\/thread-1\/m\/?.*m2$|m2$/);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Retry' })).toBeFocused();
  await page.keyboard.press('Enter');
  const again = await server.prompt();
  expect(again).toMatchObject({ threadId: 'thread-2', messages: [{ content: 'Do it' }] });
  trouble.expectClean();
});

test('a retry that does not work says why, and leaves all as it is', async ({ page }) => {
  const { server } = await openChat(page);
  await page.route('**/api/conversations/thread-1/fork', (route) =>
    route.fulfill({ status: 409, json: { fault: 'fork.tooMany', message: 'Too many branches.' } }),
  );
  server.keep(...begun(3), { type: 'RUN_ERROR', code: 'claude.stalled', message: 'No answer.' });
  await expect(page.getByRole('button', { name: 'Copy answer' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.locator('.retry-why')).toBeVisible();
  await expect(page.locator('.error-card')).toBeVisible();
  expect(server.said.filter((said) => 'messages' in said)).toEqual([]);
});

test('on a touch screen what can be done is in sight, and large enough', async ({ browser }) => {
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  const { server } = await openChat(page);
  server.keep(...begun(30), ...text('m1', 'It is so.'), finished('r1'));
  await expect(page.getByRole('group', { name: 'This answer' })).toHaveCSS('opacity', '1');
  const { height } = (await page.getByRole('button', { name: 'Retry' }).boundingBox()) ?? {};
  expect(height).toBeGreaterThanOrEqual(44);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await context.close();
});

test('all of it is said in German', async ({ browser }) => {
  const page = await browser.newPage({ locale: 'de-DE' });
  const { server } = await openChatIn(page);
  server.keep(...begun(95), ...ago(92, [thinks()]), ...ago(80, [thought()]));
  server.keep(custom('claude.usage', { outputTokens: 1_240 }));
  server.keep(...ago(20, tool('c1', 'Bash', { command: 'make' }, null)));
  await expect(line(page)).toContainText(/Führt Bash aus make\s*2\d s/);
  await expect(line(page)).toContainText(/insgesamt 1 min \d\d s · 1,2k Token geschrieben/);
  await expect(page.getByText('12 s nachgedacht')).toBeVisible();
  await page.close();
});

/** Like `openChat`, whatever the page calls being live in the reader's language. */
async function openChatIn(page: Page) {
  const { ScriptedServer } = await import('./support/scripted-server.ts');
  const server = await ScriptedServer.start(page);
  await page.goto(`${ORIGIN}/chat/`);
  await expect.poll(() => server.said.length).toBeGreaterThan(0);
  return { server };
}

test('after a reload in the middle of a run the seconds go on, and thoughts keep their length', async ({
  page,
}) => {
  const server = await RealServer.start();
  try {
    await page.goto(server.signInUrl);
    const box = page.getByRole('textbox', { name: 'Message to Claude' });
    await box.fill('good morning');
    await box.press('Enter');
    await expect(line(page)).toBeVisible();
    await expect(line(page)).toHaveCount(0);
    const thoughts = page.locator('.fold > summary').filter({ hasText: 'Thought' });
    const took = await thoughts.first().textContent();
    expect(took).toMatch(/^Thought (for \d+ s|briefly)$/);

    await box.fill('slow please');
    await box.press('Enter');
    const time = line(page).getByRole('timer').first();
    await expect(time).toHaveText(/^[3-9] s/);
    const before = Number.parseInt((await time.textContent()) ?? '', 10);
    const goOn = await server.haltAgents(); // the answer is still being written when the page is back
    await page.reload();
    await expect(line(page).getByRole('timer').first()).toHaveText(/\d+ s/);
    const seen = (await line(page).getByRole('timer').allTextContents()).join(' ');
    const seconds = [...seen.matchAll(/(\d+) s/g)].map(([, count]) => Number(count));
    expect(Math.max(...seconds)).toBeGreaterThanOrEqual(before);
    goOn();
    // By now a message of the past, told in a snapshot.
    await expect(thoughts.first()).toHaveText(took ?? '');
  } finally {
    await server.stop();
  }
});
