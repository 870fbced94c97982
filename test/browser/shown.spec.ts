/** What Claude does besides writing, and what it asks. */
import { expect, type Page, test } from '@playwright/test';
import type { AguiEvent, Interrupt } from '../../src/transport/protocol.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { answerApi } from './support/api.ts';
import { openChat as open } from './support/open-chat.ts';
import { finished, type ScriptedServer, started, text, tool } from './support/scripted-server.ts';

const user = (id: string, content: string) => ({ id, role: 'user' as const, content });
const custom = (name: string, value: object): AguiEvent => ({ type: 'CUSTOM', name, value });
const card = (page: Page) => page.getByRole('region', { name: 'Approval' });

function asks(toolName: string, input: object, metadata: object = {}): Interrupt {
  return {
    id: 'q1.h',
    reason: 'approval_required',
    toolCallId: 'c1',
    metadata: { kind: 'approval', toolName, input, suggestions: [], ...metadata },
  };
}

function ask(server: ScriptedServer, interrupt: Interrupt): void {
  const { toolName, input } = interrupt.metadata as { toolName: string; input: object };
  server.keep(started('r1', [user('u:r1', 'Go')]), ...tool('c1', toolName, input, null), {
    type: 'RUN_FINISHED',
    threadId: 'thread-1',
    runId: 'r1',
    outcome: { type: 'interrupt', interrupts: [interrupt] },
  });
}

/** What the page answered, as the run that follows tells it to every tab. */
async function answered(server: ScriptedServer) {
  const answer = await server.prompt();
  const resume = (answer as unknown as { resume: { payload: unknown }[] }).resume;
  return { answer, resume };
}

const BASH = { command: 'git push origin main', description: 'Publish the branch' };
const ALWAYS = {
  suggestions: [{ type: 'addRules', rules: [{ toolName: 'Bash', ruleContent: 'git push:*' }] }],
  reason: 'This command needs approval',
};

test('[R63] a command is shown exactly, with why it asks and what “always” would mean', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  ask(server, asks('Bash', BASH, ALWAYS));
  await expect(card(page).getByText('git push origin main')).toBeVisible();
  await expect(card(page)).toContainText('Publish the branch');
  await expect(card(page)).toContainText('This command needs approval');
  await card(page).getByText('What “for this conversation” means').click();
  await expect(card(page)).toContainText('Bash: git push:*');
  await card(page).getByRole('button', { name: 'Allow for this conversation' }).dblclick();
  const { resume } = await answered(server);
  expect(resume).toEqual([
    {
      interruptId: 'q1.h',
      status: 'resolved',
      payload: { approved: true, scope: 'conversation' },
    },
  ]);
  expect(server.said.filter((said) => 'resume' in said)).toHaveLength(1);
  trouble.expectClean();
});

test('without a rule to add there is no “always”', async ({ page }) => {
  const { server } = await open(page);
  ask(server, asks('Bash', BASH));
  await expect(card(page).getByRole('button', { name: 'Allow once' })).toBeVisible();
  await expect(card(page).getByRole('button', { name: /conversation/ })).toHaveCount(0);
});

test('[R63] a command can be edited before it is allowed, and what ran is told', async ({
  page,
}) => {
  const { server } = await open(page);
  ask(server, asks('Bash', BASH, ALWAYS));
  await card(page).getByRole('button', { name: 'Edit…' }).click();
  const box = card(page).getByRole('textbox', { name: 'The command to run' });
  await expect(box).toBeFocused();
  await box.fill('');
  await expect(card(page).getByRole('button', { name: 'Allow this once' })).toBeDisabled();
  await box.fill('git push --dry-run');
  await card(page).getByRole('button', { name: 'Allow this once' }).click();
  const { answer, resume } = await answered(server);
  const input = { ...BASH, command: 'git push --dry-run' };
  expect(resume[0]?.payload).toEqual({ approved: true, scope: 'once', input });
  server.send({ type: 'reply', ref: answer.runId, fault: null });
  const start = started(answer.runId, [], 'r1');
  if (start.type === 'RUN_STARTED' && start.input)
    start.input.resume = [{ interruptId: 'q1.h', status: 'resolved', payload: resume[0]?.payload }];
  server.keep(start);
  await expect(page.getByText('Allowed once, as you edited it.')).toBeVisible();
});

test('other input is edited as JSON, and sent only while it is some', async ({ page }) => {
  const { server } = await open(page);
  ask(server, asks('WebFetch', { url: 'https://a.example/', prompt: 'p' }));
  await card(page).getByRole('button', { name: 'Edit…' }).click();
  const box = card(page).getByRole('textbox', { name: 'The input, as JSON' });
  await box.fill('{"url": ');
  await expect(card(page).getByRole('alert')).toHaveText('This is no JSON object yet.');
  await box.fill('{"url": "https://b.example/"}');
  await card(page).getByRole('button', { name: 'Allow this once' }).click();
  const { resume } = await answered(server);
  expect(resume[0]?.payload).toMatchObject({ input: { url: 'https://b.example/' } });
});

