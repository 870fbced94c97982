/**
 * A browser's tab as PROTOCOL.md has it: it resumes with the last id it saw, sends again what was not answered, and
 * gives up a socket that is silent. It keeps what it saw, in order, for the checker.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RawData, WebSocket } from 'ws';
import { FAULTS, type FaultCode } from '../../../src/faults.ts';
import type { AguiEvent, DirectFrame, LimitViews } from '../../../src/transport/protocol.ts';
import type { Frame } from '../client.ts';
import type { Seen } from './account.ts';
import { moment } from './moment.ts';

/** A page waits 5 s for a sign of life; a test has less time. */
const SILENCE_MS = 2_500;
const RETRY_MS = 150;
const AGAIN_MS = 500;
const PATIENCE_MS = 40_000;
/** After these a page comes back by itself (CL2). */
const RESUMES = new Set([1000, 1001, 1005, 1006, 1011, 1012, 1013, 4408]);

export type Ended = Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>;

export interface TabParts {
  readonly name: string;
  readonly threadId: string;
  /** The last row it has; null: it has none. */
  readonly after: string | null;
  readonly cookie: string;
  readonly origin: string;
  /** Where to connect next, each time it does. */
  readonly address: () => string;
  /** Something that no client may ever be told. */
  readonly onTrouble: (what: string) => void;
}

export class Tab {
  readonly name: string;
  readonly threadId: string;
  readonly seen: Seen[] = [];
  readonly runs = new Map<string, { ended: Ended | null }>();
  limits: LimitViews | null = null;
  readonly direct: DirectFrame[] = [];
  /** How often it was connected. */
  visits = 0;
  readonly #parts: TabParts;
  readonly #outbox = new Map<string, object>();
  readonly #replies = new Map<string, FaultCode | null>();
  readonly #waiting = new Set<() => void>();
  #liveRun = '';
  #socket: WebSocket | null = null;
  #isLive = false;
  #heardAt = 0;
  #closing = false;
  #done: Promise<void> | null = null;

  constructor(parts: TabParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.threadId = parts.threadId;
  }

