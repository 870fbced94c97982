/** How a change of a list gets to its user, beside a store that answers at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConversationRecord } from '../../src/store/history.ts';
import type { ConversationKey } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { Feed } from '../../src/transport/feed.ts';
import { Listeners } from '../../src/transport/listeners.ts';

const KEY: ConversationKey = 'ada/t1';

test('[HI7] a change that comes just as another was told is told too, however close behind', async () => {
  for (let behind = 0; behind < 12; behind++) {
    const listeners = new Listeners();
    let title = 'first';
    const told: string[] = [];
    const feed = new Feed({
      listeners,
      store: {
        conversation: async () => ({ key: KEY, title }) as ConversationRecord,
        onChanged: () => () => {},
      },
      conversations: { find: () => undefined, look: async () => {} },
      log: createLog('silent'),
    });
    listeners.join('ada', (frame) => {
      if (frame.type !== 'conversation') return;
      told.push(frame.conversation?.title ?? '');
      if (told.length > 1) return;
      void steps(behind).then(() => {
        title = 'second';
        feed.changed(KEY);
      });
    });
    feed.changed(KEY);
    await steps(60);
    assert.equal(told.at(-1), 'second', `${behind} steps behind`);
  }
});

/** So many turns of the queue of promises. */
async function steps(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await null;
}
