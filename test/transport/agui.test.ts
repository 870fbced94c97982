import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createActor } from 'xstate';
import type { SessionPorts } from '../../src/machines/session.events.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { EventStream } from '../../src/transport/event-stream.ts';
import { EventStreamLine } from '../../src/transport/event-stream-line.ts';
import { encodeRow } from '../../src/transport/fanout.ts';
import { Outbox, UNSENT_BYTES_MAX } from '../../src/transport/outbox.ts';
import type { PromptDesk } from '../../src/transport/prompt-desk.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { SessionLog } from '../../src/transport/session-log.ts';
import type { Viewer } from '../../src/transport/viewer.ts';
import { memoryStore } from '../support/memory-store.ts';
import { rawOnce } from '../support/raw.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const store = memoryStore();
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer(
    { CHAT_MAX_FRAME_BYTES: '65536', CHAT_MAX_SOCKETS_PER_USER: '3' },
    { store },
  );
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

function inputOf(runId: string = randomUUID(), more: object = {}) {
  const messages = [{ id: 'u', role: 'user', content: 'hello' }];
  return { threadId: randomUUID(), runId, messages, tools: [], context: [], ...more };
}

function ask(headers: Record<string, string>, body: string, url = server.origin) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request(`${url}/chat/agui`, { method: 'POST', headers }, resolve);
    asking.on('error', reject);
    asking.end(body);
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const signedIn = () => ({ Cookie: cookie, ...JSON_TYPE });
/** All of a run that the journal holds. */
const fromStart = () => ({ ...signedIn(), 'Last-Event-ID': '-1' });

async function faultOf(answer: IncomingMessage): Promise<[number | undefined, string]> {
  return [answer.statusCode, JSON.parse(await text(answer)).fault];
}

function eventsIn(stream: string): AguiEvent[] {
  return [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
}

test('[AG1] no sign-in is 401, a foreign Origin 403; a missing Origin comes in, as does our own', async () => {
  const body = JSON.stringify(inputOf());
  assert.deepEqual(await faultOf(await ask(JSON_TYPE, body)), [401, 'auth.required']);
  for (const Origin of ['https://evil.example', 'null'])
    assert.deepEqual(await faultOf(await ask({ ...signedIn(), Origin }, body)), [
      403,
      'origin.refused',
    ]);
  for (const headers of [signedIn(), { ...signedIn(), Origin: server.origin }]) {
    const answer = await ask(headers, JSON.stringify(inputOf()));
    assert.equal(answer.statusCode, 200);
    assert.equal(eventsIn(await text(answer))[0]?.type, 'RUN_STARTED');
  }
});

test('[AG1] what a form can send is refused, and so is what is no RunAgentInput', async () => {
  const body = JSON.stringify(inputOf());
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])
    assert.deepEqual(await faultOf(await ask({ ...signedIn(), 'Content-Type': type }, body)), [
      400,
      'request.malformed',
    ]);
  for (const [wrong, fault] of [
    ['{', 'frame.malformed'],
    ['[]', 'frame.malformed'],
    ['{"threadId":"../x","runId":"r","messages":[]}', 'frame.malformed'],
    ['{"type":"hello","threadId":null,"after":null}', 'request.malformed'],
    [
      `{"threadId":"t","runId":"r","messages":[],"x":${'['.repeat(20)}${']'.repeat(20)}}`,
      'frame.malformed',
    ],
    [JSON.stringify({ ...inputOf(), x: 'x'.repeat(65_536) }), 'request.malformed'],
  ] as const)
    assert.deepEqual(await faultOf(await ask(signedIn(), wrong)), [400, fault], wrong.slice(0, 40));
  const get = await rawOnce(server.origin, '/chat/agui', { Cookie: cookie });
  assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
});

