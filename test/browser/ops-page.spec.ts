/** The operators' page, with a server of the test's own lines. */
import { expect, type Page, test } from '@playwright/test';
import { rowsOf } from '../../src/ui/dev/ops-fixtures.ts';
import { expectAccessible } from './support/accessible.ts';
import { OPS, OpsServer } from './support/ops-server.ts';
import { watchForTrouble } from './support/watch.ts';

const ACTOR = 'conversation:t2';
const actors = (page: Page) => page.getByRole('listbox', { name: 'Actors' });
const events = (page: Page) => page.getByRole('listbox', { name: 'Timeline' });
const lit = (page: Page) => page.locator('.ops-chart .is-here');

/** Follows a conversation in which so much has happened. */
async function follow(page: Page, server: OpsServer, count = 12): Promise<void> {
  await page.goto(OPS);
  await actors(page).getByRole('option', { name: ACTOR }).click();
  expect(await server.heard('follow')).toMatchObject({ actor: ACTOR });
  server.happen(count);
  await expect(events(page).getByRole('option').first()).toBeVisible();
}

test('of five thousand actors a screenful is in the page; filter, sort and keys find the others', async ({
  page,
}) => {
  const server = await OpsServer.start(page);
  server.rows = rowsOf(5_000, server.now);
  await page.goto(OPS);
  const list = actors(page);
  const options = list.getByRole('option');
  await expect(options.first()).toHaveAttribute('aria-setsize', '5000');
  expect(await options.count()).toBeLessThan(40);

  await list.focus();
  await page.keyboard.press('End');
  await expect(list.locator('[aria-posinset="5000"]')).toBeInViewport();
  expect(await options.count()).toBeLessThan(40);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const second = list.locator('[aria-posinset="2"]');
  await expect(second).toHaveClass(/\bat\b/);
  await expect(list).toHaveAttribute(
    'aria-activedescendant',
    (await second.getAttribute('id')) ?? '',
  );
  await page.keyboard.press('Enter');
  await expect(second).toHaveAttribute('aria-selected', 'true');

  const search = page.getByRole('searchbox', { name: 'User, id or run' });
  await search.fill('conversation:t777');
  await expect(options.first()).toHaveAttribute('aria-setsize', '1');
  await search.fill('');
  await page.getByRole('button', { name: /^Parked/ }).click();
  await expect(options.first()).toContainText('conversation:');
  await page.getByRole('checkbox', { name: 'Grouped' }).uncheck();
  await expect(options.first()).toContainText('parked:');
  await page.getByRole('button', { name: /^waiting/ }).click();
  await search.fill('nobody of that name');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(options.first()).toHaveAttribute('aria-setsize', '5000');
});

test('the list follows what changes, and keeps its place', async ({ page }) => {
  const server = await OpsServer.start(page);
  await page.goto(OPS);
  const row = actors(page).getByRole('option', { name: ACTOR });
  await expect(row).toContainText('alive.running');
  const changed = server.rows.find(({ id }) => id === ACTOR)!;
  server.send({
    type: 'changed',
    rows: [{ ...changed, state: 'alive.ready', queue: 3 }],
    gone: [],
  });
  await expect(row).toContainText('alive.ready');
  await expect(row).toContainText('3 queued');
  server.send({ type: 'changed', rows: [], gone: [ACTOR] });
  await expect(row).toHaveCount(0);
});

test('chart and snapshot show the state now, and, stepping, the one at each event', async ({
  page,
}) => {
  const trouble = await watchForTrouble(page);
  const server = await OpsServer.start(page);
  await follow(page, server, 4);
  await expect(lit(page)).toHaveId('state:alive.awaitingApproval');
  await expect(page.locator('[id="state:alive"]')).toHaveClass(/is-around/);

  await page.getByRole('button', { name: 'Pause' }).click();
  server.happen(2, 5);
  await expect(page.getByText('2 new')).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(lit(page)).toHaveId('state:alive.running');
  const snapshot = page.getByRole('region', { name: 'Snapshot then' });
  await expect(snapshot).toContainText('user.prompt');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(lit(page)).toHaveId('state:alive.awaitingApproval');
  await expect(page.locator('.is-crossed')).toHaveId('edge:alive.running:alive.awaitingApproval');
  await page.getByRole('slider', { name: 'Event' }).fill('0');
  await expect(snapshot).toContainText('client.prompted');

  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await expect(lit(page)).toHaveId('state:alive.running');
  await expect(page.getByText('2 new')).toBeHidden();
  await expect(page.locator('.is-crossed')).toHaveCount(0);
  trouble.expectClean();
});

