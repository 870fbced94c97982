/** A store that is slower than Claude: what waits in between is bounded, and nothing of it is lost. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ClaudeChild } from '../../src/claude/child.ts';
import { WAITING_UNITS_MAX } from '../../src/store/journal.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import type { Lease, NewRow } from '../../src/store/store.ts';
import { flooding, floodText } from '../claude/programs.ts';
import { directLink } from '../support/memory-store.ts';
import { children, stageSupervisor } from './staged-supervisor.ts';

/** Two million tokens through one process, on two busy cores. */
const BOUND = { timeout: 29_000 };
const WORDS = 2_000_000;
/** What the pump may hand over at once, when the process was read for a while before it did. */
const BATCH_UNITS = 1024 * 1024;

/** Its appends wait while the process is not paused, so many times; then it is as quick as memory. */
class SlowStore extends SqliteStore {
  /** Of each append. */
  readonly units: number[] = [];
  /** Resolves when the process is paused; made anew when it is resumed. */
  paused = Promise.withResolvers<void>();
  #holds: number;

  constructor(t: TestContext, holds: number) {
    super(directLink(':memory:'));
    this.#holds = holds;
    const { pause, resume } = ClaudeChild.prototype;
    const notePause = () => this.paused.resolve();
    const noteResume = () => {
      this.paused = Promise.withResolvers();
    };
    t.mock.method(ClaudeChild.prototype, 'pause', function (this: ClaudeChild) {
      pause.call(this);
      notePause();
    });
    t.mock.method(ClaudeChild.prototype, 'resume', function (this: ClaudeChild) {
      noteResume();
      resume.call(this);
    });
  }

  override async append(
    lease: Lease,
    rows: readonly NewRow[],
    durability: 'batch' | 'sync',
  ): Promise<void> {
    this.units.push(rows.reduce((units, { chunk }) => units + chunk.length, 0));
    if (rows[0]?.marks === undefined && this.#holds > 0) {
      this.#holds -= 1;
      await this.paused.promise;
    }
    return super.append(lease, rows, durability);
  }
}

test(
  '[R12] [P6] a flood into a slow store waits in claude’s pipe, bounded here, and nothing is lost',
  BOUND,
  async (t) => {
    const store = new SlowStore(t, 10);
    const staged = stageSupervisor({ store, command: flooding(WORDS) });
    await staged.prompt('t', 'a', 'go');
    assert.equal(await ended(store, staged.key('t')), 'RUN_FINISHED');
    const most = Math.max(...store.units);
    assert.ok(most > WAITING_UNITS_MAX / 2, `the journal was never behind: ${most} units at most`);
    assert.ok(most <= WAITING_UNITS_MAX + BATCH_UNITS, `${most} units waited at once`);
    const text = (await staged.events('t')).map((event) =>
      event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : '',
    );
    assert.ok(text.join('') === floodText(WORDS));
  },
);

test(
  '[R12] [R61] a server that stops while claude is paused leaves no process',
  BOUND,
  async (t) => {
    const store = new SlowStore(t, 1);
    const staged = stageSupervisor({ store, command: flooding(Number.POSITIVE_INFINITY) });
    await staged.prompt('t', 'a', 'go');
    await store.paused.promise;
    await staged.supervisor.stop(0);
    assert.deepEqual(await children(), []);
  },
);

/** How the run ended; without reading the journal at each row. */
function ended(store: SqliteStore, key: `${string}/${string}`): Promise<string | undefined> {
  return new Promise((resolve) => {
    const untail = store.tail(key, (rows) => {
      const [, type] = /^\{"type":"(RUN_FINISHED|RUN_ERROR)"/.exec(rows?.at(-1)?.chunk ?? '') ?? [];
      if (type === undefined) return;
      untail();
      resolve(type);
    });
  });
}
