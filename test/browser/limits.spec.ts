/** What a user may still do, and what is held back, refused or stopped by it. */
import { expect, type Page, test } from '@playwright/test';
import type { LimitViews, PendingItem, ServerFrame } from '../../src/transport/protocol.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { openChat as open } from './support/open-chat.ts';
import { finished, type ScriptedServer, started, text } from './support/scripted-server.ts';

type Throttled = Extract<ServerFrame, { type: 'throttled' }>;

const user = (id: string, content: string) => ({ id, role: 'user' as const, content });
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const card = (page: Page) => page.getByRole('region', { name: 'Waits for a limit' });
const meter = (page: Page) => page.getByRole('button', { name: /^Limits:/ });
const popover = (page: Page) => page.getByRole('dialog', { name: 'Your limits' });

async function send(page: Page, server: ScriptedServer, words: string) {
  await box(page).fill(words);
  await box(page).press('Enter');
  return server.prompt();
}

const held = (runId: string, words: string, change: Partial<PendingItem> = {}): PendingItem => ({
  runId,
  text: words,
  why: 'parked',
  limit: 'hour',
  resetAt: Date.now() + 750_000,
  ...change,
});

const throttled = (runId: string, change: Partial<Throttled> = {}): Throttled => ({
  type: 'throttled',
  runId,
  limit: 'hour',
  retryAfterMs: 750_000,
  remaining: 0,
  max: 60,
  resetAt: Date.now() + 750_000,
  parked: true,
  ...change,
});

/** The server parks it: refusal, list, reply. */
function park(server: ScriptedServer, runId: string, words: string): void {
  server.send(
    throttled(runId),
    { type: 'pending', items: [held(runId, words)] },
    { type: 'state', state: 'throttled', runId: null },
    { type: 'reply', ref: runId, fault: null },
  );
}

function limits(change: Partial<LimitViews> = {}): LimitViews {
  const resetAt = Date.now() + 42 * 60_000;
  return {
    hour: { used: 37, max: 60, resetAt },
    day: { used: 101, max: 500, resetAt: Date.now() + 5 * 3_600_000 },
    tokens: { used: 512_400, max: 1_000_000, resetAt: Date.now() + 3 * 3_600_000 },
    runs: { used: 1, max: 4, resetAt: null },
    ...change,
  };
}

