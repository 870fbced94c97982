/** A conversation whose tabs come and go; after each turn it knows whether an event was lost, repeated or told otherwise. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptFrame } from '../../src/transport/protocol.ts';
import { TestClient } from './client.ts';
import type { ServedProcess } from './served-process.ts';

const TOKENS = 20;
const GAP_MS = 60;
/** Longest that a tab is away while its turn goes on. */
const AWAY_MS = 1_500;
/** A machine that has other work, too, starts a process late. */
const PATIENCE_MS = 90_000;

export const HAPPENINGS = ['none', 'abort', 'leave', 'visitor', 'forget', 'forgetRunning'] as const;
export type Happening = (typeof HAPPENINGS)[number];

export class RestlessConversation {
  readonly #server: ServedProcess;
  readonly #cookie: string;
  readonly #random: () => number;
  #tab: TestClient | null = null;
  #threadId: string | null = null;
  /** Of the last frame that a tab of this conversation saw. */
  #cursor: string | null = null;
  #turns = 0;
  /** Tokens that came. */
  tokens = 0;

  /** @param cookie Of its user. */
  constructor(server: ServedProcess, cookie: string, random: () => number) {
    this.#server = server;
    this.#cookie = cookie;
    this.#random = random;
  }

  /** One turn and what happens in it. @throws Where what was told is not what Claude said. */
  async turn(happening: Happening): Promise<void> {
    const tab = this.#tab ?? (await this.#open());
    const threadId = this.#threadId ?? '';
    this.#turns += 1;
    const word = `w${this.#turns}`;
    const from = tab.frames.length;
    const runId = tab.prompt(threadId, `say ${TOKENS} every ${GAP_MS} as ${word}`);
    if (happening === 'forget' || happening === 'none') await tab.runEnded(runId);
    else await tab.event('TEXT_MESSAGE_CONTENT', from);

    if (happening === 'forgetRunning') return this.#forget();
    let frames: readonly KeptFrame[] = [];
    if (happening === 'abort') tab.send({ type: 'abort', runId });
    if (happening === 'leave') {
      frames = this.#leave();
      await sleep(this.#random() * AWAY_MS);
      await this.#open();
      assert.ok(this.#tab?.frames.every((frame) => !('type' in frame && frame.type === 'reset')));
    }
    const visitor = happening === 'visitor' ? await this.#visit() : null;
    const here = this.#tab as TestClient;
    await here.find((frame) => 'chunk' in frame && isEndOf(frame, runId));
    frames = [...frames, ...here.kept];
    this.#check(frames, runId, word, happening === 'abort');
    if (visitor) {
      await visitor.find((frame) => 'chunk' in frame && isEndOf(frame, runId));
      assert.deepEqual(ofRun(visitor.kept, runId), ofRun(frames, runId), 'all tabs see the same');
      await visitor.close();
    }
    this.#cursor = frames.at(-1)?.id ?? null;
    here.frames.length = 0;
    if (happening === 'forget') await this.#forget();
  }

  async close(): Promise<void> {
    await this.#tab?.close();
    this.#tab = null;
  }

  async #open(): Promise<TestClient> {
    this.#tab = await this.#connect();
    this.#threadId = await this.#tab.hello(this.#threadId, this.#cursor);
    return this.#tab;
  }

  async #visit(): Promise<TestClient> {
    const visitor = await this.#connect();
    await visitor.hello(this.#threadId);
    return visitor;
  }

  async #connect(): Promise<TestClient> {
    const { webSocketUrl, origin } = this.#server;
    const client = await TestClient.open(webSocketUrl, origin, this.#cookie);
    client.patienceMs = PATIENCE_MS;
    return client;
  }

  /** Without a goodbye. Returns what came up to then. */
  #leave(): KeptFrame[] {
    const frames = this.#tab?.kept ?? [];
    this.#tab?.socket.terminate();
    this.#cursor = frames.at(-1)?.id ?? this.#cursor;
    return frames;
  }

  /** The next turn begins another. */
  async #forget(): Promise<void> {
    const url = `${this.#server.origin}/chat/api/conversations/${this.#threadId}`;
    // A connection of its own, which ends with it: none is to be among what is counted.
    const headers = { Cookie: this.#cookie, Origin: this.#server.origin, Connection: 'close' };
    const answer = await fetch(url, { method: 'DELETE', headers });
    assert.equal(answer.status, 200);
    await answer.text();
    await this.close();
    [this.#threadId, this.#cursor] = [null, null];
  }

  #check(frames: readonly KeptFrame[], runId: string, word: string, wasStopped: boolean): void {
    const ids = frames.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'no event is told twice');
    const own = ofRun(frames, runId).map(({ chunk }) => chunk);
    assert.equal(own.filter(({ type }) => type === 'RUN_STARTED').length, 1);
    assert.equal(own.at(-1)?.type, 'RUN_FINISHED');
    const text = own
      .map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : ''))
      .join('');
    const whole = Array.from({ length: TOKENS }, (_, at) => `${word}.${at}~`).join('');
    if (wasStopped) assert.ok(whole.startsWith(text), `${text} is the beginning`);
    else assert.equal(text, whole, 'no token is lost');
    this.tokens += text.split('~').length - 1;
  }
}

function isEndOf({ chunk }: KeptFrame, runId: string): boolean {
  return chunk.type === 'RUN_ERROR' || (chunk.type === 'RUN_FINISHED' && chunk.runId === runId);
}

/** From its start to its end. */
function ofRun(frames: readonly KeptFrame[], runId: string): KeptFrame[] {
  const start = frames.findIndex(
    ({ chunk }) => chunk.type === 'RUN_STARTED' && chunk.runId === runId,
  );
  const rest = frames.slice(start);
  return rest.slice(0, rest.findIndex((frame) => isEndOf(frame, runId)) + 1);
}
