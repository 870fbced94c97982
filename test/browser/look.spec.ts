import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import {
  finished,
  ORIGIN,
  ScriptedServer,
  started,
  text,
  tool,
} from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const LONG = 'a_name_without_any_place_to_break_it_'.repeat(8);
const ANSWER = `## A title

Some **bold** words, \`${LONG}\`, [a link](https://example.org/${LONG}) and ![a picture](https://example.org/p.png).

1. one
   - nested
2. two

> quoted

\`\`\`ts
// A comment that is longer than any phone is wide, so that it has to scroll inside its own box: ${LONG}
export const answer: number = 42;
const text = 'a string';
\`\`\`

| Column ${LONG} | Second | Third |
|---|--:|---|
| a cell with some words in it | 1 | another cell with words |

${LONG}`;

const user = (id: string, content: string) => ({ id, role: 'user' as const, content });

/** One of everything the page can show, on one page. */
async function fill(page: Page, server: ScriptedServer): Promise<void> {
  const input = { command: `echo ${LONG}`, description: 'Print a long word' };
  const interrupt = {
    id: 'i1',
    reason: 'approval_required',
    toolCallId: 'c2',
    metadata: { kind: 'approval', toolName: 'Bash', input },
  };
  server.keep(
    started('r1', [user('u1', `Show me everything, ${LONG}`)]),
    { type: 'REASONING_MESSAGE_START', messageId: 't1', role: 'reasoning' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId: 't1', delta: `They want it all. ${LONG}` },
    { type: 'REASONING_MESSAGE_END', messageId: 't1' },
    ...tool('c1', 'Read', { file_path: `/src/${LONG}` }, `1 ${LONG}`),
    ...text('m1', ANSWER),
    finished('r1'),
    started('r2', [user('u2', 'Fail now')]),
    { type: 'RUN_ERROR', code: 'claude.api', message: 'The Claude API answered with an error.' },
    started('r3', [user('u3', 'Ask me')]),
    ...tool('c2', 'Bash', input, null),
    {
      type: 'RUN_FINISHED',
      threadId: 'thread-1',
      runId: 'r3',
      outcome: { type: 'interrupt', interrupts: [interrupt] },
    },
  );
  server.welcome({
    agent: { kind: 'demo', model: null, version: null, notice: 'No Claude Code is signed in.' },
  });
  const resetAt = Date.now() + 600_000;
  server.send({
    type: 'pending',
    items: [
      { runId: 'q1', text: 'Queued', why: 'queued', position: 1 },
      { runId: 'q2', text: LONG, why: 'parked', limit: 'hour', resetAt },
    ],
  });
  await expect(page.getByRole('region', { name: 'Approval' })).toBeVisible();
  for (const summary of await page.locator('summary').all()) await summary.click();
  await expect(page.locator('code .hljs-keyword').first()).toBeAttached();
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, viewport] of [
    ['a desk', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const)
    test(`${colorScheme}, on ${name}: no barrier axe can find, nothing wider than the page, no trouble`, async ({
      page,
    }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const trouble = await watchForTrouble(page);
      const server = await ScriptedServer.start(page);
      await page.goto(`${ORIGIN}/chat/`);
      await expect(page.getByRole('heading', { name: 'What shall we work on?' })).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await fill(page, server);
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      trouble.expectClean();
    });

test('on a phone every button is at least 44 px high, and the header is one line', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const server = await ScriptedServer.start(page);
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.getByRole('heading', { name: 'What shall we work on?' })).toBeVisible();
  const header = await page.locator('header').boundingBox();
  expect(header?.height).toBeLessThan(64);
  await fill(page, server);
  const small = await page
    .locator('button:visible, summary:visible')
    .evaluateAll((all) =>
      all
        .filter((button) => button.getBoundingClientRect().height < 44)
        .map((button) => `${button.textContent} ${button.getBoundingClientRect().height}`),
    );
  expect(small).toEqual([]);
});

test('the page works by keyboard alone, and shows where the focus is', async ({ page }) => {
  await ScriptedServer.start(page);
  await page.goto(`${ORIGIN}/chat/`);
  const box = page.getByRole('textbox', { name: 'Message to Claude' });
  await expect(box).toBeFocused();
  const example = page.getByRole('button', { name: /What does this project do/ });
  await expect(example).toBeVisible();
  await example.focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(example).toBeFocused();
  expect(await example.evaluate((button) => getComputedStyle(button).outlineStyle)).toBe('solid');
  await page.keyboard.press('Enter');
  await expect(box).toBeFocused();
  await expect(box).toHaveValue(/What does this project do/);
});
