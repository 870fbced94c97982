/** The second door, by an unmodified `HttpAgent` and by hand. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { HttpAgent } from '@ag-ui/client';
import { EventSchema } from '@ag-ui/core/schemas';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('POST /chat/agui', { timeout: 60_000 }, () => {
  let server: TestServer;
  let cookie: string;

  before(async () => {
    server = await startServer();
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  function httpAgent() {
    const url = `${server.origin}/chat/agui`;
    const agent = new HttpAgent({ url, headers: { Cookie: cookie }, threadId: randomUUID() });
    const seen: AguiEvent[] = [];
    agent.subscribe({
      onEvent: ({ event }) => {
        assert.ok(EventSchema.safeParse(event).success, JSON.stringify(event));
        seen.push(event as AguiEvent);
      },
    });
    const ask = async (content: string) => {
      agent.addMessage({ id: randomUUID(), role: 'user', content });
      return agent.runAgent();
    };
    const says = () =>
      agent.messages
        .filter(({ role }) => role === 'assistant')
        .map(({ content }) => content ?? '')
        .join('\n');
    return { agent, seen, ask, says };
  }

  /** Waits for the first event that passes; what comes after is left in the stream. */
  async function until(stream: AsyncIterable<SseEvent>, passes: (event: SseEvent) => boolean) {
    for await (const event of stream) if (passes(event)) return event;
    throw new Error('the stream ended before');
  }

  test('[AG2] HttpAgent: a run is complete, and so is the next one', async () => {
    const { ask, seen, says, agent } = httpAgent();
    await ask('show markdown');
    assert.ok(says().includes('# A short tour') && says().trimEnd().endsWith('That is all of it.'));
    assert.deepEqual([seen[0]?.type, seen.at(-1)?.type], ['RUN_STARTED', 'RUN_FINISHED']);
    await ask('and now hello');
    assert.ok(says().includes('and now hello'));
    assert.equal(agent.pendingInterrupts.length, 0);
  });

  test('[AP2] HttpAgent: an approval interrupts the run, and the answer goes on with it', async () => {
    const { agent, ask, says, seen } = httpAgent();
    await ask('use a tool');
    const [interrupt] = agent.pendingInterrupts;
    assert.equal(interrupt?.reason, 'approval_required');
    await agent.runAgent({
      resume: [{ interruptId: interrupt.id, status: 'resolved', payload: true }],
    });
    assert.ok(says().includes('There are two files'));
    assert.equal(seen.filter(({ type }) => type === 'RUN_STARTED').length, 2);
    assert.ok(seen.some(({ type }) => type === 'TOOL_CALL_RESULT'));
  });

  test('[R9] [AG4] HttpAgent: abort gives up the line, and the run goes on', async () => {
    const { agent, ask } = httpAgent();
    const watcher = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await watcher.hello(agent.threadId);
    const asking = ask('a slow one, please').catch(() => {});
    const { runId } = await watcher.event('RUN_STARTED');
    await watcher.event('TEXT_MESSAGE_CONTENT');
    agent.abortRun();
    await asking;
    const from = watcher.frames.length;
    await watcher.event('TEXT_MESSAGE_CONTENT', from);
    const response = await fetch(`${server.origin}/chat/api/runs/${runId}/abort`, {
      method: 'POST',
      headers: { Cookie: cookie },
    });
    assert.equal(response.status, 202);
    const end = await watcher.runEnded(runId);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    await watcher.close();
  });

  test('[AG4] two clients at once: the same run is one run, with the same events', async () => {
    const threadId = randomUUID();
    const input = inputOf(threadId, 'show markdown');
    const other = httpAgent();
    const [one, two] = await Promise.all([
      collect(await post(input)),
      collect(await post(input)),
      other.ask('hello there'),
    ]);
    assert.deepEqual(one, two);
    assert.equal(one.at(-1)?.event.type, 'RUN_FINISHED');
    assert.ok(other.says().includes('hello there'));
    assert.deepEqual(await collect(await post(input)), one, 'later, too');
    const reused = { ...input, messages: [{ id: 'u', role: 'user', content: 'other words' }] };
    assert.deepEqual(await errorOf(await post(reused)), ['run.idReused']);
  });

  test('[R4] [AG4] Last-Event-ID asks for the rest of a run', async () => {
    const input = inputOf(randomUUID(), 'show markdown');
    const whole = await collect(await post(input));
    const last = whole[4]?.id ?? '';
    assert.deepEqual(await collect(await post(input, { 'Last-Event-ID': last })), whole.slice(5));
    const end = whole.at(-1)?.id ?? '';
    assert.deepEqual(await collect(await post(input, { 'Last-Event-ID': end })), []);
    assert.deepEqual(await errorOf(await post(input, { 'Last-Event-ID': '9.999' })), [
      'cursor.unknown',
    ]);
    const unknown = inputOf(randomUUID(), 'x');
    assert.deepEqual(await errorOf(await post(unknown, { 'Last-Event-ID': last })), [
      'run.unknown',
    ]);
  });

  test('[AG4] a run that another client stops ends here as cancelled', async () => {
    const input = inputOf(randomUUID(), 'a slow one, please');
    const events = sseIn(await post(input));
    await until(events, ({ event }) => event.type === 'TEXT_MESSAGE_CONTENT');
    await fetch(`${server.origin}/chat/api/runs/${input.runId}/abort`, {
      method: 'POST',
      headers: { Cookie: cookie },
    });
    const end = await until(events, ({ event }) => event.type === 'RUN_FINISHED');
    assert.ok(end.event.type === 'RUN_FINISHED' && end.event.outcome?.type === 'cancelled');
    for await (const more of events) assert.fail(JSON.stringify(more));
  });

  test('[AG3] refusals: each is one bare RUN_ERROR, then the end', async () => {
    assert.deepEqual(await errorOf(await post(inputOf(randomUUID(), '  '))), ['prompt.empty']);
    const long = inputOf(randomUUID(), 'x'.repeat(40_000));
    assert.deepEqual(await errorOf(await post(long)), ['prompt.tooLarge']);
    const limited = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '0' });
    const response = await fetch(`${limited.origin}/chat/agui`, {
      method: 'POST',
      headers: {
        Cookie: await limited.cookieFor('alice'),
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(inputOf(randomUUID(), 'hello')),
    });
    assert.deepEqual(await errorOf(response), ['throttled']);
    await limited.stop();
  });

  test('[AG6] a drain ends a stream with its run, and takes no new one', async () => {
    const leaving = await startServer({ CHAT_DRAIN_TURN_MS: '200' });
    const headers = {
      Cookie: await leaving.cookieFor('alice'),
      'Content-Type': 'application/json',
    };
    const url = `${leaving.origin}/chat/agui`;
    const body = JSON.stringify(inputOf(randomUUID(), 'a slow one, please'));
    const events = sseIn(await fetch(url, { method: 'POST', headers, body }));
    await until(events, ({ event }) => event.type === 'TEXT_MESSAGE_CONTENT');
    const stopped = leaving.stop();
    const end = await until(events, ({ event }) => event.type === 'RUN_ERROR');
    assert.ok(end.event.type === 'RUN_ERROR' && end.event.code === 'interrupted');
    for await (const more of events) assert.fail(JSON.stringify(more));
    await stopped;
  });

  test('[DO5] a sign-in that ends, ends its streams', async () => {
    const own = await server.cookieFor('bob');
    const input = inputOf(randomUUID(), 'a slow one, please');
    const events = sseIn(await post(input, { Cookie: own }));
    await until(events, ({ event }) => event.type === 'TEXT_MESSAGE_CONTENT');
    await fetch(`${server.origin}/chat/logout`, {
      method: 'POST',
      headers: { Cookie: own },
      redirect: 'manual',
    });
    const end = await until(events, ({ event }) => event.type === 'RUN_ERROR');
    assert.ok(end.event.type === 'RUN_ERROR' && end.event.code === 'auth.expired');
    for await (const more of events) assert.fail(JSON.stringify(more));
  });

  test('[R9] a reader that is gone leaves nothing behind but its run', async () => {
    const input = inputOf(randomUUID(), 'show markdown');
    const response = await post(input);
    const watcher = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await watcher.hello(input.threadId);
    await response.body?.cancel();
    const end = await watcher.runEnded(input.runId);
    assert.equal(end.type, 'RUN_FINISHED');
    await watcher.close();
  });

  function inputOf(threadId: string, content: string) {
    const messages = [{ id: randomUUID(), role: 'user', content }];
    return { threadId, runId: randomUUID(), messages, tools: [], context: [], state: {} };
  }

  function post(input: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${server.origin}/chat/agui`, {
      method: 'POST',
      headers: { Cookie: cookie, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(input),
    });
  }

  async function errorOf(response: Response): Promise<string[]> {
    assert.equal(response.status, 200);
    return (await collect(response)).map(({ id, event }) => {
      assert.equal(id, null, 'it is not kept');
      return event.type === 'RUN_ERROR' ? String(event.code) : event.type;
    });
  }
});

interface SseEvent {
  readonly id: string | null;
  readonly event: AguiEvent;
}

async function* read(response: Response): AsyncGenerator<SseEvent> {
  let rest = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      yield { id: /^id: (.*)$/m.exec(block)?.[1] ?? null, event: JSON.parse(data) };
    }
  }
}

/** Its events; leaving a loop over them does not end the stream. */
function sseIn(response: Response): AsyncIterable<SseEvent> {
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const events = read(response);
  return { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) };
}

async function collect(response: Response): Promise<SseEvent[]> {
  const all: SseEvent[] = [];
  for await (const event of sseIn(response)) all.push(event);
  return all;
}
