/** Spans of a served Greenroom, as a collector gets them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../src/telemetry/log.ts';
import { TestClient } from '../support/client.ts';
import {
  type Collected,
  type Collector,
  ERROR,
  KIND,
  startCollector,
} from '../support/collector.ts';
import { startServer } from '../support/server.ts';

const CANARY = 'CANARY-5d20';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const CALLER = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: `vendor=${CANARY}` };

/** Serves until `use` has ended, and sends its spans; what is exported by then is all. */
async function traced(
  use: (at: {
    origin: string;
    cookie: string;
    open: (more?: Record<string, string>) => Promise<TestClient>;
  }) => Promise<void>,
  env: Record<string, string> = {},
): Promise<Collector> {
  const collector = await startCollector();
  const server = await startServer({ CHAT_OTLP_URL: collector.url, ...env });
  try {
    const cookie = await server.cookieFor(`alice-${CANARY}`.toLowerCase());
    const open = (more?: Record<string, string>) =>
      TestClient.open(server.webSocketUrl, server.origin, cookie, '', more);
    await use({ origin: server.origin, cookie, open });
  } finally {
    await server.stop();
  }
  return collector;
}

const named = (spans: readonly Collected[], name: string | RegExp) =>
  spans.filter((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)));

test('an upgrade, a prompt and its run are one trace, from the caller’s on', {
  timeout: 60_000,
}, async () => {
  let runId = '';
  await using collector = await traced(async ({ open }) => {
    const client = await open(CALLER);
    const thread = await client.hello();
    runId = client.prompt(thread, 'hello');
    await client.runEnded(runId);
    await client.close();
  });
  const spans = collector.spans();
  const [session] = named(spans, 'GET /ws');
  const [prompt] = named(spans, 'prompt');
  const [run] = named(spans, /^invoke_agent /);
  assert.ok(session && prompt && run);
  assert.equal(spans.length, 3);
  assert.deepEqual(
    [session, prompt, run].map(({ traceId, parent }) => [traceId, parent]),
    [PARENT, session.spanId, prompt.spanId].map((parent) => [TRACE, parent]),
  );
  assert.equal(session.kind, KIND.server);
  assert.equal(session.attributes['http.response.status_code'], 101);
  assert.deepEqual(prompt.attributes, {
    'greenroom.run.id': runId,
    'greenroom.outcome': 'accepted',
  });
  assert.equal(run.name, 'invoke_agent demo');
  assert.equal(run.kind, KIND.internal);
  assert.deepEqual(run.events, ['greenroom.first_chunk']);
  const {
    'gen_ai.conversation.id': conversation,
    'gen_ai.response.time_to_first_chunk': firstChunk,
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    ...rest
  } = run.attributes;
  assert.match(String(conversation), /^[0-9a-f-]{36}$/);
  assert.ok(Number(firstChunk) > 0 && Number(firstChunk) < 30);
  assert.ok(Number(input) >= 0 && Number(output) > 0);
  assert.deepEqual(
    Object.keys(rest).sort(),
    [
      'gen_ai.agent.name',
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_read.input_tokens',
      'greenroom.outcome',
      'greenroom.run.id',
    ].sort(),
  );
  assert.equal(rest['greenroom.outcome'], 'done');
  assert.equal(collector.resource()['service.name'], 'greenroom');
});

test('POST /agui and its run are one trace, and a caller that does not say so begins none', {
  timeout: 60_000,
}, async () => {
  await using collector = await traced(async ({ origin, cookie }) => {
    for (const more of [CALLER, { traceparent: `00-${CANARY}-${PARENT}-01` }]) {
      const messages = [{ id: 'u', role: 'user', content: 'hello' }];
      const ids = { threadId: randomUUID(), runId: randomUUID() };
      const answer = await fetch(`${origin}/chat/agui`, {
        method: 'POST',
        headers: { cookie, origin, 'Content-Type': 'application/json', ...more },
        body: JSON.stringify({ ...ids, messages, tools: [], context: [], state: {} }),
      });
      assert.match(await answer.text(), /RUN_FINISHED/);
    }
  });
  const spans = collector.spans();
  const sessions = named(spans, 'POST /agui');
  assert.deepEqual(
    sessions.map(({ parent, attributes }) => [parent, attributes['http.response.status_code']]),
    [
      [PARENT, 200],
      [null, 200],
    ],
  );
  const traces = new Set(named(spans, /^invoke_agent /).map(({ traceId }) => traceId));
  assert.deepEqual(traces, new Set(sessions.map(({ traceId }) => traceId)));
  assert.equal(traces.size, 2);
});

