/** The bridge to a Stately inspector: a real server, and a page of another origin with the published receiver. */
import {
  type Browser,
  expect,
  type Frame,
  type Page,
  test,
  type WebSocket,
} from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { RealServer } from './support/real-server.ts';
import { receivedIn, StatelyInspector } from './support/stately-inspector.ts';
import { watchForTrouble } from './support/watch.ts';

const CONNECTED = '@statelyai.connected';
const CANARY = 'CANARY-7f3 what nobody but its writer may read';

let [inspector, third]: StatelyInspector[] = [];
test.beforeAll(async () => {
  inspector = await StatelyInspector.start();
  third = await StatelyInspector.start();
});
test.afterAll(async () => {
  await inspector?.stop();
  await third?.stop();
});

let server: RealServer;
test.beforeEach(async () => {
  inspector?.asked.splice(0);
});
test.afterEach(async () => {
  await server.stop();
});

const status = (page: Page) => page.getByRole('status');
const connect = (page: Page) => page.getByRole('button', { name: 'Connect', exact: true });

/** The page, to an operator. @param path Of the inspector. */
async function openBridge(page: Page, path = '') {
  if (inspector === undefined) throw new Error('there is no inspector');
  server = await RealServer.start({ CHAT_INSPECTOR_URL: inspector.url + path });
  const trouble = await watchForTrouble(page, [
    new RegExp(`foreign request: ${inspector.origin}/`),
  ]);
  const sockets: WebSocket[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  await page.context().addCookies([await server.cookieFor('local')]);
  await page.goto(`${server.origin}/chat/ops/stately`);
  // The bridge heard each of these before: it listens since before.
  await page.evaluate(() => {
    window.others = [];
    addEventListener('message', ({ data }) => window.others.push(data?.type));
  });
  return { trouble, sockets, inspector };
}

/** What is inside the frame; it has loaded. */
async function inside(page: Page): Promise<Frame> {
  const handle = await page.locator('iframe').elementHandle();
  const frame = await handle?.contentFrame();
  if (!frame) throw new Error('there is no frame');
  await expect.poll(() => frame.evaluate(() => 'received' in window).catch(() => false)).toBe(true);
  return frame;
}

/** Alice says something, in a browser of her own, and is answered. */
async function converse(browser: Browser, text: string): Promise<void> {
  const context = await browser.newContext();
  await context.addCookies([await server.cookieFor('alice')]);
  const page = await context.newPage();
  await page.goto(`${server.origin}/chat/`);
  await page.getByRole('textbox', { name: 'Message to Claude' }).fill(text);
  await page.keyboard.press('Enter');
  await expect(page.locator('.markdown blockquote')).toHaveText([text]);
  await expect(page.locator('.activity')).toHaveCount(0);
  await context.close();
}

test('[OP7] nothing is loaded, asked or handed on before the click', async ({ page }) => {
  const { trouble, sockets, inspector } = await openBridge(page);
  await expect(status(page)).toHaveText('Not connected.');
  await page.evaluate((type) => window.postMessage({ type }, '*'), CONNECTED);
  await expect.poll(() => page.evaluate(() => window.others)).toEqual([CONNECTED]);
  expect(inspector.asked).toEqual([]);
  expect(sockets).toEqual([]);
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 720 });
  await expectNoSidewaysScroll(page);
  await connect(page).click();
  await expect(status(page)).toHaveText('Connected.');
  expect(inspector.asked).toEqual(['/inspect', '/receiver.js']);
  expect(sockets.map((socket) => new URL(socket.url()).pathname)).toEqual(['/chat/ops/ws']);
  trouble.expectClean();
});

test('[OP7] the published receiver takes actors, events and snapshots, and no word that was written', async ({
  page,
  browser,
}) => {
  const { trouble } = await openBridge(page);
  await converse(browser, `before ${CANARY}`);
  await connect(page).click();
  const frame = await inside(page);
  await expect(status(page)).toHaveText('Connected.');
  await converse(browser, CANARY);
  const received = () => receivedIn(frame);
  await expect
    .poll(async () => {
      const ended = (await received()).filter(
        (message) =>
          message.type === '@xstate.snapshot' && message.event.type === 'claude.turnEnded',
      );
      return ended.length;
    })
    .toBe(1);
  const messages = await received();
  const actors = messages.filter((message) => message.type === '@xstate.actor');
  const names = new Set(actors.map(({ name }) => name));
  expect([...names].sort()).toEqual(['claude', 'conversation', 'session']);
  // One from before the click, one from after.
  expect(actors.filter(({ name }) => name === 'conversation')).toHaveLength(2);
  for (const { definition = '', name } of actors) expect(JSON.parse(definition).id).toBe(name);
  const child = actors.find(({ name }) => name === 'claude');
  expect(actors.map(({ sessionId }) => sessionId)).toContain(child?.parentId);
  const types = messages.map((message) => ('event' in message ? message.event.type : ''));
  expect(types).toEqual(expect.arrayContaining(['xstate.init', 'user.prompt', 'claude.prompt']));
  const values = messages.map((message) =>
    message.type === '@xstate.snapshot' && 'value' in message.snapshot
      ? JSON.stringify(message.snapshot.value)
      : '',
  );
  expect(values).toContain('{"alive":"running"}');
  // Whatever reached that page, the receiver knew it.
  const counted = await frame.evaluate(() => [window.others.length, window.received.length]);
  expect(counted[0]).toBe(counted[1]);
  expect(JSON.stringify(messages)).not.toMatch(/CANARY|alice/);
  await expect(page.locator('#dropped')).toHaveText('0');
  expect(Number(await page.locator('#handed').textContent())).toBeGreaterThanOrEqual(
    messages.length,
  );
  trouble.expectClean();
});

