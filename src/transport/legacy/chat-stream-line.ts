/** A WebSocket that speaks `chat-stream-v1`, as an outbox writes to it. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { EncodedRow } from '../fanout.ts';
import type { AguiEvent, DirectFrame } from '../protocol.ts';
import { WebSocketLine } from '../web-socket-line.ts';
import { type Part, partOf, partOfChunk } from './parts.ts';

/** Server to client. */
export type ChatFrame =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'complete'; readonly conversation_id: string }
  | { readonly type: 'error'; readonly message: string };

const TEXT = { binary: false, compress: false };

export class ChatStreamLine extends WebSocketLine {
  readonly #socket: WebSocket;
  readonly #page: string | null;
  readonly #onEnded: () => void;

  /** @param onEnded After the last frame of an answer. */
  constructor(socket: WebSocket, wire: Duplex, page: string | null, onEnded: () => void) {
    super(socket, wire);
    this.#socket = socket;
    this.#page = page;
    this.#onEnded = onEnded;
  }

  override push({ row }: EncodedRow): void {
    this.#write(partOfChunk(row.chunk, this.#page));
  }

  /** Of what is not kept, this client knows only how an answer ended, and what is wrong with what it sent. */
  override tell(frame: DirectFrame | AguiEvent): void {
    if (frame.type === 'fault') this.#send({ type: 'error', message: frame.message });
    else this.#write(partOf(frame, this.#page));
  }

  #send(frame: ChatFrame): void {
    this.#socket.send(JSON.stringify(frame), TEXT);
  }

  #write(part: Part | null): void {
    if (part?.type === 'said') this.#send({ type: 'token', token: part.text });
    if (part?.type !== 'ended') return; // what was withdrawn cannot be taken back here
    const { failure, threadId } = part;
    if (failure !== null) this.#send({ type: 'error', message: failure.message });
    else this.#send({ type: 'complete', conversation_id: threadId ?? '' });
    this.#onEnded();
  }
}