const EDIT = {
  file_path: '/srv/a.ts',
  old_string: 'const a = 1;\nconst b = 2;\n',
  new_string: 'const a = 1;\nconst b = 3;\nconst c = 4;\n',
};

test('a change to a file is shown line by line, before and after it is made', async ({ page }) => {
  const { server, trouble } = await open(page);
  ask(server, asks('Edit', EDIT));
  await expect(card(page).locator('.diff-line.removed')).toHaveText(['- const b = 2;']);
  await expect(card(page).locator('.diff-line.added')).toHaveText([
    '+ const b = 3;',
    '+ const c = 4;',
  ]);
  await page.locator('.tool summary').click();
  await expect(page.locator('.tool .diff-added')).toHaveText('+2');
  trouble.expectClean();
});

const QUESTIONS = {
  questions: [
    {
      question: 'Which colour?',
      header: 'Colour',
      multiSelect: false,
      options: [
        { label: 'Red', description: 'warm' },
        { label: 'Blue', description: 'cool' },
      ],
    },
    {
      question: 'Which parts?',
      header: 'Parts',
      multiSelect: true,
      options: [
        { label: 'Door', description: '' },
        { label: 'Roof', description: '' },
      ],
    },
  ],
};

test('questions are a form: options, several of them, or words of one’s own', async ({ page }) => {
  const { server, trouble } = await open(page);
  ask(server, asks('AskUserQuestion', QUESTIONS));
  const send = card(page).getByRole('button', { name: 'Send' });
  await expect(send).toBeDisabled();
  await card(page).getByRole('radio', { name: /Red/ }).check();
  await card(page).getByLabel('Another answer to: Which colour?').fill('Green');
  await expect(card(page).getByRole('radio', { name: /Red/ })).not.toBeChecked();
  await card(page).getByRole('checkbox', { name: 'Door' }).check();
  await card(page).getByRole('checkbox', { name: 'Roof' }).check();
  await send.click();
  const { answer, resume } = await answered(server);
  const answers = { 'Which colour?': 'Green', 'Which parts?': 'Door, Roof' };
  expect(resume[0]?.payload).toEqual({
    approved: true,
    scope: 'once',
    input: { ...QUESTIONS, answers },
  });
  server.send({ type: 'reply', ref: answer.runId, fault: null });
  server.keep(started(answer.runId, [], 'r1'));
  await expect(page.getByText('Which colour? Green')).toBeVisible();
  trouble.expectClean();
});

test('a question can be skipped', async ({ page }) => {
  const { server } = await open(page);
  ask(server, asks('AskUserQuestion', QUESTIONS));
  await card(page).getByRole('button', { name: 'Skip' }).click();
  const { resume } = await answered(server);
  expect(resume[0]?.payload).toMatchObject({ approved: false });
});