/** All that live regions have been filled with from now on, as a screen reader would hear it. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  const heard = await page.evaluateHandle(() => {
    const heard: string[] = [];
    new MutationObserver((records) => {
      const changed = new Set<string>();
      for (const { target } of records) {
        const at = target instanceof Element ? target : target.parentElement;
        if (at?.closest('[aria-hidden="true"]')) continue;
        const region = at?.closest('[role="status"], [role="alert"], [aria-live]');
        if (region?.textContent) changed.add(region.textContent);
      }
      heard.push(...changed);
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
    return heard;
  });
  return () => heard.evaluate((all) => [...all]);
}

test('[R29] what a limit holds back waits in the thread with a countdown, and goes by itself', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const { runId } = await send(page, server, 'one more');
  park(server, runId, 'one more');
  await expect(card(page)).toContainText('This hour’s messages are used up. Sends itself at');
  await expect(card(page)).toContainText(/In 12:(30|2\d)\./);
  await expect(card(page).locator('.bubble')).toHaveText('one more');
  await expect(page.getByText('Sending…')).toHaveCount(0);
  await expect(page.locator('.bubble')).toHaveCount(1);
  server.send({ type: 'pending', items: [] });
  server.keep(started(runId, [user('u1', 'one more')]), ...text('m1', 'Done'), finished(runId));
  await expect(card(page)).toHaveCount(0);
  await expect(page.locator('.bubble')).toHaveText(['one more']);
  trouble.expectClean();
});

test('[R29] a parked prompt is never sent again by the page: not after a cut, not after a reload', async ({
  page,
}) => {
  const { server } = await open(page);
  const { runId } = await send(page, server, 'one more');
  park(server, runId, 'one more');
  await expect(card(page)).toBeVisible();
  server.onHello = () => {
    server.welcome();
    server.send({ type: 'reset', head: null, messages: [], before: null });
    server.send({ type: 'pending', items: [held(runId, 'one more')] });
    server.send({ type: 'caughtUp', head: null });
  };
  await server.sockets.at(-1)?.close({ code: 1012 });
  await expect.poll(() => server.sockets.length).toBe(2);
  await expect(card(page)).toBeVisible();
  await page.reload();
  await expect(card(page)).toContainText('one more');
  await box(page).fill('typed since');
  expect(server.said.filter((said) => 'messages' in said)).toHaveLength(1);
});

test('it is announced once: not each second, not when it is told again; then that it was sent', async ({
  page,
}) => {
  const { server } = await open(page);
  const heard = await listen(page);
  const { runId } = await send(page, server, 'one more');
  park(server, runId, 'one more');
  await expect(card(page)).toBeVisible();
  const left = await card(page).locator('.left').textContent();
  server.send(throttled(runId, { resetAt: Date.now() + 700_000 }));
  server.send({
    type: 'pending',
    items: [held(runId, 'one more', { resetAt: Date.now() + 700_000 })],
  });
  server.send(throttled(runId, { resetAt: Date.now() + 650_000 }));
  await expect(card(page)).toContainText(/In 10:\d\d\./);
  await expect(card(page).locator('.left')).not.toHaveText(left ?? '');
  const now = await card(page).locator('.left').textContent();
  await expect(card(page).locator('.left')).not.toHaveText(now ?? '');
  expect(await heard()).toEqual([
    expect.stringMatching(
      /^This hour’s messages are used up\. Your message sends itself at .*\d\d/,
    ),
  ]);
  server.send(throttled(runId, { limit: 'runs', resetAt: null, retryAfterMs: null }));
  await expect(card(page)).toContainText('as soon as one of your answers ends');
  await expect.poll(async () => (await heard()).length).toBe(2);
  server.send({ type: 'pending', items: [] });
  server.keep(started(runId, [user('u1', 'one more')]));
  await expect.poll(async () => (await heard()).at(-1)).toBe('Your message was sent.');
  expect(await heard()).toHaveLength(3);
});

test('[R29] “Edit” takes it back into the box, before what is typed there, and goes there', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const { runId } = await send(page, server, 'one more');
  park(server, runId, 'one more');
  await box(page).fill('a draft');
  await card(page).getByRole('button', { name: 'Edit' }).click();
  await expect(box(page)).toHaveValue('one more\n\na draft');
  await expect(box(page)).toBeFocused();
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'unpark', runId });
  await expect(card(page)).toHaveCount(0);
  await page.keyboard.type(', please');
  await expect(box(page)).toHaveValue('one more, please\n\na draft');
  server.send({ type: 'reply', ref: `unpark-${runId}`, fault: null });
  server.send({ type: 'pending', items: [] });
  await expect(page.locator('.notice')).toHaveCount(0);
  trouble.expectClean();
});

test('[R29] “Take back” from a tab that did not send it; where it was sent meanwhile, that is told', async ({
  page,
}) => {
  const { server } = await open(page, '/chat/#/c/thread-1');
  const images = ['/chat/api/uploads/up1', '/chat/api/uploads/up2'];
  server.send({ type: 'pending', items: [held('r9', 'from afar', { images })] });
  await expect(card(page)).toContainText('Not sent yet, with 2 images');
  await card(page).getByRole('button', { name: 'Take back' }).click();
  await expect(box(page)).toHaveValue('from afar');
  await expect(card(page)).toHaveCount(0);
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'unpark', runId: 'r9' });
  server.send({ type: 'reply', ref: 'unpark-r9', fault: 'run.unknown' });
  server.keep(started('r9', [user('u9', 'from afar')]));
  await expect(page.getByText(/had been sent before it could be taken back/)).toBeVisible();
});

test('[R26] a refusal by a limit is told once, and the words are back in the box', async ({
  page,
}) => {
  const { server } = await open(page);
  const heard = await listen(page);
  const { runId } = await send(page, server, 'one more');
  server.send(
    throttled(runId, { limit: 'day', max: 5, retryAfterMs: null, resetAt: null, parked: false }),
    { type: 'RUN_ERROR', message: 'A usage limit is reached.', code: 'throttled' },
    { type: 'reply', ref: runId, fault: 'throttled' },
  );
  await expect(box(page)).toHaveValue('one more');
  await expect(page.locator('.notice')).toHaveCount(1);
  await expect(page.locator('.notice')).toContainText('Today’s messages are used up.');
  expect(await heard()).toEqual(['Today’s messages are used up. Please try again later.']);
});

test('what the operator switched off says so, and waits for nothing', async ({ page }) => {
  const { server } = await open(page);
  const { runId } = await send(page, server, 'hello?');
  server.send(
    throttled(runId, { max: 0, retryAfterMs: null, resetAt: null, parked: false }),
    { type: 'RUN_ERROR', message: 'A usage limit is reached.', code: 'throttled' },
    { type: 'reply', ref: runId, fault: 'throttled' },
  );
  await expect(page.locator('.notice')).toHaveText(
    /^The operator has switched this off\.\s*Dismiss$/,
  );
  await expect(box(page)).toHaveValue('hello?');
  await expect(card(page)).toHaveCount(0);
});

test('a second prompt behind a parked one comes back to the box, and the first one stays', async ({
  page,
}) => {
  const { server } = await open(page);
  park(server, (await send(page, server, 'first')).runId, 'first');
  await expect(card(page)).toBeVisible();
  await box(page).fill('second');
  await box(page).press('Enter');
  const { runId } = await server.prompt(1);
  server.send(
    throttled(runId, { parked: false }),
    { type: 'RUN_ERROR', message: 'A usage limit is reached.', code: 'throttled' },
    { type: 'reply', ref: runId, fault: 'throttled' },
  );
  await expect(box(page)).toHaveValue('second');
  await expect(card(page)).toContainText('first');
  await expect(page.locator('.notices .notice')).toHaveText(/^Another message waits/);
});

test('the meter shows the limit that is reached first, live; and nothing where there is none', async ({
  page,
}) => {
  const { server } = await open(page);
  server.send({ type: 'limits', ...limits() });
  await expect(meter(page)).toHaveText('');
  await expect(meter(page)).toHaveAttribute('title', '37 of 60 this hour');
  await expect(meter(page)).toHaveAccessibleName('Limits: 37 of 60 this hour, 23 left');
  await expect(meter(page)).toHaveClass(/low/);
  server.send({ type: 'limits', ...limits({ hour: { used: 48, max: 60, resetAt: null } }) });
  await expect(meter(page)).toHaveText('48 of 60 this hour');
  await expect(meter(page)).toHaveClass(/near/);
  server.send({ type: 'limits', ...limits({ day: { used: 500, max: 500, resetAt: null } }) });
  await expect(meter(page)).toHaveText('500 of 500 today');
  await expect(meter(page)).toHaveClass(/full/);
  const lifted = { used: 3, max: null, resetAt: null };
  server.send({ type: 'limits', hour: lifted, day: lifted, tokens: lifted, runs: lifted });
  await expect(meter(page)).toHaveCount(0);
});

test('by keyboard the meter opens all limits; Escape closes them, and stops no answer', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const heard = await listen(page);
  const day = { used: 12, max: null, resetAt: null };
  server.send({ type: 'limits', ...limits({ day }) });
  server.keep(started('r1', [user('u1', 'x')]), ...text('m1', 'half').slice(0, 2));
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await box(page).focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Dictate' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(meter(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(popover(page)).toBeVisible();
  await expect(popover(page)).toBeFocused();
  await expect(popover(page)).toContainText(
    /Messages this hour23 left37 of 60 used, more from .* \(in\s42\smin\)/,
  );
  await expect(popover(page)).toContainText('Messages todayno limit12 used');
  await expect(popover(page)).toContainText('Answers at once3 left1 of 4 running');
  server.send({ type: 'limits', ...limits({ hour: { used: 38, max: 60, resetAt: null } }) });
  await expect(popover(page)).toContainText('22 left');
  await page.keyboard.press('Escape');
  await expect(popover(page)).toBeHidden();
  await expect(meter(page)).toBeFocused();
  await meter(page).press('Space');
  await expect(popover(page)).toBeVisible();
  await page.mouse.click(400, 200);
  await expect(popover(page)).toBeHidden();
  expect(server.said.filter(({ type }) => type === 'abort')).toEqual([]);
  await box(page).focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'abort', runId: 'r1' });
  expect(await heard()).toEqual([]);
  trouble.expectClean();
});

test('a prompt without room says where it stands, quietly, and cannot push in', async ({
  page,
}) => {
  const { server } = await open(page);
  const heard = await listen(page);
  const waits = (position: number): ServerFrame => ({
    type: 'pending',
    items: [{ runId: 'q1', text: 'later', why: 'queued', waitsFor: 'room', position }],
  });
  server.send(waits(3));
  await expect(page.getByText('3rd in line on this server')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send now' })).toHaveCount(0);
  server.send(waits(1));
  await expect(page.getByText('Next in line on this server')).toBeVisible();
  expect(await heard()).toEqual([]);
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(box(page)).toHaveValue('later');
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'abort', runId: 'q1' });
});

test('an answer that its budget stopped ends in a receipt', async ({ page }) => {
  const { server, trouble } = await open(page);
  server.keep(started('r1', [user('u1', 'Write the whole book')]));
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  endInReceipt(server);
  const receipt = page.getByRole('region', { name: 'Stopped by a limit' });
  await expect(receipt).toContainText('Stopped: today’s tokens are used up.');
  await expect(receipt).toContainText(
    /This answer used 12,400 tokens; 1,000,000 of 1,000,000 today; more from .* \(in\s5\sh\s12\smin\)\./,
  );
  await expect(page.getByRole('region', { name: 'Error' })).toHaveCount(0);
  await expect(page.locator('[aria-live="polite"]')).toHaveText(
    /^Stopped: today’s tokens are used/,
  );
  trouble.expectClean();
});

function endInReceipt(server: ScriptedServer): void {
  const receipt = {
    limit: 'tokens',
    used: 1_000_000,
    max: 1_000_000,
    runTokens: 12_400,
    resetAt: Date.now() + 312 * 60_000,
  };
  server.keep(
    started('r1', [user('u1', 'Write the whole book')]),
    ...text(
      'm1',
      'Chapter one. It was a dark and stormy night, and the parser had lost its place.',
    ),
    { type: 'CUSTOM', name: 'receipt', value: receipt },
    { type: 'RUN_ERROR', code: 'limits.tokens', message: 'Today’s tokens are used up.' },
  );
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, viewport] of [
    ['desk', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ] as const)
    test(`${colorScheme}, on a ${name}: limits have no barrier axe can find, and fit`, async ({
      page,
    }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { server, trouble } = await open(page);
      server.welcome({
        limits: limits({ hour: { used: 52, max: 60, resetAt: Date.now() + 42 * 60_000 } }),
        offers: OFFERS,
      });
      server.send({ type: 'context', usedTokens: 84_000, maxTokens: 200_000 });
      await expect(page.getByRole('combobox', { name: 'Model' })).toBeVisible();
      await shot(page, `${colorScheme}-${name}-meter`);
      await expectNoSidewaysScroll(page);
      await meter(page).click();
      await expect(popover(page)).toBeVisible();
      await expectAccessible(page);
      await shot(page, `${colorScheme}-${name}-popover`);
      await page.keyboard.press('Escape');
      endInReceipt(server);
      server.send({
        type: 'pending',
        items: [
          { runId: 'q1', text: 'And after that?', why: 'queued', waitsFor: 'room', position: 3 },
          held('q2', 'Then tell me how long the next chapter is going to be, and who is in it.'),
        ],
      });
      server.send(throttled('q9', { max: 0, resetAt: null, retryAfterMs: null, parked: false }));
      await expect(page.locator('.notice').first()).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await shot(page, `${colorScheme}-${name}-cards`);
      server.keep(started('r2', [user('u2', 'Go on')]));
      await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
      await expectNoSidewaysScroll(page);
      await shot(page, `${colorScheme}-${name}-running`);
      if (name === 'phone') await expectForFingers(page);
      trouble.expectClean();
    });

const OFFERS = {
  models: [
    { id: 'opus', name: 'Claude Opus 5', efforts: ['low', 'medium', 'high'] },
    { id: 'haiku', name: 'Claude Haiku 5', efforts: [] },
  ],
  commands: [],
  images: { types: ['image/png'], maxBytes: 5_000_000, maxPerPrompt: 4 },
  repositories: false,
};

async function expectForFingers(page: Page): Promise<void> {
  const header = await page.locator('header').boundingBox();
  expect(header?.height).toBeLessThan(64);
  const small = await page
    .locator('.page main button:visible, .dock button:visible')
    .evaluateAll((all) =>
      all
        .map((button) => ({ name: button.textContent, ...button.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => Math.min(width, height) < 44)
        .map(({ name, width, height }) => `${name} ${width}x${height}`),
    );
  expect(small).toEqual([]);
}

/** Where `SCREENSHOTS` names a folder, what is seen is kept there to be looked at. */
async function shot(page: Page, name: string): Promise<void> {
  const dir = process.env.SCREENSHOTS;
  if (dir) await page.screenshot({ path: `${dir}/limits-${name}.png` });
}
