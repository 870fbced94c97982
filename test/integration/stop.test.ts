/** Ends of turns that do not come by themselves: the real CLI against an API that does what it is told. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS } from '../../src/faults.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { runningUnder } from '../support/processes.ts';
import { type Answer, ScriptedApi } from '../support/scripted-api.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Says `n ` for n from 0 on, in all some eight seconds long. */
const SLOW: Answer = [
  { text: Array.from({ length: 400 }, (_, i) => `${i} `).join(''), chunk: 8, everyMs: 40 },
];
const bash = (command: string): Answer => [
  { text: 'Watching. ' },
  { tool: 'Bash', input: { command, description: 'watch' } },
];
const ENDLESS = 'tail -f /dev/null';
const OVERLOADED: Answer = { status: 529, type: 'overloaded_error', message: 'busy' };

describe('with the real CLI', { timeout: 400_000 }, () => {
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
      CHAT_STALL_MS: '5000',
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
  const abort = (runId: string) => client.send({ type: 'abort', runId });
  const eventsFrom = (from: number): AguiEvent[] =>
    client.frames.slice(from).flatMap((frame) => ('chunk' in frame ? [frame.chunk] : []));
  const textFrom = (from: number): string =>
    eventsFrom(from)
      .map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : ''))
      .join('');
  /** Waits for an event of this conversation, from the `from`-th frame on. */
  const sees = (passes: (event: AguiEvent) => boolean, from: number) =>
    client.find((frame) => 'chunk' in frame && passes(frame.chunk), from);
  const speaks = (from: number) => sees(({ type }) => type === 'TEXT_MESSAGE_CONTENT', from);
  const started = (runId: string) =>
    sees((event) => event.type === 'RUN_STARTED' && event.runId === runId, 0);
  /** How the run ended. */
  const endOf = async (runId: string) => {
    const end = await client.runEnded(runId);
    return end.type === 'RUN_FINISHED' ? end.outcome?.type : end.code;
  };
  const requested = async (count: number) => {
    while (api.requests.length < count) await new Promise(setImmediate);
  };
  const theNextPromptWorks = async () => {
    const from = client.frames.length;
    const next = ask([{ text: 'The next answer.' }], 'go on');
    assert.equal(await endOf(next), 'success');
    assert.equal(textFrom(from), 'The next answer.');
  };
  const allow = (asking: string): string => {
    const runId = `allow-${asking}`;
    const asked = client.events.findLast(
      (event) => event.type === 'RUN_FINISHED' && event.runId === asking,
    );
    assert.ok(asked?.type === 'RUN_FINISHED' && asked.outcome?.type === 'interrupt');
    const resume = asked.outcome.interrupts.map(({ id }) => ({
      interruptId: id,
      status: 'resolved',
      payload: true,
    }));
    client.send({ threadId: thread, runId, parentRunId: asking, messages: [], resume });
    return runId;
  };
  const home = () => join(server.dataDir, 'users', 'alice', 'home');
  const running = async () => (await runningUnder(home())).length;

  test('an abort of an answer that streams keeps the text so far, and the API is left', async () => {
    const from = client.frames.length;
    const run = ask(SLOW);
    await speaks(from);
    abort(run);
    assert.equal(await endOf(run), 'cancelled');
    assert.ok(textFrom(from).startsWith('0 '));
    await api.requests.at(-1)?.left;
    await theNextPromptWorks();
  });

  test('an abort of a question takes it back', async () => {
    const from = client.frames.length;
    const run = ask(bash(ENDLESS));
    assert.equal(await endOf(run), 'interrupt');
    abort(run);
    await sees((e) => e.type === 'RUN_FINISHED' && e.outcome?.type === 'cancelled', from);
    await theNextPromptWorks();
    assert.equal(textFrom(from), 'Watching. The next answer.');
  });

  test('[R61] an abort of a tool that runs and never ends leaves no process of it', async () => {
    const before = await running();
    const asking = ask(bash(ENDLESS));
    assert.equal(await endOf(asking), 'interrupt');
    const run = allow(asking);
    const cli = (await running()) - before;
    while ((await running()) - before <= cli) await new Promise(setImmediate);
    abort(run);
    assert.equal(await endOf(run), 'cancelled');
    while ((await running()) - before > cli) await new Promise(setImmediate);
    await theNextPromptWorks();
  });

  test('an abort of an API that does not even answer', async () => {
    const run = ask('hang');
    await requested(api.requests.length + 1);
    abort(run);
    assert.equal(await endOf(run), 'cancelled');
    await theNextPromptWorks();
  });

  test('an abort of an API that fell silent keeps the text so far', async () => {
    const from = client.frames.length;
    const run = ask([{ text: 'Half of it' }, { stall: true }]);
    await speaks(from);
    abort(run);
    assert.equal(await endOf(run), 'cancelled');
    await theNextPromptWorks();
    assert.ok(textFrom(from).startsWith('Half of it'));
  });

  test('an abort of an API that is asked again and again', async () => {
    const from = client.frames.length;
    const run = ask(OVERLOADED);
    await sees((event) => event.type === 'CUSTOM' && event.name === 'claude.api_retry', from);
    abort(run);
    assert.equal(await endOf(run), 'cancelled');
    await theNextPromptWorks();
  });

  test('an abort at any moment of a turn’s beginning ends it, on a process that is new and one that is not', async () => {
    for (const waitsMs of [0, 0, 5, 10, 20, 40, 80]) {
      const run = ask(SLOW);
      await started(run);
      await sleep(waitsMs);
      abort(run);
      assert.equal(await endOf(run), 'cancelled', `after ${waitsMs} ms`);
    }
    await theNextPromptWorks();
  });

  test('an abort that races with the end of the turn is harmless', async () => {
    await theNextPromptWorks();
    for (let i = 0; i < 8; i++) {
      const from = client.frames.length;
      const run = ask([{ text: 'A short answer.', chunk: 4, everyMs: 2 }]);
      await speaks(from);
      await sleep(3 * i);
      abort(run);
      abort(run);
      assert.ok(['cancelled', 'success'].includes(String(await endOf(run))));
      abort(run);
      await theNextPromptWorks();
    }
  });

  test('an abort while the process starts takes the prompt back, and the next one is answered', async () => {
    const from = client.frames.length;
    const run = ask(SLOW);
    abort(run);
    await client.find(
      (frame) => 'type' in frame && frame.type === 'pending' && frame.items.length > 0,
      from,
    );
    await theNextPromptWorks();
    const ends = eventsFrom(from).filter((event) => event.type === 'RUN_FINISHED');
    const outcomes = ends.map((end) => end.type === 'RUN_FINISHED' && end.outcome?.type);
    assert.deepEqual(
      outcomes.filter((how) => how !== 'cancelled'),
      ['success'],
    );
  });

  test('an abort of a prompt that waits, while another is interrupted, touches only that one', async () => {
    const from = client.frames.length;
    const [first, second, third] = [ask(SLOW), ask(SLOW), ask(SLOW)];
    await speaks(from);
    api.answer = () => [{ text: 'The third.' }];
    abort(first);
    abort(second);
    assert.equal(await endOf(first), 'cancelled');
    assert.equal(await endOf(third), 'success');
    assert.ok(!JSON.stringify(eventsFrom(from)).includes(second));
    assert.ok(textFrom(from).endsWith('The third.'));
  });

  for (const [kind, answer, text] of [
    ['does not answer', 'hang', ''],
    ['falls silent in mid-answer', [{ text: 'Half of it' }, { stall: true }], 'Half of it'],
  ] as const) {
    test(`[R62] an API that ${kind} ends the turn as stalled, its text kept, and the next prompt works`, async () => {
      const from = client.frames.length;
      const run = ask(answer);
      const end = await client.runEnded(run);
      assert.ok(end.type === 'RUN_ERROR' && end.code === 'claude.stalled');
      assert.equal(end.message, FAULTS['claude.stalled'].say, 'none of the CLI’s own words for it');
      assert.equal(textFrom(from), text);
      await theNextPromptWorks();
    });
  }

  test('[R62] a tool that runs longer than the API may be silent is no stall', async () => {
    const asking = ask(bash('timeout 7 tail -f /dev/null; echo over'));
    assert.equal(await endOf(asking), 'interrupt');
    api.answer = () => [{ text: 'It is over.' }];
    assert.equal(await endOf(allow(asking)), 'success');
    await theNextPromptWorks();
  });
});