test('an answer goes on from the run that asked; a fault and a limit are told as such', {
  timeout: 60_000,
}, async () => {
  await using collector = await traced(
    async ({ open }) => {
      const client = await open();
      const threadId = await client.hello();
      const end = await client.runEnded(client.prompt(threadId, 'use a tool'));
      assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'interrupt');
      const resume = end.outcome.interrupts.map(({ id: interruptId }) => ({
        ...{ interruptId, status: 'resolved', payload: true },
      }));
      const runId = randomUUID();
      client.send({ threadId, runId, messages: [], resume, tools: [], context: [] });
      await client.runEnded(runId);
      await client.runEnded(client.prompt(threadId, 'error, please'));
      client.prompt(threadId, 'too many');
      await client.direct('throttled');
      client.prompt(threadId, 'another');
      await client.event('RUN_ERROR', client.frames.length);
      await client.close();
    },
    { CHAT_MAX_REQUESTS_PER_HOUR: '2' },
  );
  const spans = collector.spans();
  const runs = named(spans, /^invoke_agent /);
  const [asking, answering, failing] = ['blocked', 'done', 'claude.api'].map((outcome) =>
    runs.find(({ attributes }) => attributes['greenroom.outcome'] === outcome),
  );
  assert.ok(asking && answering && failing, JSON.stringify(runs));
  assert.equal(answering.parent, asking.spanId);
  assert.equal(answering.traceId, asking.traceId);
  assert.deepEqual(failing.status, { code: ERROR });
  assert.equal(failing.attributes['error.type'], 'claude.api');
  assert.equal(asking.status.code, 0);
  assert.deepEqual(
    named(spans, 'prompt').map(({ attributes }) => attributes['greenroom.outcome']),
    ['accepted', 'accepted', 'parked', 'refused'],
  );
});

test('who is not let in is a span with its fault', { timeout: 60_000 }, async () => {
  await using collector = await traced(
    async ({ origin, open }) => {
      const url = `${origin.replace('http', 'ws')}/chat/ws`;
      await assert.rejects(TestClient.open(url, origin, 'greenroom=nonsense'), /401/);
      const first = await open();
      await assert.rejects(open(), /503|429/);
      await first.close();
    },
    { CHAT_MAX_SOCKETS_PER_USER: '1' },
  );
  const told = named(collector.spans(), 'GET /ws').map(({ attributes, status }) => [
    attributes['error.type'],
    status.code ?? 0,
  ]);
  assert.deepEqual(told, [
    ['auth.required', ERROR],
    [undefined, 0],
    ['sockets.tooMany', ERROR],
  ]);
});

test('[R59] [R60] no name, cookie, thread, word or header of anybody’s is sent', {
  timeout: 60_000,
}, async () => {
  let secrets: string[] = [];
  await using collector = await traced(async ({ open, cookie }) => {
    const client = await open(CALLER);
    const thread = await client.hello(`thread-${CANARY}`);
    for (const text of ['hello', 'error', 'show markdown', 'use a tool'])
      await client.runEnded(client.prompt(thread, `${text} ${CANARY}`));
    client.prompt(thread, `a\0${CANARY}`);
    await client.event('RUN_ERROR', client.frames.length);
    const spoken = client.text.split(/\s+/).filter((word) => word.length > 6);
    secrets = [cookie, cookie.slice('greenroom='.length), ...new Set(spoken)];
    await client.close();
  });
  assert.ok(collector.spans().length > 8);
  const sent = collector.raw.join('\n');
  assert.ok(secrets.length > 10);
  assert.doesNotMatch(sent, new RegExp(CANARY, 'i'));
  assert.doesNotMatch(sent, /alice/);
  assert.deepEqual(
    secrets.filter((secret) => sent.includes(secret)),
    [],
  );
});

test('a collector that takes nothing is told of, and that it does again', {
  timeout: 60_000,
}, async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  await using collector = await startCollector();
  collector.status = 400;
  const server = await startServer({ CHAT_OTLP_URL: `${collector.url}?key=${CANARY}` }, { log });
  try {
    const cookie = await server.cookieFor('alice');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'hello'));
    while (!lines.some((line) => line.includes('the collector takes no spans'))) await sleep(100);
    collector.status = 200;
    await client.runEnded(client.prompt(thread, 'hello again'));
    await client.close();
  } finally {
    await server.stop();
  }
  assert.equal(named(collector.spans(), 'prompt').length, 1);
  assert.match(lines.join(''), /the collector takes spans again/);
  assert.doesNotMatch(lines.join(''), new RegExp(CANARY));
});

test('a collector that has gone does not hold up the end', { timeout: 60_000 }, async () => {
  const collector = await startCollector();
  const server = await startServer({ CHAT_OTLP_URL: collector.url });
  await collector[Symbol.asyncDispose]();
  const cookie = await server.cookieFor('alice');
  const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  await client.runEnded(client.prompt(await client.hello(), 'hello'));
  await client.close();
  const began = performance.now();
  await server.stop();
  assert.ok(performance.now() - began < 5_000);
});

test('nothing of OpenTelemetry is loaded where no collector is set', () => {
  const sources = globSync('src/**/*.ts').map((file) => ({
    file,
    text: readFileSync(file, 'utf8'),
  }));
  const using = (pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
  assert.deepEqual(using(/from '@opentelemetry\//), ['src/telemetry/otlp.ts']);
  assert.deepEqual(using(/from '[^']*\/otlp\.ts'/), []);
  assert.deepEqual(using(/import\('[^']*\/otlp\.ts'\)/), ['src/cli/traces.ts']);
});
