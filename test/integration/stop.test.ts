/** Stop, from wherever a turn can be: the real CLI against an API that does what it is told. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { type Answer, ScriptedApi } from '../support/scripted-api.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Says `n ` for n from 0 on, in all some eight seconds long. */
const SLOW: Answer = [
  { text: Array.from({ length: 400 }, (_, i) => `${i} `).join(''), chunk: 8, everyMs: 40 },
];
const ENDLESS_TOOL: Answer = [
  { text: 'Watching. ' },
  { tool: 'Bash', input: { command: 'tail -f /dev/null', description: 'watch nothing' } },
];

describe('stop with the real CLI', { timeout: 240_000 }, () => {
  let api: ScriptedApi;
  let server: TestServer;
  let client: TestClient;
  let thread: string;

  before(async () => {
    api = await ScriptedApi.start();
    server = await startServer({
      ...realCliSettings(api),
      CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited',
      CHAT_MAX_REQUESTS_PER_DAY: 'unlimited',
    });
    const cookie = await server.cookieFor('alice');
    client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  });
  after(async () => {
    await client.close();
    await server.stop();
    await api.stop();
  });
  beforeEach(async () => {
    thread = await client.hello();
  });

  const ask = (answer: Answer, prompt = 'do it'): string => {
    api.answer = () => answer;
    return client.prompt(thread, prompt);
  };
  /** The run's end, and what it says of itself. */
  const stopped = async (runId: string) => {
    const end = await client.runEnded(runId);
    return end.type === 'RUN_FINISHED' ? end.outcome?.type : end.code;
  };
  const abort = (runId: string) => client.send({ type: 'abort', runId });
  const started = (runId: string) =>
    client.find(
      (frame) =>
        'chunk' in frame && frame.chunk.type === 'RUN_STARTED' && frame.chunk.runId === runId,
    );
  const eventsFrom = (from: number): AguiEvent[] =>
    client.frames.slice(from).flatMap((frame) => ('chunk' in frame ? [frame.chunk] : []));
  const textFrom = (from: number): string =>
    eventsFrom(from)
      .map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : ''))
      .join('');
  const theNextPromptWorks = async () => {
    const from = client.frames.length;
    const next = ask([{ text: 'The next answer.' }], 'go on');
    assert.equal(await stopped(next), 'success');
    assert.equal(textFrom(from), 'The next answer.');
  };
  const requested = async (count: number) => {
    while (api.requests.length < count) await new Promise(setImmediate);
  };

  test('from streaming: the text so far is kept', async () => {
    const from = client.frames.length;
    const run = ask(SLOW);
    await client.event('TEXT_MESSAGE_CONTENT', from);
    abort(run);
    assert.equal(await stopped(run), 'cancelled');
    assert.ok(textFrom(from).startsWith('0 '));
    await api.requests.at(-1)?.left;
    await theNextPromptWorks();
  });

  test('from a Bash tool that never ends: it is gone as well', async () => {
    const from = client.frames.length;
    const run = ask(ENDLESS_TOOL);
    assert.equal(await stopped(run), 'interrupt');
    abort(run);
    await theNextPromptWorks();
    assert.equal(textFrom(from), 'Watching. The next answer.');
  });

  test('from the moment the run begins, on a process that was never used', async () => {
    const run = ask(SLOW);
    await started(run);
    const at = performance.now();
    abort(run);
    assert.equal(await stopped(run), 'cancelled');
    console.log('stopped in', performance.now() - at);
    await theNextPromptWorks();
  });

  test('from the moment the run begins, on a process that was used', async () => {
    await theNextPromptWorks();
    const run = ask(SLOW);
    await started(run);
    const at = performance.now();
    abort(run);
    assert.equal(await stopped(run), 'cancelled');
    console.log('stopped in', performance.now() - at);
    await theNextPromptWorks();
  });

  test('from an API that says nothing', async () => {
    const count = api.requests.length;
    const run = ask('hang');
    await requested(count + 1);
    const at = performance.now();
    abort(run);
    assert.equal(await stopped(run), 'cancelled');
    console.log('stopped in', performance.now() - at);
    await theNextPromptWorks();
  });

  test('from an API that backs off', async () => {
    const from = client.frames.length;
    const run = ask({ status: 529, type: 'overloaded_error', message: 'busy' });
    await client.find(
      (frame) =>
        'chunk' in frame &&
        frame.chunk.type === 'CUSTOM' &&
        frame.chunk.name === 'claude.api_retry',
      from,
    );
    const at = performance.now();
    abort(run);
    assert.equal(await stopped(run), 'cancelled');
    console.log('stopped in', performance.now() - at);
    await theNextPromptWorks();
  });
});