test('thousands of events leave the newest five hundred, and say what is missing', async ({
  page,
}) => {
  const server = await OpsServer.start(page);
  await follow(page, server, 300);
  server.happen(300, 301);
  server.happen(3, 650, 49);
  const options = events(page).getByRole('option');
  await expect(options.first()).toHaveAttribute('aria-setsize', '500');
  expect(await options.count()).toBeLessThan(40);
  await expect(events(page)).toContainText('49 missing before');
  await expect(page.getByText('49 dropped')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Filter events' }).fill('exited');
  await expect(options.first()).toContainText('claude.exited');
  await page.getByRole('combobox', { name: 'Origin' }).selectOption('edge');
  await expect(page.getByText('No event fits.')).toBeVisible();
});

test('a sequence has a lane for each who takes part, and an arrow for each event', async ({
  page,
}) => {
  const server = await OpsServer.start(page);
  await follow(page, server);
  await page.getByRole('button', { name: 'Sequence' }).click();
  await expect(page.locator('.ops-lanes > span')).toHaveText([
    'Edge',
    'Session',
    'Conversation',
    'Claude',
    'Limits',
  ]);
  const arrows = page.getByRole('listbox', { name: 'Sequence' }).getByRole('option');
  await expect(arrows.filter({ hasText: 'xstate.after.idleTimeout' })).toContainText('Timer');
  await expectAccessible(page);
});

test('an actor that ends stays to be read; another line is taken up again', async ({ page }) => {
  const server = await OpsServer.start(page);
  await follow(page, server);
  server.send({ type: 'changed', rows: [], gone: [ACTOR] });
  await expect(page.getByText('It has ended; the last it did stays here.')).toBeVisible();
  await expect(events(page).getByRole('option').first()).toBeVisible();
  await expect(page.getByRole('group', { name: 'Actions' })).toHaveCount(0);

  await server.sockets[0]!.close({ code: 1012 });
  await expect.poll(() => server.sockets.length).toBe(2);
  await expect(page.getByText('Connected')).toBeVisible();
  expect(server.said.filter(({ type }) => type === 'follow')).toHaveLength(2);
});

test('an act is asked for once, and what came of it is said', async ({ page }) => {
  const server = await OpsServer.start(page);
  await follow(page, server);
  await page.getByRole('button', { name: 'Interrupt run' }).click();
  const dialog = page.getByRole('dialog', { name: 'Interrupt the run?' });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  expect(server.said.some(({ type }) => type === 'act')).toBe(false);
  await page.getByRole('button', { name: 'Interrupt run' }).click();
  await dialog.getByRole('button', { name: 'Interrupt run' }).click();
  expect(await server.heard('act')).toMatchObject({ act: 'interrupt', actor: ACTOR });
  await expect(page.getByText('The run is being interrupted.')).toBeVisible();

  server.reply = { fault: 'run.unknown', message: 'That run has ended already.' };
  await page.getByRole('button', { name: 'Stop process' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop process' }).click();
  await expect(page.getByText('That run has ended already.')).toBeVisible();
});

test('a server is drained only by who types the word', async ({ page }) => {
  const server = await OpsServer.start(page);
  await page.goto(OPS);
  await page.getByRole('button', { name: 'Drain…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Drain' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('drain');
  await dialog.getByRole('textbox').press('Enter');
  expect(await server.heard('act')).toMatchObject({ act: 'drain' });

  await page.getByRole('button', { name: 'Log level' }).click();
  await dialog.getByRole('combobox', { name: 'Log level' }).selectOption('debug');
  await dialog.getByRole('button', { name: 'Set' }).click();
  expect(await server.heard('act')).toMatchObject({ act: 'logLevel', level: 'debug' });
});

test('a capsule is downloaded, or gone through step by step', async ({ page }) => {
  const server = await OpsServer.start(page);
  await page.goto(OPS);
  await page.getByRole('button', { name: 'Capsules' }).click();
  const name = 'conversation-t2-20261126.jsonl';
  await expect(page.getByRole('link', { name: `Download ${name}` })).toHaveAttribute(
    'href',
    `capsules/${name}`,
  );
  await page.getByRole('button', { name: `Replay ${name}` }).click();
  await expect(page.getByText('The replay ended as the recording did.')).toContainText(
    'It was recorded by another machine',
  );
  await expect(lit(page)).toHaveId('state:dormant');
  await page.getByRole('button', { name: 'Step on' }).click();
  await expect(lit(page)).toHaveId('state:alive.running');
  await expectAccessible(page);
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Capsules' })).toBeVisible();
  expect(server.said.some(({ type }) => type === 'act')).toBe(false);
});

test('who is no operator, or signed out, is told what to do', async ({ page }) => {
  const server = await OpsServer.start(page);
  server.status = 403;
  await page.goto(OPS);
  await expect(page.getByText('Only operators of this server may see this page.')).toBeVisible();
  await expectAccessible(page);
  server.status = 200;
  await page.reload();
  await expect(actors(page)).toBeVisible();
  await server.sockets.at(-1)!.close({ code: 4401 });
  await expect(page.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '../login');
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`${colorScheme}: on a phone the list comes first, then the actor, and Back leads back`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const trouble = await watchForTrouble(page);
    const server = await OpsServer.start(page);
    const fits = () =>
      page.evaluate(() => document.documentElement.scrollWidth <= document.body.clientWidth);
    await page.goto(OPS);
    await expect(actors(page)).toBeVisible();
    expect(await fits()).toBe(true);
    await expectAccessible(page);
    await actors(page).getByRole('option', { name: ACTOR }).click();
    await server.heard('follow');
    server.happen(40);
    await expect(events(page).getByRole('option').first()).toBeVisible();
    await expect(actors(page)).toHaveCount(0);
    expect(await fits()).toBe(true);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await expect(actors(page)).toBeVisible();
    trouble.expectClean();
  });

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });
  test('the page says Sie', async ({ page }) => {
    const server = await OpsServer.start(page);
    await page.goto(OPS);
    await expect(page.getByText('Wählen Sie einen Aktor')).toBeVisible();
    await expect(page).toHaveTitle('Betrieb · Greenroom');
    await page.getByRole('button', { name: 'Alle Ereignisse' }).click();
    expect(await server.heard('follow')).toMatchObject({ actor: '*' });
    await expectAccessible(page);
  });
});
