import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createActor, setup } from 'xstate';
import type { ServerFrame } from '../../src/transport/protocol.ts';
import { parseFrame, socket, toFact } from '../../src/ui/socket.ts';

/** A WebSocket that only notes what is done to it. */
class FakeWebSocket {
  static readonly OPEN = 1;
  static last: FakeWebSocket;
  readonly readyState = 1;
  readonly sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly url: string;
  readonly protocol: string;

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
    FakeWebSocket.last = this;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  hear(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const real = globalThis.WebSocket;
afterEach(() => {
  globalThis.WebSocket = real;
});

function open() {
  globalThis.WebSocket = FakeWebSocket as unknown as typeof WebSocket;
  const received: ServerFrame[] = [];
  const actor = createActor(socket, {
    input: { url: 'ws://localhost/chat/ws', receive: (frame) => received.push(frame) },
  }).start();
  const hello = (threadId: string) =>
    actor.send({ type: 'send', frame: { type: 'hello', threadId, after: null, ref: 'hello' } });
  return { actor, received, hello, ws: FakeWebSocket.last };
}

const welcome = (threadId: string) => ({ type: 'welcome', threadId });

test('[R51] the socket offers agui.v1 and answers a ping', () => {
  const { ws } = open();
  assert.equal(ws.protocol, 'agui.v1');
  ws.hear({ type: 'ping' });
  assert.deepEqual(ws.sent, [{ type: 'pong' }]);
});

test('frames of the conversation watched before are dropped until the new one is welcomed', () => {
  const { ws, received, hello } = open();
  hello('a');
  ws.hear(welcome('a'));
  hello('b');
  hello('c');
  ws.hear({ id: 'k1', chunk: { type: 'RUN_STARTED', threadId: 'a', runId: 'r' } });
  ws.hear(welcome('b'));
  ws.hear({ type: 'pending', items: [] });
  ws.hear({ type: 'reply', ref: 'r9', fault: null });
  ws.hear(welcome('c'));
  ws.hear({ type: 'caughtUp', head: null });
  assert.deepEqual(
    received.map((frame) => ('type' in frame ? frame.type : 'kept')),
    ['welcome', 'reply', 'welcome', 'caughtUp'],
  );
});

test('[LK8] a fault in the place of a welcome is heard: it is about this socket', () => {
  const { ws, received, hello } = open();
  hello('a');
  ws.hear({ type: 'fault', code: 'share.unknown', message: '' });
  assert.deepEqual(received, [{ type: 'fault', code: 'share.unknown', message: '' }]);
});

test('stopping the actor closes the socket and hears nothing more', () => {
  const { actor, ws, received } = open();
  actor.stop();
  assert.equal(ws.closed, true);
  ws.hear(welcome('a'));
  assert.deepEqual(received, []);
});

test('a welcome that ends the socket, as another user’s does, is not shown', () => {
  globalThis.WebSocket = FakeWebSocket as unknown as typeof WebSocket;
  const received: ServerFrame[] = [];
  const input = {
    url: 'ws://localhost/chat/ws',
    receive: (frame: ServerFrame) => received.push(frame),
  };
  const machine = setup({ actors: { socket } }).createMachine({
    initial: 'open',
    states: {
      open: { invoke: { src: 'socket', input }, on: { 'server.welcomed': 'left' } },
      left: {},
    },
  });
  createActor(machine).start();
  const ws = FakeWebSocket.last;
  ws.hear({ type: 'state', state: 'idle', runId: null });
  ws.hear({ ...welcome('a'), user: 'bob' });
  assert.equal(ws.closed, true);
  assert.deepEqual(
    received.map((frame) => 'type' in frame && frame.type),
    ['state'],
  );
});

test('what is no JSON object is dropped, without harm', () => {
  for (const data of ['', 'x', '[]', 'null', '7', '"s"', new ArrayBuffer(2)])
    assert.equal(parseFrame(data), null);
  assert.deepEqual(parseFrame('{"type":"ping"}'), { type: 'ping' });
});

test('the machine hears facts only, never tokens', () => {
  const kept = (chunk: object) => toFact({ id: 'k', chunk } as ServerFrame);
  assert.equal(kept({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'x' }), null);
  assert.deepEqual(kept({ type: 'RUN_STARTED', threadId: 't', runId: 'r' }), {
    type: 'server.accepted',
    runIds: ['r'],
  });
  const waiting = { type: 'pending', items: [{ runId: 'q', text: 'x', why: 'queued' }] } as const;
  const held = { runId: 'p', text: 'y', why: 'parked', limit: 'hour' } as const;
  assert.deepEqual(toFact({ ...waiting, items: [...waiting.items, held] }), {
    type: 'server.accepted',
    runIds: ['q', 'p'],
  });
  assert.equal(toFact({ type: 'RUN_ERROR', message: 'm', code: 'throttled' }), null);
  assert.equal(toFact({ type: 'fromTheFuture' } as unknown as ServerFrame), null);
});
