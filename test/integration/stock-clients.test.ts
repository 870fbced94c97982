/** Clients that know nothing of Greenroom, unmodified, over a line that is cut while they listen. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AbstractAgent, type RunAgentInput, verifyEvents } from '@ag-ui/client';
import { type BaseEvent, EventType } from '@ag-ui/core';
import { EventSchema } from '@ag-ui/core/schemas';
import { ChatClient, webSocket } from '@tanstack/ai-client';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { startServer, type TestServer } from '../support/server.ts';

type SocketClass = new (url: string | URL, protocols?: string | string[]) => WebSocket;

describe('stock clients', { timeout: 60_000 }, () => {
  let server: TestServer;
  let Socket: SocketClass;
  /** Sees every frame of the next sockets. */
  let onFrame: (socket: WebSocket, frame: string) => void = () => {};

  before(async () => {
    server = await startServer();
    const cookie = await server.cookieFor('alice');
    // Node's own WebSocket sends neither a cookie nor an Origin; a browser sends both.
    Socket = class SignedInSocket extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols, { headers: { Cookie: cookie, Origin: server.origin } });
        this.on('message', (data) => onFrame(this, String(data)));
      }
    };
  });
  after(() => server.stop());

  /** Cuts the line once, after so many frames. */
  function cutAfter(frames: number): () => boolean {
    let seen = 0;
    let cut = false;
    onFrame = (socket) => {
      seen += 1;
      if (seen < frames || cut) return;
      cut = true;
      socket.terminate();
    };
    return () => cut;
  }

  function tanstack(): { client: ChatClient; says: (words: string) => Promise<void> } {
    const WebSocketImpl = Socket as unknown as typeof globalThis.WebSocket;
    let onMessages = () => {};
    const client = new ChatClient({
      connection: webSocket(server.webSocketUrl, { WebSocketImpl }),
      onMessagesChange: () => onMessages(),
    });
    const says = (words: string) =>
      new Promise<void>((resolve) => {
        onMessages = () => text(client).includes(words) && resolve();
        onMessages();
      });
    return { client, says };
  }

  test('[R4] TanStack AI: a cut line loses and doubles nothing', async () => {
    const { client } = tanstack();
    const wasCut = cutAfter(12);
    await client.sendMessage('please show markdown');
    assert.ok(wasCut());
    assert.ok(
      text(client).includes('# A short tour') &&
        text(client).trimEnd().endsWith('That is all of it.'),
    );
    assert.equal(text(client).split('Streams of').length, 2, 'no word is doubled');
    onFrame = () => {};
    await client.sendMessage('and now hello');
    assert.ok(text(client).includes('and now hello'));
    assert.equal(client.getError(), undefined);
    client.dispose();
  });

  test('TanStack AI: stop ends the run on the server, and the next one works', async () => {
    const { client, says } = tanstack();
    const cancelled = new Promise<void>((resolve) => {
      let frames = 0;
      onFrame = (_, frame) => {
        frames += 1;
        if (frames === 8) client.stop();
        if (frame.includes('"outcome":{"type":"cancelled"}')) resolve();
      };
    });
    const sending = client.sendMessage('a slow one, please');
    await cancelled;
    await sending;
    onFrame = () => {};
    void client.sendMessage('markdown, then');
    await says('That is all of it.');
    client.dispose();
  });

  test('TanStack AI: an approval is shown, answered, and the run goes on', async () => {
    const { client, says } = tanstack();
    await client.sendMessage('use a tool');
    const [interrupt] = client.getInterrupts();
    assert.ok(interrupt?.canResolve, 'the approval is an interrupt the client can resolve');
    interrupt.resolveInterrupt(true);
    await says('There are two files');
    client.dispose();
  });

  test('[R4] an AbstractAgent of @ag-ui/client: every event is valid, in order, over a cut line', async () => {
    const agent = new SocketAgent(server.webSocketUrl, Socket);
    const wasCut = cutAfter(10);
    agent.messages = [{ id: 'u1', role: 'user', content: 'show markdown' }];
    await agent.runAgent();
    assert.ok(wasCut());
    onFrame = () => {};
    const answer = agent.messages.findLast(({ role, content }) => role === 'assistant' && content);
    assert.ok(
      typeof answer?.content === 'string' && answer.content.endsWith('That is all of it.\n'),
    );
    assert.equal(answer.content.split('Streams of').length, 2);
    assert.ok(agent.seen.length > 20);
    for (const event of agent.seen)
      assert.ok(EventSchema.safeParse(event).success, JSON.stringify(event));
  });
});

function text(client: ChatClient): string {
  return client
    .getMessages()
    .filter(({ role }) => role === 'assistant')
    .flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.content : '')))
    .join('\n');
}

/** The smallest agent over a WebSocket: send the input, resume after a drop at the last id. */
class SocketAgent extends AbstractAgent {
  readonly seen: BaseEvent[] = [];
  readonly #url: string;
  readonly #Socket: SocketClass;

  constructor(url: string, socket: SocketClass) {
    super();
    this.#url = url;
    this.#Socket = socket;
  }

  run(input: RunAgentInput): Observable<BaseEvent> {
    const events = new Observable<BaseEvent>((subscriber) => {
      let last: string | null = null;
      const open = () => {
        const query: string = last === null ? '' : `?runId=${input.runId}&offset=${last}`;
        const socket = new this.#Socket(this.#url + query);
        socket.on('open', () => last === null && socket.send(JSON.stringify(input)));
        socket.on('message', (data) => {
          const frame = JSON.parse(String(data));
          if (frame.type === 'ping') return;
          last = frame.id;
          this.seen.push(frame.chunk);
          subscriber.next(frame.chunk);
          if ([EventType.RUN_FINISHED, EventType.RUN_ERROR].includes(frame.chunk.type))
            subscriber.complete();
        });
        socket.on('close', () => subscriber.closed || open());
        subscriber.add(() => socket.close());
      };
      open();
    });
    return events.pipe(verifyEvents());
  }
}
