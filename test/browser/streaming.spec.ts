/** What a fast answer costs the page, counted: frames to a drawing, elements touched by one. Nothing is timed. */
import { expect, type Page, test } from '@playwright/test';
import type { AguiEvent, Message } from '../../src/transport/protocol.ts';
import { ORIGIN, ScriptedServer, started } from './support/scripted-server.ts';

/** So few that none of them is far from the screen, and drawn or given up meanwhile. */
const MESSAGES = 6;
const WORDS = 300;
const PARAGRAPHS = 8;

interface Held {
  /** Frames with text in them that the page has read. */
  heard: number;
  /** Changes of each block of text so far, of all runs. */
  perBlock: Map<Element, number>;
  /** Runs what waits for an animation frame. */
  frame: () => void;
}

/** Animation frames come when the test says so from now on, and every change of a block is counted. */
async function hold(page: Page): Promise<void> {
  await page.evaluate(() => {
    const waiting: FrameRequestCallback[] = [];
    window.requestAnimationFrame = (callback) => waiting.push(callback);
    const held: Held = {
      heard: 0,
      perBlock: new Map(),
      frame: () => {
        for (const callback of waiting.splice(0)) callback(performance.now());
      },
    };
    const parse = JSON.parse;
    JSON.parse = (text, reviver) => {
      if (text.includes('TEXT_MESSAGE_CONTENT')) held.heard += 1;
      return parse(text, reviver);
    };
    new MutationObserver((records) => {
      for (const { target } of records) {
        const block = (target instanceof Element ? target : target.parentElement)?.closest(
          '.block',
        );
        if (block) held.perBlock.set(block, (held.perBlock.get(block) ?? 0) + 1);
      }
    }).observe(document.querySelector('.feed') ?? document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    Object.assign(window, { held });
  });
}

/** Changes since it was last asked. */
function changes(page: Page) {
  return page.evaluate(() => {
    const { held } = window as unknown as { held: Held };
    const perBlock = [...held.perBlock.values()];
    held.perBlock.clear();
    return { blocks: perBlock.length, most: Math.max(0, ...perBlock) };
  });
}

const heard = (page: Page) => page.evaluate(() => (window as unknown as { held: Held }).held.heard);
const frame = (page: Page) =>
  page.evaluate(() => (window as unknown as { held: Held }).held.frame());

const say = (delta: string): AguiEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId: 'm:live',
  delta,
});

function conversation(): Message[] {
  return Array.from({ length: MESSAGES }, (_, at): Message => {
    const runId = `r${Math.floor(at / 2)}`;
    const metadata = { runId };
    return at % 2 === 0
      ? { id: `u:${runId}`, role: 'user', content: `Question of ${runId}?`, metadata }
      : { id: `m:${runId}`, role: 'assistant', content: `Answer of ${runId}.`, metadata };
  });
}

test('[P8] frames between two animation frames are drawn once, into the last blocks only', async ({
  page,
}) => {
  const server = await ScriptedServer.start(page);
  server.onHello = () => server.greet(conversation());
  await page.goto(`${ORIGIN}/chat/#/c/thread-1`);
  await expect(page.getByText('Answer of r2.')).toBeVisible();
  server.keep(started('live', [{ id: 'u:live', role: 'user', content: 'Go' }]));
  server.keep({ type: 'TEXT_MESSAGE_START', messageId: 'm:live', role: 'assistant' });
  server.keep(...Array.from({ length: PARAGRAPHS }, (_, at) => say(`Paragraph ${at}.\n\n`)));
  await expect(page.getByText(`Paragraph ${PARAGRAPHS - 1}.`)).toBeVisible();

  await hold(page);
  server.keep(...Array.from({ length: WORDS }, (_, at) => say(`word${at} `)));
  await expect.poll(() => heard(page)).toBe(WORDS);
  expect(await changes(page)).toEqual({ blocks: 0, most: 0 });

  await frame(page);
  await expect(page.getByText(`word${WORDS - 1}`)).toBeAttached();
  const drawn = await changes(page);
  expect(drawn.blocks).toBeGreaterThan(0);
  expect(drawn.blocks).toBeLessThanOrEqual(2); // the tail: what is before it stays as it is
  expect(drawn.most).toBeLessThanOrEqual(2); // not once for each of 300 frames
});
