/** What one user's turn asks of the store, from the look at the page to the end of the answer. */
import { randomUUID } from 'node:crypto';
import type { PostgresStore } from '../../src/store/postgres/store.ts';
import { type ConversationKey, type Lease, type NewRow, userOf } from '../../src/store/store.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { sleep } from './process.ts';

const ALLOWANCE = { hour: 1_000, day: 10_000, tokens: 100_000_000, runs: 50 };
const BOUNDS = { messagesMax: 50, bytesMax: 256 * 1_024, atLeastOne: true };

export interface TurnParts {
  readonly store: PostgresStore;
  readonly key: ConversationKey;
  readonly framesPerSecond: number;
  readonly tokensPerFrame: number;
  readonly turnMs: number;
  readonly isOver: () => boolean;
  /** A frame is durable so long after it was said, ms. */
  readonly onFrames: (delays: readonly number[]) => void;
  readonly onPrompt: (ms: number) => void;
}

/** Who opens the page: the sign-in is looked at, limits, the list, and the last messages of one conversation. */
export async function lookAtPage(store: PostgresStore, key: ConversationKey): Promise<void> {
  const user = userOf(key);
  await store.getSignIn(`h${user.slice(1)}`, Date.now());
  await Promise.all([
    store.uses(user, Date.now()),
    store.list(user, null, 30),
    store.snapshot(key, BOUNDS),
  ]);
}

export async function turn(parts: TurnParts): Promise<void> {
  const { store, key, onPrompt } = parts;
  const [runId, begun] = [randomUUID(), performance.now()];
  await lookAtPage(store, key);
  const asked = performance.now();
  const demand = { key, runId, allowance: ALLOWANCE, reserve: 1_000 };
  await store.take(demand, Date.now());
  await store.accept(key, { runId, digest: runId, text: 'What is it about?' });
  const lease = await store.acquire(key);
  const ids = { threadId: key.slice(key.indexOf('/') + 1), runId };
  await store.append(lease, [row(runId, { type: 'RUN_STARTED', ...ids }, 'runStarted')]);
  onPrompt(performance.now() - asked);
  await say(store, lease, 'running');
  const message = { messageId: `msg_${runId}` };
  await store.append(lease, [
    row(runId, { type: 'TEXT_MESSAGE_START', role: 'assistant', ...message }),
  ]);
  await stream(parts, lease, runId, begun);
  const end = [
    row(runId, { type: 'TEXT_MESSAGE_END', ...message }),
    row(runId, { type: 'RUN_FINISHED', ...ids }, 'runEnded'),
  ];
  await store.append(lease, end);
  await say(store, lease, null);
  await store.conversation(key); // the list is told
  await store.setContext(key, { usedTokens: 1_000, maxTokens: 200_000 });
  await store.release(lease);
}

/** Frames as they come, one append under way at a time, and each second what was used so far. */
async function stream(
  { store, key, framesPerSecond, tokensPerFrame, turnMs, isOver, onFrames }: TurnParts,
  lease: Lease,
  runId: string,
  begun: number,
): Promise<void> {
  const [user, everyMs] = [userOf(key), 1_000 / framesPerSecond];
  let waiting: { at: number; row: NewRow }[] = [];
  let writing: Promise<void> | null = null;
  const write = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await store.append(
        lease,
        batch.map((one) => one.row),
      );
      const now = performance.now();
      onFrames(batch.map(({ at }) => now - at));
    }
  };
  let [next, spentAt, tokens] = [performance.now() + Math.random() * everyMs, 0, 0];
  while (performance.now() - begun < turnMs && !isOver()) {
    await sleep(Math.max(0, next - performance.now()));
    const now = performance.now();
    next = Math.max(next + everyMs, now);
    tokens += tokensPerFrame;
    const delta = 'word '.repeat(tokensPerFrame);
    waiting.push({
      at: now,
      row: row(runId, { type: 'TEXT_MESSAGE_CONTENT', messageId: `msg_${runId}`, delta }),
    });
    writing ??= write().finally(() => {
      writing = null;
    });
    if (now - spentAt < 1_000) continue;
    spentAt = now;
    void store.spend(user, runId, { ...NO_TOKENS, outputTokens: tokens }, ALLOWANCE.tokens);
  }
  await writing;
}

function row(runId: string, event: object, marks?: NewRow['marks']): NewRow {
  return { runId, chunk: JSON.stringify(event), ...(marks && { marks }) };
}

async function say(store: PostgresStore, lease: Lease, activity: 'running' | null): Promise<void> {
  await store.cluster.setLive(lease, { activity, heardAt: Date.now(), pending: [] });
  store.cluster.tell(lease.key, { type: 'activityChanged' });
}
