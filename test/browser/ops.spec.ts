/** Operators watch a real conversation: a served Greenroom, the demo agent, two browsers. */
import { type Browser, expect, type Page, test } from '@playwright/test';
import { expectAccessible } from './support/accessible.ts';
import { RealServer } from './support/real-server.ts';
import { watchForTrouble } from './support/watch.ts';

const CANARY = 'CANARY-51c';

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const actors = (page: Page) => page.getByRole('listbox', { name: 'Actors' });
const events = (page: Page) => page.getByRole('listbox', { name: 'Timeline' });
const lit = (page: Page) => page.locator('.ops-chart .is-here');

async function as(browser: Browser, server: RealServer, user: string): Promise<Page> {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await context.addCookies([await server.cookieFor(user)]);
  return context.newPage();
}

test('[OP2] [OP3] an operator watches a session through idle, streaming, throttled and idle, and the chart follows', async ({
  browser,
}) => {
  const server = await RealServer.start({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const [chat, ops] = [await as(browser, server, 'alice'), await as(browser, server, 'local')];
  try {
    const trouble = await watchForTrouble(ops);
    const told: string[] = [];
    ops.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => told.push(String(payload))),
    );
    await chat.goto(`${server.origin}/chat/`);
    await expect(box(chat)).toBeVisible();
    await ops.goto(`${server.origin}/chat/ops/`);
    const session = actors(ops)
      .getByRole('option', { name: 'alice' })
      .filter({ hasText: 'Session' });
    await expect(session).toContainText('idle');
    await session.click();
    await expect(lit(ops)).toHaveAttribute('id', 'state:idle');

    await box(chat).fill(`slow ${CANARY}`);
    await box(chat).press('Enter');
    await expect(lit(ops)).toHaveAttribute('id', 'state:streaming');
    await box(chat).fill(`and more ${CANARY}`);
    await box(chat).press('Enter');
    await expect(lit(ops)).toHaveAttribute('id', 'state:throttled');
    await expect(chat.getByRole('region', { name: 'Waits for a limit' })).toBeVisible();
    await expect(chat.locator('.activity')).toHaveCount(0, { timeout: 30_000 });
    await chat.getByRole('button', { name: 'Take back' }).click();
    await expect(lit(ops)).toHaveAttribute('id', 'state:idle');

    const last = events(ops).getByRole('option').filter({ hasText: 'prompt.unparked' });
    await expect(last).toBeVisible();
    for (const type of ['run.started', 'prompt.parked', 'run.ended'])
      expect(told.join('')).toContain(`"type":"${type}"`);
    await expectAccessible(ops);
    expect(told.join('')).not.toContain(CANARY);
    await expect(ops.locator('body')).not.toContainText(CANARY);
    trouble.expectClean();
  } finally {
    await Promise.all([chat.context().close(), ops.context().close()]);
    await server.stop();
  }
});

test('[OP1] who is no operator is told so, and is not led there', async ({ browser }) => {
  const server = await RealServer.start();
  const page = await as(browser, server, 'alice');
  try {
    const answer = await page.goto(`${server.origin}/chat/ops/`);
    expect(answer?.status()).toBe(403);
    await expect(page.getByRole('heading', { name: 'For operators only' })).toBeVisible();
  } finally {
    await page.context().close();
    await server.stop();
  }
});

test('[OP4] [OP6] an operator interrupts a run, keeps what it took, and replays it', async ({
  browser,
}) => {
  const server = await RealServer.start();
  const [chat, ops] = [await as(browser, server, 'alice'), await as(browser, server, 'local')];
  try {
    await chat.goto(`${server.origin}/chat/`);
    await box(chat).fill(`slow ${CANARY}`);
    await box(chat).press('Enter');
    await ops.goto(`${server.origin}/chat/ops/`);
    await actors(ops).getByRole('option', { name: 'alive.running' }).first().click();
    await expect(lit(ops)).toHaveAttribute('id', 'state:alive.running');
    await ops.getByRole('button', { name: 'Interrupt' }).click();
    await ops.getByRole('dialog').getByRole('button', { name: 'Interrupt' }).click();
    await expect(chat.getByText('Stopped', { exact: false }).first()).toBeVisible();
    await expect(lit(ops)).toHaveAttribute('id', 'state:alive.ready');
    await expect(ops.getByRole('button', { name: 'Interrupt' })).toHaveCount(0);
    await ops.getByRole('button', { name: 'Keep capsule' }).click();
    await ops.getByRole('dialog').getByRole('button', { name: 'Keep capsule' }).click();
    await expect(ops.getByRole('status').filter({ hasText: 'A capsule is kept.' })).toBeVisible();

    await ops.getByRole('button', { name: 'Capsules' }).click();
    await ops.getByRole('button', { name: 'Replay', exact: false }).first().click();
    await expect(ops.getByText('The replay ended as the recording did.')).toBeVisible();
    await expect(lit(ops)).toHaveAttribute('id', 'state:dormant');
    await ops.getByRole('slider').press('End');
    await expect(lit(ops)).toHaveAttribute('id', 'state:alive.ready');
  } finally {
    await Promise.all([chat.context().close(), ops.context().close()]);
    await server.stop();
  }
});