test('[OP7] a page of a third origin cannot connect, nor be told anything', async ({ page }) => {
  const { trouble, sockets, inspector } = await openBridge(page, '?late');
  if (third === undefined) throw new Error('there is no third origin');
  await connect(page).click();
  const frame = await inside(page);
  await expect(status(page)).toContainText('Waiting for the inspector.');
  // A page of a third origin within the inspector’s, another of the inspector’s own there, and the bridge itself.
  const strangers = [await embed(frame, third.url), await embed(frame, inspector.url)];
  for (const stranger of strangers)
    await stranger.evaluate((type) => window.top?.postMessage({ type }, '*'), CONNECTED);
  await page.evaluate((type) => window.postMessage({ type }, '*'), CONNECTED);
  // What the inspector’s own page says is something else.
  await frame.evaluate(() => parent.postMessage({ type: 'something' }, '*'));
  await expect
    .poll(() => page.evaluate(() => window.others.toSorted()))
    .toEqual([CONNECTED, CONNECTED, CONNECTED, 'something']);
  await expect(status(page)).toContainText('Waiting for the inspector.');
  expect(sockets).toEqual([]);

  await frame.evaluate(() => window.receive());
  await expect(status(page)).toHaveText('Connected.');
  await expect.poll(async () => (await receivedIn(frame)).length).toBeGreaterThan(0);
  for (const stranger of strangers)
    expect(await stranger.evaluate(() => window.others)).toEqual([]);

  // The frame cannot be led elsewhere by its page, and cannot lead ours.
  const asked = third.asked.length;
  await frame.evaluate((url) => {
    try {
      if (top !== null) top.location.href = url;
    } catch {
      // it may not
    }
    location.href = url;
  }, third.url);
  await expect.poll(() => trouble.seen()).toContainEqual(expect.stringContaining('csp: frame-src'));
  expect(third.asked).toHaveLength(asked);
  expect(page.url()).toBe(`${server.origin}/chat/ops/stately`);
});

/** A page within another, that has loaded. */
async function embed(frame: Frame, url: string): Promise<Frame> {
  const before = frame.childFrames().length;
  await frame.evaluate(async (src) => {
    const inner = document.createElement('iframe');
    inner.src = src;
    document.body.append(inner);
    await new Promise((resolve) => inner.addEventListener('load', resolve));
  }, url);
  const inner = frame.childFrames()[before];
  if (inner === undefined) throw new Error(`${url} is not there`);
  return inner;
}

test('[OP7] no page of another origin can have the bridge in a frame', async ({ page }) => {
  await openBridge(page);
  const bridge = page.url();
  await page.goto(`${third?.url}?late`);
  await embed(page.mainFrame(), bridge);
  await expect(page.frameLocator('iframe').locator('#connect')).toHaveCount(0);
});

test('[OP7] an inspector of the server’s own origin is not opened: it could do all that its operator may', async ({
  page,
}) => {
  const { inspector } = await openBridge(page);
  await page.route('**/ops/stately', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(inspector.origin, server.origin);
    await route.fulfill({ response, body });
  });
  await page.reload();
  await expect(status(page)).toContainText('it is not opened');
  await expect(connect(page)).toBeHidden();
});

test('[OP7] a line that is lost is taken up again; Disconnect ends it', async ({ page }) => {
  const { inspector, sockets } = await openBridge(page);
  await connect(page).click();
  await expect(status(page)).toHaveText('Connected.');
  const frame = await inside(page);
  await expect.poll(async () => (await receivedIn(frame)).length).toBeGreaterThan(0);
  const port = server.proxy.target;
  server.proxy.target = null;
  server.proxy.cut();
  await expect(status(page)).toContainText('The line to the server is lost.');
  await frame.evaluate(() => window.received.splice(0));
  server.proxy.target = port;
  await expect(status(page)).toHaveText('Connected.');
  await expect
    .poll(async () => (await receivedIn(frame)).map(({ type }) => type))
    .toContain('@xstate.actor');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(status(page)).toHaveText('Not connected.');
  // The last it is told, until it is wanted again.
  const told = () => frame.evaluate(() => window.others);
  await expect.poll(async () => (await told()).at(-1)).toBe('@statelyai.disconnected');
  await expect.poll(() => sockets.map((socket) => socket.isClosed())).not.toContain(false);
  await connect(page).click();
  await expect(status(page)).toHaveText('Connected.');
  await expect.poll(async () => (await told()).at(-1)).not.toBe('@statelyai.disconnected');
  expect(inspector.asked.filter((path) => path === '/inspect')).toHaveLength(1);
});

test('[OP7] who is signed out is told so; what has gone, too', async ({ page }) => {
  await openBridge(page);
  await connect(page).click();
  await expect(status(page)).toHaveText('Connected.');
  await page.context().clearCookies();
  server.proxy.cut();
  await expect(status(page)).toContainText('you are not signed in as an operator any more');
  await page.context().addCookies([await server.cookieFor('local')]);
  await page.goto(`${server.origin}/chat/ops/stately?actor=nobody`);
  await connect(page).click();
  await expect(status(page)).toContainText('that actor has gone');
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });
  test('[OP7] the bridge speaks as its reader does', async ({ page }) => {
    const { trouble } = await openBridge(page);
    await page.getByRole('button', { name: 'Verbinden' }).click();
    await expect(status(page)).toHaveText('Verbunden.');
    await expect(page.getByRole('button', { name: 'Trennen' })).toBeVisible();
    await expectAccessible(page);
    trouble.expectClean();
  });
});
