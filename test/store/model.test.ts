/** The store beside a plain model of it, over random lives: runs, questions, crashes, compaction, deletion. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PageBounds } from '../../src/store/history.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import {
  type Lease,
  type NewRow,
  type Position,
  type Store,
  threadOf,
} from '../../src/store/store.ts';
import { directLink } from '../support/memory-store.ts';

const KEY = 'amy/t';
const FAR = 8_640_000_000_000;

type Op =
  | { kind: 'begin' | 'ask' | 'answer' | 'sweep' | 'forget' | 'reopen' | 'takeOver' | 'withdraw' }
  | { kind: 'say'; words: string }
  | { kind: 'end'; how: 'success' | 'cancelled' | 'failed' };

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('say' as const), words: fc.string() }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'begin' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      how: fc.constantFrom('success' as const, 'cancelled' as const, 'failed' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('ask', 'answer', 'withdraw', 'reopen', 'takeOver'),
    }) as fc.Arbitrary<Op>,
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('sweep', 'forget') }) as fc.Arbitrary<Op>,
  },
);

/** What the store is told, and what it must know of it. */
class Life {
  readonly #file: string;
  store: Store;
  #lease: Lease | null = null;
  #runs = 0;
  #blocks = 0;
  run: string | null = null;
  asking: string | null = null;
  /** All that stands in the journal since it was begun, by seq: also what was compacted since. */
  rows: { seq: number; chunk: string }[] = [];
  firstSeq = 1;
  /** The end of the last turn that is over. */
  overAt = 0;
  compactedTo = 0;
  messages: { id: string; content: string }[] = [];
  /** Places a client saw, of this life and of those before a deletion. */
  seen: { place: Position; life: number }[] = [];
  life = 0;

  constructor(file: string) {
    this.#file = file;
    this.store = this.#open();
  }

  #open(): Store {
    return new SqliteStore(directLink(this.#file));
  }

  async do(op: Op): Promise<void> {
    switch (op.kind) {
      case 'begin':
        if (this.run === null && this.asking === null) await this.#start(null);
        break;
      case 'answer':
        if (this.asking !== null) await this.#start(this.asking);
        break;
      case 'say':
        if (this.run !== null) await this.#say(op.words);
        break;
      case 'withdraw':
        await this.#withdraw();
        break;
      case 'ask':
        if (this.run !== null) await this.#end('interrupt');
        break;
      case 'end':
        if (this.run !== null) await this.#end(op.how);
        break;
      case 'sweep':
        await this.#sweep(0);
        this.compactedTo = this.overAt;
        break;
      case 'forget':
        await this.#forget();
        break;
      case 'takeOver':
        this.#lease = await this.store.acquire(KEY);
        await this.#noteInterruption();
        break;
      case 'reopen':
        await this.store.close();
        this.store = this.#open();
        this.#lease = null;
        await this.#noteInterruption();
    }
  }

  async #append(rows: (NewRow & { event?: unknown })[]): Promise<void> {
    this.#lease ??= await this.store.acquire(KEY);
    await this.store.append(this.#lease, rows, 'sync');
    for (const { chunk } of rows) this.#note(chunk);
  }

  #note(chunk: string): void {
    const seq = (this.rows.at(-1)?.seq ?? this.firstSeq - 1) + 1;
    this.rows.push({ seq, chunk });
  }

