/**
 * This node's own connection, past any pooler: it listens, and what must not queue behind the pool's other work goes
 * over it, as nothing here ever waits for a lock that others hold for long. It comes back by itself.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { FaultError } from '../../faults.ts';
import type { Sql, SqlRow, SqlValue } from './database.ts';
import { nameOf } from './often.ts';

/** All that nodes tell each other is told on it. */
export const CHANNEL = 'greenroom';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export interface Clock {
  /** Monotonic, ms. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export interface LineSettings {
  readonly url: string;
  readonly name: string;
  /** An answer that takes longer means that the connection is broken, ms. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly onNotice: (payload: string) => void;
  /** It listens; `again`: after a time when it did not. */
  readonly onConnected: (again: boolean) => void;
}

export class Line implements Sql {
  readonly #settings: LineSettings;
  #client: pg.Client | null = null;
  #socket: Socket | null = null;
  #retry: unknown = null;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;
  /** Settles when what was asked last is answered, or is not. */
  #asked: Promise<unknown> = Promise.resolve();

  constructor(settings: LineSettings) {
    this.#settings = settings;
  }

  /** @throws {FaultError} `store.unavailable`; it is not tried again then. */
  async open(): Promise<void> {
    await this.#connect(false);
  }

  async all<T extends object = SqlRow>(sql: string, ...values: SqlValue[]): Promise<T[]> {
    return (await this.#query(sql, values)).rows as T[];
  }

  async get<T extends object = SqlRow>(sql: string, ...values: SqlValue[]): Promise<T | undefined> {
    return (await this.#query(sql, values)).rows[0] as T | undefined;
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  close(): void {
    this.#closed = true;
    this.#settings.clock.clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#client = null;
  }

  /** One after the other: a client takes a question once it has answered the last. */
  #query(sql: string, values: SqlValue[]): Promise<pg.QueryResult> {
    const client = this.#client;
    const answer = this.#asked.then(() => this.#ask(client, sql, values));
    this.#asked = answer.catch(() => {});
    return answer;
  }

  async #ask(client: pg.Client | null, sql: string, values: SqlValue[]): Promise<pg.QueryResult> {
    if (client === null || client !== this.#client)
      throw new FaultError('store.unavailable', 'not connected');
    const name = nameOf(sql);
    try {
      return await client.query({ text: sql, values, ...(name && { name }) });
    } catch (error) {
      // What the server says of a statement has a code. Without one there was no answer, and what still comes on
      // this connection would be that of another question.
      if (!(error instanceof pg.DatabaseError)) this.#broke(client);
      throw Object.assign(new FaultError('store.unavailable'), { cause: error });
    }
  }

  async #connect(again: boolean): Promise<void> {
    const { url, name, timeoutMs, onNotice, onConnected } = this.#settings;
    // Its own, as a client that waits for an answer cannot be told to stop waiting.
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: url,
      application_name: `${name} listens`,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      keepAlive: true,
      stream: () => socket,
    });
    client.on('error', () => this.#broke(client));
    client.on('end', () => this.#broke(client));
    client.on('notification', ({ payload }) => onNotice(payload ?? ''));
    this.#socket = socket;
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      socket.destroy();
      throw Object.assign(new FaultError('store.unavailable'), { cause: error });
    }
    if (this.#closed || socket.destroyed) {
      socket.destroy();
      throw new FaultError('store.unavailable', 'closed meanwhile');
    }
    this.#client = client;
    this.#retryMs = FIRST_RETRY_MS;
    onConnected(again);
  }

  #broke(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#socket?.destroy();
    this.#connectSoon();
  }

  #connectSoon(): void {
    if (this.#closed) return;
    this.#retry = this.#settings.clock.setTimeout(() => {
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
      this.#connect(true).catch(() => this.#connectSoon());
    }, this.#retryMs);
  }
}