  /** Resolves once it has caught up. */
  async open(): Promise<this> {
    this.#done = this.#stay();
    await this.until(() => this.#isLive, 'caughtUp');
    return this;
  }

  /** Sends a prompt, as often as it takes; returns its run id. */
  prompt(text: string, runId: string = randomUUID()): string {
    const messages = [{ id: `u-${runId}`, role: 'user', content: text }];
    this.#wish(runId, { ...this.#input(runId), messages });
    return runId;
  }

  /** Answers an approval; returns the run id of what goes on. */
  answer(parentRunId: string, interruptId: string, approved: boolean): string {
    const runId = randomUUID();
    const resume = [{ interruptId, status: 'resolved', payload: { approved, scope: 'once' } }];
    this.#wish(runId, { ...this.#input(runId), parentRunId, messages: [], resume });
    return runId;
  }

  /** `abort` or `unpark`; returns its ref. */
  wish(type: 'abort' | 'unpark', runId: string): string {
    const ref = randomUUID();
    this.#wish(ref, { type, runId, ref });
    return ref;
  }

  /** Null: it was done. */
  async replyTo(ref: string): Promise<FaultCode | null> {
    await this.until(() => this.#replies.has(ref), `a reply to ${ref}`);
    return this.#replies.get(ref) ?? null;
  }

  async runStarted(runId: string): Promise<void> {
    await this.until(() => this.runs.has(runId), `the start of ${runId}`);
  }

  async runEnded(runId: string, patienceMs = PATIENCE_MS): Promise<Ended> {
    const end = () => this.runs.get(runId)?.ended ?? null;
    await this.until(() => end() !== null, `the end of ${runId}`, patienceMs);
    return end() as Ended;
  }

  /** Resolves as soon as something that came makes it true. */
  async until(isSo: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
    if (isSo()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => isSo() && resolve();
    const timer = setTimeout(() => {
      const late = `${what} did not come within ${patienceMs} ms`;
      reject(new Error(`${this.name}: ${late}; ${this.#standing()}`));
    }, patienceMs);
    this.#waiting.add(look);
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  /** For who finds that something did not come. */
  #standing(): string {
    const [told, last] = [this.direct.slice(-6), this.seen.at(-1)];
    const standing = { isLive: this.#isLive, visits: this.visits, told, last };
    return JSON.stringify(standing).slice(0, 2_000);
  }

  /** All text of a run, in order. */
  textOf(runId: string): string {
    let [text, run] = ['', ''];
    for (const { chunk } of this.seen) {
      const event = JSON.parse(chunk) as AguiEvent;
      if (event.type === 'RUN_STARTED') run = event.runId;
      if (event.type === 'TEXT_MESSAGE_CONTENT' && run === runId) text += event.delta;
    }
    return text;
  }

  /** Its connection breaks, as in a tunnel. */
  drop(): void {
    this.#socket?.terminate();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#socket?.terminate();
    await this.#done;
  }

  async #stay(): Promise<void> {
    while (!this.#closing) {
      await this.#visit();
      if (!this.#closing) await sleep(RETRY_MS);
    }
  }

  #visit(): Promise<void> {
    const { cookie, origin, address, onTrouble } = this.#parts;
    const headers = { Cookie: cookie, Origin: origin };
    const socket = new WebSocket(address(), 'agui.v1', { headers, handshakeTimeout: SILENCE_MS });
    this.#socket = socket;
    this.#heardAt = moment();
    const life = setInterval(() => this.#probe(socket), SILENCE_MS / 4);
    socket.on('open', () => {
      this.visits += 1;
      const after = this.seen.at(-1)?.id ?? this.#parts.after;
      this.#send({ type: 'hello', threadId: this.threadId, after, ref: 'hello' });
    });
    socket.on('message', (data) => this.#hear(data));
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      if (statusCode < 500 && statusCode !== 429) onTrouble(`refused with ${statusCode}`);
      socket.terminate();
    });
    socket.on('error', () => {});
    return new Promise((resolve) => {
      socket.on('close', (code) => {
        clearInterval(life);
        this.#isLive = false;
        if (!RESUMES.has(code)) onTrouble(`closed with ${code}`);
        resolve();
      });
    });
  }

  #probe(socket: WebSocket): void {
    if (moment() - this.#heardAt > SILENCE_MS) socket.terminate();
    else if (this.#isLive) this.#send({ type: 'pong', ref: 'life' });
  }

  #hear(data: RawData): void {
    this.#heardAt = moment();
    const frame = JSON.parse(String(data)) as Frame;
    if ('chunk' in frame) this.#keep(frame.id, frame.chunk);
    else if (!/^[A-Z_]+$/.test(frame.type)) this.#told(frame as DirectFrame);
    for (const look of [...this.#waiting]) look();
  }

  #keep(id: string, chunk: AguiEvent): void {
    this.seen.push({ id, chunk: JSON.stringify(chunk), at: moment() });
    if (chunk.type === 'RUN_STARTED') {
      this.#liveRun = chunk.runId;
      this.runs.set(chunk.runId, { ended: null });
    } else if (chunk.type === 'RUN_FINISHED') this.runs.set(chunk.runId, { ended: chunk });
    else if (chunk.type === 'RUN_ERROR') this.runs.set(this.#liveRun, { ended: chunk });
  }

  #told(frame: DirectFrame): void {
    this.direct.push(frame);
    const last = this.seen.at(-1)?.id ?? this.#parts.after;
    if (frame.type === 'reset' && last !== null) this.#parts.onTrouble(`reset after ${last}`);
    if (frame.type === 'welcome' || frame.type === 'limits')
      this.limits = frame.type === 'welcome' ? frame.limits : frame;
    if (frame.type === 'caughtUp') {
      this.#isLive = true;
      for (const wish of this.#outbox.values()) this.#send(wish);
    }
    if (frame.type === 'reply') this.#settle(frame.ref, frame.fault);
  }

  #settle(ref: string, fault: FaultCode | null): void {
    const wish = this.#outbox.get(ref);
    if (wish === undefined) {
      if (ref === 'hello' && fault !== null) this.#socket?.terminate();
      return;
    }
    if (fault === 'server.restarting') return; // for the next server
    if (fault === 'store.unavailable') {
      setTimeout(() => this.#isLive && this.#send(wish), AGAIN_MS);
      return;
    }
    if (fault !== null && FAULTS[fault].retry === 'resume') return;
    this.#outbox.delete(ref);
    this.#replies.set(ref, fault);
  }

  #wish(ref: string, frame: object): void {
    this.#outbox.set(ref, frame);
    if (this.#isLive) this.#send(frame);
  }

  #input(runId: string) {
    const { threadId } = this;
    return { threadId, runId, tools: [], context: [], state: {}, forwardedProps: {} };
  }

  #send(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