  #row(runId: string, event: object, marks?: NewRow['marks']): NewRow {
    return { runId, chunk: JSON.stringify(event), ...(marks && { marks }) };
  }

  async #start(parentRunId: string | null): Promise<void> {
    const runId = `r${++this.#runs}`;
    const ids = { threadId: threadOf(KEY), runId, ...(parentRunId && { parentRunId }) };
    const content = `prompt ${runId}`;
    const prompt = parentRunId === null ? [{ id: `u:${runId}`, role: 'user', content }] : [];
    if (parentRunId === null) {
      await this.store.accept(KEY, { runId, digest: runId, text: content });
      this.messages.push({ id: `u:${runId}`, content });
    }
    // Accepting may have found what a crash left open.
    const event = { type: 'RUN_STARTED', ...ids, input: { ...ids, messages: prompt } };
    await this.#append([this.#row(runId, event, 'runStarted')]);
    this.run = runId;
    this.asking = null;
  }

  async #say(words: string): Promise<void> {
    const messageId = `m${++this.#blocks}`;
    const run = this.run ?? '';
    await this.#append([
      this.#row(run, { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }),
      this.#row(run, { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: words }),
    ]);
    this.messages.push({ id: messageId, content: words });
  }

  async #withdraw(): Promise<void> {
    const last = this.messages.at(-1);
    if (this.run === null || !last?.id.startsWith('m') || this.#isOver(last.id)) return;
    const value = { messageIds: [last.id] };
    await this.#append([this.#row(this.run, { type: 'CUSTOM', name: 'withdrawn', value })]);
    this.messages.pop();
  }

  #isOver(messageId: string): boolean {
    const row = this.rows.findLast(({ chunk }) => chunk.includes(`"${messageId}"`));
    return (row?.seq ?? 0) <= this.overAt;
  }

  async #end(how: 'success' | 'cancelled' | 'failed' | 'interrupt'): Promise<void> {
    const runId = this.run ?? '';
    const outcome = how === 'interrupt' ? { type: how, interrupts: [] } : { type: how };
    const event =
      how === 'failed'
        ? { type: 'RUN_ERROR', code: 'claude.api', message: 'no' }
        : { type: 'RUN_FINISHED', threadId: threadOf(KEY), runId, outcome };
    await this.#append([this.#row(runId, event, 'runEnded')]);
    this.run = null;
    this.asking = how === 'interrupt' ? runId : null;
    if (how !== 'interrupt') this.overAt = this.rows.at(-1)?.seq ?? 0;
  }

  /** [R10] What was open, or asked, ends by the store's own rows; the model reads them once and believes them. */
  async #noteInterruption(): Promise<void> {
    if (this.run === null && this.asking === null) return;
    const last = this.rows.at(-1)?.seq ?? 0;
    const { head } = await this.store.head(KEY);
    assert.equal(head?.seq, last + (this.run === null ? 2 : 1), 'it ended at once');
    const place = this.seen.findLast((seen) => seen.life === this.life)?.place ?? null;
    const page = await this.store.read(KEY, place, 10_000);
    assert.ok(page.valid);
    const added = page.rows.filter(({ seq }) => seq > last);
    assert.match(added.at(-1)?.chunk ?? '', /"code":"interrupted"/);
    for (const { chunk } of added) this.#note(chunk);
    this.run = null;
    this.asking = null;
    this.overAt = this.rows.at(-1)?.seq ?? 0;
  }

  async #sweep(deletedBefore: number): Promise<void> {
    const rules = { endedBefore: FAR, deletedBefore, unusedSince: null };
    while ((await this.store.sweep(rules)).more);
  }

  async #forget(): Promise<void> {
    if (!(await this.store.remove(KEY, 1))) return;
    await this.#sweep(FAR);
    this.#lease = null;
    this.firstSeq = (this.rows.at(-1)?.seq ?? this.firstSeq - 1) + 1;
    this.overAt = this.compactedTo = this.firstSeq - 1;
    Object.assign(this, { rows: [], messages: [], run: null, asking: null });
    this.life += 1;
  }

  async check(pageSize: number): Promise<void> {
    const { head } = await this.store.head(KEY);
    const last = this.rows.at(-1)?.seq ?? this.firstSeq - 1;
    assert.equal(head?.seq ?? 0, last, '[R3] without gaps');
    if (head !== null) this.seen.push({ place: head, life: this.life });
    for (const { place, life } of this.seen) {
      const page = await this.store.read(KEY, place, 10_000);
      const isHere = life === this.life && (place.seq >= this.compactedTo || place.seq === last);
      assert.equal(page.valid, isHere, `[R5] [R6] ${place.term}.${place.seq} in life ${this.life}`);
      if (!page.valid) continue;
      assert.deepEqual(
        page.rows.map(({ seq, chunk }) => ({ seq, chunk })),
        this.rows.filter(({ seq }) => seq > place.seq),
      );
    }
    assert.deepEqual(await this.#pages(pageSize), this.messages, '[R4] the same messages');
  }

  async #pages(messagesMax: number): Promise<{ id: string; content: string }[]> {
    const bounds: PageBounds = { messagesMax, bytesMax: 10_000_000, atLeastOne: true };
    const found: { id: string; content: string }[] = [];
    for (let before: number | null | undefined = null; before !== undefined; ) {
      const page = await this.store.messages(KEY, before, bounds);
      found.unshift(...page.messages.map(({ id, content }) => ({ id, content: String(content) })));
      before = page.before === null ? undefined : Number(page.before.split('.')[1]);
    }
    return found;
  }
}

test('[R3] [R4] [R5] [R6] [R10] over any life of a conversation the store keeps what it was told, and no cursor lies', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-model-'));
  let lives = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(op, { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (ops, size) => {
        const life = new Life(join(dir, `${++lives}.db`));
        try {
          for (const step of ops) {
            await life.do(step);
            await life.check(size);
          }
        } finally {
          await life.store.close();
        }
      },
    ),
    { seed: 36, numRuns: 150 },
  );
  rmSync(dir, { recursive: true, force: true });
});
