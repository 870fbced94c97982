/** Greenroom with a store that numbers rows and forgets them: what is left of the cost is not the journal's. */
import { inheritable } from '../../src/claude/launch.ts';
import { serve } from '../../src/cli/serve.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import type { DatabaseLink } from '../../src/store/sqlite/thread.ts';
import type { ConversationKey } from '../../src/store/store.ts';

const operations = openDatabase(':memory:', Date.now);
const lastSeq = new Map<ConversationKey, number>();

const link: DatabaseLink = {
  async call<T>(op: keyof typeof operations, ...args: unknown[]): Promise<T> {
    return (operations[op] as unknown as (...given: unknown[]) => T)(...args);
  },
  async append({ key, rows }) {
    const last = lastSeq.get(key) ?? 0;
    lastSeq.set(key, last + rows.length);
    return last + 1;
  },
  async close() {},
};

const { url, stop } = await serve({
  config: readConfig(process.env),
  inherited: inheritable(process.env),
  version: 'without journal',
  uiDir: '',
  store: new SqliteStore(link),
});
process.stdout.write(`listening on ${url}\n`);
process.on('SIGTERM', () => stop().then(() => process.exit(0)));