test('a long result is folded; the whole of a cut one is fetched, and a failure says so', async ({
  page,
}) => {
  const { server } = await open(page);
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`).join('\n');
  server.keep(started('r1', [user('u:r1', 'Go')]), ...tool('c1', 'Bash', BASH, null), {
    type: 'TOOL_CALL_RESULT',
    messageId: 'r:c1',
    toolCallId: 'c1',
    content: lines,
    metadata: { truncated: true, length: 90_000 },
  });
  let fails = true;
  await answerApi(page, 'conversations/thread-1/results/c1', (route) =>
    fails
      ? route.fulfill({ status: 503, json: {} })
      : route.fulfill({ contentType: 'text/plain', body: `${lines}\nthe very end` }),
  );
  await page.locator('.tool summary').click();
  const result = page.locator('.tool-part').filter({ hasText: 'Result' });
  await expect(result).not.toContainText('line 40');
  await result.getByRole('button', { name: 'Show all 40 lines' }).click();
  await expect(result).toContainText('line 40');
  await result.getByRole('button', { name: /full text, 90,000 characters/ }).click();
  await expect(result.getByRole('button', { name: /Try again/ })).toBeVisible();
  fails = false;
  await result.getByRole('button', { name: /Try again/ }).click();
  await expect(result).toContainText('the very end');
});

test('a busy API counts down to its next try; a broken answer says it is written again', async ({
  page,
}) => {
  const { server } = await open(page);
  const retry = { attempt: 1, maxRetries: 4, delayMs: 60_000, status: 529 };
  server.keep(
    started('r1', [user('u:r1', 'Go')]),
    ...text('m1', 'Half an ans'),
    custom('withdrawn', { messageIds: ['m1'] }),
    custom('claude.api_retry', retry),
  );
  await expect(page.locator('.activity')).toContainText(
    /The Claude API is busy \(529\)\. Try 1 of 4\s*in (1:00|0:59)/,
  );
  await expect(page.getByText('Half an ans')).toHaveCount(0);
  await expect(page.getByText(/this part is written again/)).toBeVisible();
  server.keep(...text('m2', 'A whole answer'), finished('r1'));
  await expect(page.getByText(/The Claude API is busy/)).toHaveCount(0);
});

/** One of everything. */
async function fill(page: Page, server: ScriptedServer): Promise<void> {
  const todo = (content: string, status: string) => ({ content, status, activeForm: content });
  const todos = [
    todo('Read the sources', 'completed'),
    todo('Write the parser, and its tests', 'in_progress'),
    todo('Measure it', 'pending'),
  ];
  const lane = { subagentRunId: 't1' };
  server.keep(
    started('r1', [user('u:r1', 'Show me')]),
    ...tool('c0', 'TodoWrite', { todos }, 'ok'),
    ...tool('c2', 'Read', { file_path: '/srv/main.ts', offset: 1, limit: 20 }, '1 text'),
    ...tool('t1', 'Task', { subagent_type: 'reviewer', description: 'Look for bugs' }, null),
    { type: 'SUBAGENT_STARTED', ...lane, name: 'reviewer', description: 'Look for bugs' },
    ...tool('c3', 'Grep', { pattern: 'TODO', path: 'src' }, 'src/a.ts:1').map((event) => ({
      ...event,
      ...lane,
    })),
    ...text('m1', 'Two places look odd.').map((event) => ({ ...event, ...lane })),
    { type: 'SUBAGENT_FINISHED', ...lane },
    custom('claude.compact_boundary', {}),
    custom('claude.model_fallback', { fallbackModel: 'claude-haiku-4-5' }),
    ...tool('c4', 'Edit', EDIT, 'ok'),
    ...tool('c5', 'Bash', { command: 'rm -rf /srv/x' }, null),
    custom('claude.permission_denied', { toolUseId: 'c5', message: 'A rule forbids that.' }),
    ...text('m2', 'All of it is done.'),
    {
      type: 'RUN_FINISHED',
      threadId: 'thread-1',
      runId: 'r1',
      outcome: { type: 'success' },
      usage: [{ inputTokens: 12_300, outputTokens: 840, cachedInputTokens: 3_000 }],
      result: { costUsd: 0.0123, durationMs: 73_000, turns: 4 },
    },
  );
  server.send({ type: 'context', usedTokens: 178_000, maxTokens: 200_000 });
  await expect(page.getByText('1 min 13 s · 12k in, 840 out · $0.012')).toBeVisible();
  for (const summary of await page.locator('.run summary').all()) await summary.click();
  await expect(page.getByText('Two places look odd.')).toBeVisible();
  await expect(page.locator('.lane .tool')).toHaveCount(1);
  await expect(page.getByText('1 of 3 done')).toBeVisible();
  await expect(page.getByText('A rule forbids that.')).toBeVisible();
  await expect(page.getByLabel('Context: 178k of 200k tokens')).toBeVisible();
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, viewport] of [
    ['a desk', { width: 1280, height: 1500 }],
    ['a phone', { width: 390, height: 1800 }],
  ] as const)
    test(`${colorScheme}, on ${name}: all that Claude does, without a barrier axe can find`, async ({
      page,
    }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { server, trouble } = await open(page);
      await fill(page, server);
      await expectSound(page, `shown-${colorScheme}-${name}`);
      const { metadata } = asks('Bash', BASH, ALWAYS);
      const interrupts = [
        asks('AskUserQuestion', QUESTIONS),
        { ...asks('Edit', EDIT), id: 'q2', toolCallId: 'c9' },
        { id: 'q3', reason: 'approval_required', toolCallId: 'c8', metadata: metadata ?? {} },
      ];
      server.keep(started('r2', [user('u:r2', 'Ask me')]), {
        type: 'RUN_FINISHED',
        threadId: 'thread-1',
        runId: 'r2',
        outcome: { type: 'interrupt', interrupts },
      });
      await card(page).getByText('What “for this conversation” means').click();
      await expect(card(page).locator('.diff')).toBeVisible();
      await expectSound(page, `asks-${colorScheme}-${name}`);
      await card(page).getByRole('button', { name: 'Edit…' }).last().click();
      await expectSound(page, `edits-${colorScheme}-${name}`);
      trouble.expectClean();
    });

/** Where `SCREENSHOTS` names a folder, what is seen is kept there to be looked at. */
async function expectSound(page: Page, name: string): Promise<void> {
  const dir = process.env.SCREENSHOTS;
  if (dir) await page.screenshot({ path: `${dir}/${name.replaceAll(' ', '-')}.png` });
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
}
