/** A client of the replaced server: it offers `chat-stream-v1` and keeps what it is told. */
import { WebSocket } from 'ws';
import type { ChatFrame } from '../../src/transport/legacy/chat-stream-line.ts';
import { FrameClient } from './frame-client.ts';
import type { TestServer } from './server.ts';

export class ChatStreamClient extends FrameClient<ChatFrame> {
  /** @param protocols What it offers, best first. */
  static async open(
    server: TestServer,
    cookie: string,
    query = '',
    protocols: string[] = ['chat-stream-v1'],
  ): Promise<ChatStreamClient> {
    const headers = { Cookie: cookie, Origin: server.origin };
    const socket = new WebSocket(server.webSocketUrl + query, protocols, { headers });
    return new ChatStreamClient(socket).opened();
  }

  ask(message: string, conversationId?: string | null): void {
    const place = conversationId === undefined ? {} : { conversation_id: conversationId };
    this.send({ type: 'chat_request', message, ...place });
  }

  /** The first `complete` or `error` from the `from`-th frame on. Rejects when the socket closes without one. */
  async ended(from = 0): Promise<Exclude<ChatFrame, { type: 'token' }>> {
    const frame = await this.find(({ type }) => type !== 'token', from);
    return frame as Exclude<ChatFrame, { type: 'token' }>;
  }

  get text(): string {
    return this.frames.map((frame) => (frame.type === 'token' ? frame.token : '')).join('');
  }
}
