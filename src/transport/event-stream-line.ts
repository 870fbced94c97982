/** A response of Server-Sent Events as an outbox writes to it: bare AG-UI events, with cursors as their ids. */
import type { ServerResponse } from 'node:http';
import { encodeCursor } from '../store/store.ts';
import type { EncodedRow } from './fanout.ts';
import type { Line, Told } from './outbox.ts';

/** Those of AG-UI 1.0 that break clients of earlier versions; chunks are written by us with their type first. */
const SUBAGENT = '{"type":"SUBAGENT_';
/** Says nothing, and keeps proxies from giving up on a quiet stream. */
const COMMENT = ':\n\n';

export class EventStreamLine implements Line {
  readonly #response: ServerResponse;
  readonly #withSubagents: boolean;

  /** @param withSubagents Whether the client knows events of subagents. */
  constructor(response: ServerResponse, withSubagents: boolean) {
    this.#response = response;
    this.#withSubagents = withSubagents;
  }

  get isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  get unsentBytes(): number {
    return this.#response.writableLength;
  }

  push({ row }: EncodedRow): void {
    if (!this.#withSubagents && row.chunk.startsWith(SUBAGENT)) return;
    this.#response.write(`id: ${encodeCursor(row)}\ndata: ${row.chunk}\n\n`);
  }

  tell(frame: Told): void {
    this.#response.write(`data: ${JSON.stringify(frame)}\n\n`);
  }

  comment(): void {
    this.#response.write(COMMENT);
  }

  onFlushed(then: () => void): void {
    this.#response.write(COMMENT, (error) => {
      if (!error) then();
    });
  }

  onClosed(then: () => void): () => void {
    this.#response.once('close', then);
    return () => this.#response.off('close', then);
  }
}
