/** What Claude does beyond text, with the real CLI: subagents, questions, long results, and how full its context is. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { verifyEvents } from '@ag-ui/client';
import { from, lastValueFrom, toArray } from 'rxjs';
import { userDirs } from '../../src/claude/launch.ts';
import { settingsIn } from '../claude/programs.ts';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { type ApiRequest, type Part, ScriptedApi } from '../support/scripted-api.ts';
import { startServer, type TestServer } from '../support/server.ts';

const QUESTION = {
  question: 'Which colour?',
  header: 'Colour',
  multiSelect: false,
  options: [
    { label: 'Red', description: 'warm' },
    { label: 'Blue', description: 'cold' },
  ],
};

describe('what Claude does, with the real CLI', { timeout: 120_000 }, () => {
  let api: ScriptedApi;
  let server: TestServer;
  let began = false;

  const first =
    (parts: Part[], then: string) =>
    ({ toolResults }: ApiRequest) =>
      toolResults.length === 0 ? parts : [{ text: then }];
  const answers: Record<string, (request: ApiRequest) => readonly Part[]> = {
    SUBTASK: first(
      [{ text: 'I look.' }, { tool: 'Bash', input: { command: 'echo inner' } }],
      'Done.',
    ),
    DELEGATE: ({ toolResults }) => {
      if (toolResults.length > 0 || began) return [{ text: 'Said.' }];
      began = true;
      const input = { description: 'Look', prompt: 'SUBTASK', subagent_type: 'general-purpose' };
      return [{ tool: 'Agent', input }];
    },
    ASK: first([{ tool: 'AskUserQuestion', input: { questions: [QUESTION] } }], 'Thanks.'),
    READ: first([{ tool: 'Read', input: { file_path: 'long.txt' } }], 'Read.'),
  };

  before(async () => {
    api = await ScriptedApi.start((request) => {
      const word = Object.keys(answers).find((name) => request.text.includes(name)) ?? '';
      return answers[word]?.(request) ?? [{ text: 'Fine.' }];
    });
    server = await startServer(realCliSettings({ url: api.url } as never));
  });
  after(async () => {
    await server.stop();
    await api.stop();
  });

  const connect = async (user: string) =>
    TestClient.open(server.webSocketUrl, server.origin, await server.cookieFor(user));

  test('a subagent in the background is told in its lane, between turns as well', async () => {
    const client = await connect('ann');
    const thread = await client.hello();
    const run = client.prompt(thread, 'DELEGATE this');
    assert.equal((await client.runEnded(run)).type, 'RUN_FINISHED');
    await client.find(
      (f) => 'chunk' in f && f.chunk.type === 'SUBAGENT_FINISHED' && f.chunk.outcome === undefined,
    );
    const said = client.events.flatMap((event) =>
      event.type === 'TEXT_MESSAGE_CONTENT' && event.subagentRunId ? [event.delta] : [],
    );
    assert.equal(said.join(''), 'I look.Done.');
    const result = client.events.find((e) => e.type === 'TOOL_CALL_RESULT' && e.subagentRunId);
    assert.ok(result?.type === 'TOOL_CALL_RESULT' && result.content === 'inner');
    const next = await client.runEnded(client.prompt(thread, 'and now'));
    assert.equal(next.type, 'RUN_FINISHED');
    const verified = from(client.events as never[]).pipe(verifyEvents(false), toArray());
    assert.equal((await lastValueFrom(verified)).length, client.events.length);
    await client.close();
  });

  test('a question of Claude’s is answered with the user’s choice', async () => {
    const client = await connect('bea');
    const thread = await client.hello();
    const asking = await client.runEnded(client.prompt(thread, 'ASK me'));
    assert.ok(asking.type === 'RUN_FINISHED' && asking.outcome?.type === 'interrupt');
    const [interrupt] = asking.outcome.interrupts;
    assert.equal(interrupt?.metadata?.toolName, 'AskUserQuestion');
    const input = { ...interrupt?.metadata?.input, answers: { 'Which colour?': 'Blue' } };
    const payload = { approved: true, scope: 'once', input };
    const resume = [{ interruptId: interrupt?.id, status: 'resolved', payload }];
    client.send({ threadId: thread, runId: 'answer', messages: [], resume });
    await client.runEnded('answer');
    const told = client.events.find((e) => e.type === 'RUN_STARTED' && e.runId === 'answer');
    assert.deepEqual(told?.type === 'RUN_STARTED' && told.input?.resume?.[0]?.payload, payload);
    assert.match(api.requests.at(-1)?.toolResults.join() ?? '', /"Which colour\?"="Blue"/);
    await client.close();
  });

  test('a long result is cut in its frame and served whole to its owner alone', async () => {
    const client = await connect('cat');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'hello'));
    const { workspace } = userDirs({ ...settingsIn(server.dataDir) }, 'cat');
    writeFileSync(
      join(workspace, 'long.txt'),
      `${'line of text\n'.repeat(1_900)}é the end`.repeat(3),
    );
    await client.runEnded(client.prompt(thread, 'READ it'));
    const result = client.events.find((event) => event.type === 'TOOL_CALL_RESULT');
    assert.ok(result?.type === 'TOOL_CALL_RESULT' && result.metadata?.truncated === true);
    const path = `/chat/api/conversations/${thread}/results/${result.toolCallId}`;
    const get = async (user: string, headers = {}) =>
      fetch(server.origin + path, {
        headers: { cookie: await server.cookieFor(user), ...headers },
      });
    const served = await get('cat');
    assert.equal(served.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(served.headers.get('x-content-type-options'), 'nosniff');
    const whole = await served.text();
    assert.equal(whole.length, result.metadata?.length);
    assert.ok(
      whole.startsWith(String(result.content)) && whole.length > String(result.content).length,
    );
    const etag = served.headers.get('etag') ?? '';
    assert.equal((await get('cat', { 'if-none-match': etag })).status, 304);
    assert.equal((await get('eve')).status, 404);
    await client.close();
  });

  test('after each turn every watcher is told how full the context is, and after hello what it was', async () => {
    const client = await connect('dan');
    const thread = await client.hello();
    const end = await client.runEnded(client.prompt(thread, 'hello'));
    assert.ok(end.type === 'RUN_FINISHED' && end.result.turns === 1 && end.result.durationMs > 0);
    const told = await client.direct('context');
    assert.ok(told.usedTokens > 0 && told.usedTokens < told.maxTokens);
    const second = await connect('dan');
    await second.hello(thread);
    assert.deepEqual(await second.direct('context'), told);
    await Promise.all([client.close(), second.close()]);
  });
});