test('[AG2] events are bare, their ids the cursors, and nothing between may hold them back', async () => {
  const runId = randomUUID();
  const writer = await writerOf(store, 'alice', randomUUID());
  await writer.run(runId, 'hello', ['a', 'b\nc']);
  const answer = await ask(fromStart(), JSON.stringify(inputOf(runId)));
  assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store, no-transform');
  assert.equal(answer.headers['x-accel-buffering'], 'no');
  const stream = await text(answer);
  assert.match(stream, /^id: 1\.1\ndata: \{"type":"RUN_STARTED"/);
  assert.equal(eventsIn(stream).length, 6);
});

test('[AG5] events of subagents are for clients that say they speak 1.0', async () => {
  const runId = randomUUID();
  const writer = await writerOf(store, 'alice', randomUUID());
  await writer.start(runId);
  const chunk = JSON.stringify({ type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'n' });
  await writer.rows([{ runId, chunk }]);
  await writer.finish(runId);
  for (const [version, types] of [
    ['1.0', ['RUN_STARTED', 'SUBAGENT_STARTED', 'RUN_FINISHED']],
    [undefined, ['RUN_STARTED', 'RUN_FINISHED']],
    ['0.9', ['RUN_STARTED', 'RUN_FINISHED']],
  ] as const) {
    const input = inputOf(runId, { protocolVersion: version });
    const events = eventsIn(await text(await ask(fromStart(), JSON.stringify(input))));
    assert.deepEqual(
      events.map(({ type }) => type),
      types,
    );
  }
});

test('[R55] a run of another user is one that does not exist', async () => {
  const runId = randomUUID();
  const writer = await writerOf(store, 'bob', randomUUID());
  await writer.run(runId, 'hi', ['secret']);
  const stream = await text(await ask(fromStart(), JSON.stringify(inputOf(runId))));
  assert.deepEqual(
    eventsIn(stream).map((event) => event.type === 'RUN_ERROR' && event.code),
    ['run.unknown'],
  );
});

test('[AG6] streams count as sockets: one too many of a user is 503, and a closed one makes room', async () => {
  const held = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const runId = randomUUID();
      await (await writerOf(store, 'alice', randomUUID())).start(runId);
      const answer = await ask(fromStart(), JSON.stringify(inputOf(runId)));
      await once(answer, 'data');
      return answer;
    }),
  );
  const body = JSON.stringify(inputOf());
  const refused = await ask(signedIn(), body);
  assert.equal(refused.headers['retry-after'], '2');
  assert.deepEqual(await faultOf(refused), [503, 'sockets.tooMany']);
  for (const answer of held) answer.on('error', () => {}).destroy();
  // The server hears of it in its own time; the test's timeout bounds it.
  for (;;) {
    const answer = await ask(signedIn(), body);
    await text(answer);
    if (answer.statusCode === 200) break;
  }
});

test('[R48] a quiet stream gets a comment on every beat, one with unsent bytes needs none', async () => {
  const { stream, written, response } = await standIn();
  stream.beat();
  assert.deepEqual(written, [':\n\n']);
  response.writableLength = 1;
  stream.beat();
  response.writableLength = 0;
  response.writableEnded = true;
  stream.beat();
  assert.equal(written.length, 1);
});

test('[AG6] a reader that takes nothing for too long is cut, and not told why', async () => {
  const { stream, written, response } = await standIn();
  stream.fail('client.tooSlow');
  assert.ok(response.destroyed);
  assert.deepEqual(written, []);
});

/** A stream on a response that goes nowhere. */
async function standIn() {
  const written: string[] = [];
  const response = Object.assign(new EventEmitter(), {
    writableEnded: false,
    destroyed: false,
    headersSent: true,
    writableLength: 0,
    write: (chunk: string) => written.push(chunk),
    destroy() {
      response.destroyed = true;
    },
  });
  const identity = { user: 'alice', operator: false, signInId: 's', expiresAt: 4e12 };
  const session = createActor(sessionMachine, {
    input: {
      ports: {} as SessionPorts,
      now: () => 4e12 - 1_000_000,
    },
  }).start();
  session.send({ type: 'signIn.verified', identity });
  const stream = new EventStream({
    response: response as unknown as ServerResponse,
    input: { threadId: 't', runId: 'r', messages: [] },
    session,
    identity,
    log: new SessionLog(createLog('silent'), 's'),
    viewer: () => ({ close() {} }) as unknown as Viewer,
    prompts: { close() {} } as unknown as PromptDesk,
  });
  after(() => session.stop());
  return { stream, written, response };
}

test('[R12] a slow reader gets every event in order', async () => {
  const runId = randomUUID();
  const writer = await writerOf(store, 'alice', randomUUID());
  await writer.start(runId);
  const answer = await ask(fromStart(), JSON.stringify(inputOf(runId)));
  await once(answer, 'data');
  answer.pause();
  const words = Array.from({ length: 400 }, (_, i) => `${i}:${'x'.repeat(50_000)} `);
  for (const word of words) await writer.say(runId, 'm', word);
  await writer.finish(runId);
  const stream = await text(answer);
  const said = eventsIn(`\n${stream}`).map((event) =>
    event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : '',
  );
  assert.equal(said.join(''), words.join(''));
});

test('[R12] an event stream takes 1 MB that is not read, and tells when it has drained', async () => {
  const opened = Promise.withResolvers<ServerResponse>();
  const source = createServer((_, response) => {
    response.writeHead(200).flushHeaders();
    opened.resolve(response);
  }).listen(0, '127.0.0.1');
  await once(source, 'listening');
  const asking = request(`http://127.0.0.1:${(source.address() as AddressInfo).port}/`).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.pause();
  const line = new EventStreamLine(await opened.promise, true);
  const outbox = new Outbox(line, () => assert.fail('it is slow, not stuck'));
  const row = encodeRow({ term: 1, seq: 1, runId: 'r', chunk: `"${'x'.repeat(60_000)}"` });
  let taken = 0;
  while (outbox.push(row)) taken += 1;
  assert.ok(line.unsentBytes <= UNSENT_BYTES_MAX + row.frame.length, String(line.unsentBytes));
  assert.equal(outbox.push(row), false);
  let read = 0;
  answer.on('data', (data: Buffer) => {
    read += data.length;
  });
  await outbox.drained;
  assert.ok(outbox.push(row));
  assert.ok(read >= (taken - 1) * 60_000 - UNSENT_BYTES_MAX);
  source.closeAllConnections();
  source.close();
});
