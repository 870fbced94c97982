/** Going on from an earlier place, and sending now, with the real CLI and a loopback Messages API. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ClaudeChild } from '../../src/claude/child.ts';
import { launchClaude, userDirs } from '../../src/claude/launch.ts';
import { settingsIn } from '../claude/programs.ts';
import { TestClient } from '../support/client.ts';
import { type ApiRequest, ScriptedApi } from '../support/scripted-api.ts';
import { startServer, type TestServer } from '../support/server.ts';

const CLI = new URL('../../node_modules/@anthropic-ai/claude-code/bin/claude.exe', import.meta.url)
  .pathname;

describe('branches with the real CLI', { timeout: 180_000 }, () => {
  let api: ScriptedApi;
  let server: TestServer;

  before(async () => {
    api = await ScriptedApi.start(({ text, toolResults }) => {
      const asked = text.split('\n').at(-1) ?? '';
      if (asked.includes('endless'))
        return [{ text: 'Word by word. ' }, { text: 'on and on '.repeat(500), everyMs: 20 }];
      if (asked.includes('a tool') && toolResults.length === 0)
        return [
          {
            tool: 'Bash',
            input: { command: 'echo from-the-tool > f && cat f', description: 'say' },
          },
        ];
      return [{ text: `Answer to ${asked}.` }];
    });
    server = await startServer({
      CHAT_CLAUDE_BIN: CLI,
      ANTHROPIC_BASE_URL: api.url,
      ANTHROPIC_API_KEY: 'test-key-for-loopback',
      CHAT_TITLES: 'prompt',
      CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited',
    });
  });
  after(async () => {
    await server.stop();
    await api.stop();
  });

  async function person(user: string) {
    const cookie = await server.cookieFor(user);
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${server.origin}/chat/api/conversations/${path}`, {
        ...init,
        headers: { Cookie: cookie },
      });
    return {
      user,
      client,
      async say(threadId: string, text: string) {
        const from = api.requests.length;
        const runId = client.prompt(threadId, text);
        const end = await client.runEnded(runId);
        return { runId, end, requests: api.requests.slice(from) };
      },
      async fork(threadId: string, before: string): Promise<string> {
        const body = JSON.stringify({ before });
        const answer = await ask(`${threadId}/fork`, { method: 'POST', body });
        assert.equal(answer.status, 201);
        return ((await answer.json()) as { threadId: string }).threadId;
      },
      async shown(threadId: string): Promise<string[]> {
        const page = (await (await ask(`${threadId}/messages`)).json()) as {
          messages: { role: string; content?: string }[];
        };
        return page.messages.flatMap(({ role, content }) =>
          (role === 'user' || role === 'assistant') && content ? [content] : [],
        );
      },
    };
  }

  test('[BR1] [BR4] Claude knows what stands before the edited message, tools included, and nothing after', async () => {
    const { client, say, fork, shown } = await person('ada');
    const thread = await client.hello();
    await say(thread, 'one');
    const asking = await say(thread, 'use a tool');
    assert.ok(asking.end.type === 'RUN_FINISHED' && asking.end.outcome?.type === 'interrupt');
    client.send({
      ...{ threadId: thread, runId: 'yes', parentRunId: asking.runId, messages: [] },
      resume: [
        { interruptId: asking.end.outcome.interrupts[0]?.id, status: 'resolved', payload: true },
      ],
    });
    await client.runEnded('yes');
    const three = await say(thread, 'three');
    await say(thread, 'four');

    const edited = await fork(thread, three.runId);
    assert.deepEqual(await shown(edited), [
      ...['one', 'Answer to one.', 'use a tool', 'Answer to use a tool.'],
    ]);
    await client.hello(edited);
    const { requests } = await say(edited, 'three, edited');
    assert.deepEqual(saidTo(requests), [
      'user: one',
      'assistant: Answer to one.',
      'user: use a tool',
      'assistant: [Bash]',
      'user: [from-the-tool]',
      'assistant: Answer to use a tool.',
      'user: three, edited',
    ]);
    const later = await say(edited, 'and on');
    assert.deepEqual(saidTo(later.requests).slice(-3), [
      ...['user: three, edited', 'assistant: Answer to three, edited.', 'user: and on'],
    ]);

    // The turn is the unit: before the run that answered is before the run that asked.
    const beforeTool = await fork(thread, 'yes');
    assert.deepEqual(await shown(beforeTool), ['one', 'Answer to one.']);

    // A fork of the fork, at a message it brought along.
    const again = await fork(edited, asking.runId);
    await client.hello(again);
    assert.deepEqual(saidTo((await say(again, 'two, edited')).requests), [
      ...['user: one', 'assistant: Answer to one.', 'user: two, edited'],
    ]);

    await client.hello(thread);
    const on = await say(thread, 'five');
    assert.ok(saidTo(on.requests).includes('user: four'), 'the original goes on as it was');
    assert.ok(!saidTo(on.requests).some((line) => line.includes('edited')));
    await client.close();
  });

  test('[BR4] before the first run: Claude knows nothing', async () => {
    const { client, say, fork, shown } = await person('ben');
    const thread = await client.hello();
    const first = await say(thread, 'one');
    const edited = await fork(thread, first.runId);
    assert.deepEqual(await shown(edited), []);
    await client.hello(edited);
    assert.deepEqual(saidTo((await say(edited, 'one, edited')).requests), ['user: one, edited']);
    await client.close();
  });

  test('[BR4] a fork behind an answer that was stopped, made and begun while the original speaks', async () => {
    const { client, say, fork } = await person('cai');
    const thread = await client.hello();
    const endless = client.prompt(thread, 'an endless one');
    await client.find(() => client.text.includes('on and on'));
    client.send({ type: 'abort', runId: endless });
    await client.runEnded(endless);
    const two = await say(thread, 'two');
    const from = client.frames.length;
    const live = client.prompt(thread, 'another endless one');
    await client.event('TEXT_MESSAGE_CONTENT', from);
    const edited = await fork(thread, two.runId);
    const other = await person('cai');
    await other.client.hello(edited);
    const said = saidTo((await other.say(edited, 'two, edited')).requests);
    assert.equal(said[0], 'user: an endless one');
    assert.match(said[1] ?? '', /^assistant: Word by word. on and on/);
    assert.deepEqual(said.slice(2), ['user: two, edited']);
    client.send({ type: 'abort', runId: live });
    const end = await client.runEnded(live);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    await Promise.all([client.close(), other.client.close()]);
  });

  test('[BR5] where the CLI’s transcript is gone, Claude is told what was said before, and no more', async () => {
    const { user, client, say, fork } = await person('dee');
    const thread = await client.hello();
    await say(thread, 'one "quoted"\nline');
    const two = await say(thread, 'two');
    const { config } = userDirs(settingsIn(server.dataDir), user);
    rmSync(join(config, 'projects'), { recursive: true });
    const edited = await fork(thread, two.runId);
    await client.hello(edited);
    const [request] = (await say(edited, 'two, edited')).requests;
    const [seed, prompt] = textsOf(request).slice(-2);
    assert.equal(prompt, 'two, edited');
    assert.deepEqual(
      seed
        ?.split('\n')
        .slice(1, -1)
        .map((line) => JSON.parse(line)),
      [
        { role: 'user', content: 'one "quoted"\nline' },
        { role: 'assistant', content: 'Answer to line.' },
      ],
    );
    const later = await say(edited, 'and on');
    assert.equal(textsOf(later.requests[0]).filter((text) => text === seed).length, 1);
    await client.close();
  });

  test('[BR5] before the CLI’s last compaction it is the same', async () => {
    const { user, client, say, fork } = await person('eli');
    const thread = await client.hello();
    await say(thread, 'one');
    const two = await say(thread, 'two');
    const three = await say(thread, 'three');
    await compact(user);
    for (const [{ runId }, ...said] of [
      [two, 'one', 'Answer to one.'],
      [three, 'one', 'Answer to one.', 'two', 'Answer to two.'],
    ] as const) {
      const edited = await fork(thread, runId);
      await client.hello(edited);
      const [request] = (await say(edited, 'edited')).requests;
      const [seed = '', prompt] = textsOf(request).slice(-2);
      const lines = seed.split('\n').slice(1, -1);
      assert.equal(prompt, 'edited');
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { content: string }).content),
        said,
      );
    }
    await client.close();
  });

  /** Compacts the only session of that user, as the CLI does by itself when its context is full. */
  async function compact(user: string): Promise<void> {
    const settings = settingsIn(server.dataDir);
    const env = { ANTHROPIC_API_KEY: 'test-key-for-loopback', ANTHROPIC_BASE_URL: api.url };
    const credentials = { env, usage: null, revoke: () => {} };
    const { config } = userDirs(settings, user);
    const [file = ''] = readdirSync(join(config, 'projects'), {
      ...{ recursive: true, encoding: 'utf8' },
    }).filter((name) => name.endsWith('.jsonl'));
    const sessionId = file.slice(-'.jsonl'.length - 36, -'.jsonl'.length);
    const said: string[] = [];
    const ended = Promise.withResolvers<void>();
    const launch = launchClaude(settings, {
      ...{ command: [CLI], user, sessionId, id: crypto.randomUUID(), credentials },
    });
    const child = new ClaudeChild(launch, (lines) => {
      said.push(...lines);
      if (lines.some((line) => line.includes('"type":"result"'))) ended.resolve();
    });
    child.write({ type: 'user', message: { role: 'user', content: '/compact' } });
    await ended.promise;
    await child.stop();
    assert.ok(said.some((line) => line.includes('compact_boundary')));
  }

  test('[SN1] a prompt that is sent now stops the answer, which Claude remembers as stopped', async () => {
    const { client } = await person('flo');
    const thread = await client.hello();
    const endless = client.prompt(thread, 'an endless one');
    await client.event('TEXT_MESSAGE_CONTENT');
    const [second, third] = ['second', 'third'].map((text) => client.prompt(thread, text));
    await client.find((f) => 'type' in f && f.type === 'pending' && f.items.length === 2);
    client.send({ type: 'sendNow', runId: third });
    const end = await client.runEnded(endless);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    await client.runEnded(third ?? '');
    await client.runEnded(second ?? '');
    assert.ok(client.text.startsWith('Word by word. on'));
    assert.ok(client.text.endsWith('Answer to third.Answer to second.'));
    await client.close();
  });
});

type Content = string | { type: string; [field: string]: unknown }[];

/** What the last of these requests held of the conversation, a line a message. */
function saidTo(requests: readonly ApiRequest[]): string[] {
  const messages = (requests.at(-1)?.body.messages ?? []) as { role: string; content: Content }[];
  return messages.flatMap(({ role, content }) => {
    const words = partsOf(content).flatMap((part) => {
      if (part.type === 'text') return isReminder(part.text) ? [] : [String(part.text).trim()];
      if (part.type === 'tool_use') return [`[${part.name}]`];
      return part.type === 'tool_result' ? [`[${part.content}]`] : [];
    });
    return role === 'system' || words.length === 0 ? [] : [`${role}: ${words.join(' ')}`];
  });
}

function textsOf(request: ApiRequest | undefined): string[] {
  const messages = (request?.body.messages ?? []) as { role: string; content: Content }[];
  return messages
    .filter(({ role }) => role === 'user')
    .flatMap(({ content }) => partsOf(content))
    .flatMap(({ type, text }) => (type === 'text' && !isReminder(text) ? [String(text)] : []));
}

function partsOf(content: Content) {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function isReminder(text: unknown): boolean {
  return String(text).startsWith('<system-reminder>');
}
