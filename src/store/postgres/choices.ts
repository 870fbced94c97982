/** What conversations are set to, which may be before a word was said in them. */
import type { Choice } from '../../transport/protocol.ts';
import type { ConversationKey } from '../store.ts';
import { open } from './conversations.ts';
import type { Database, Sql } from './database.ts';

export class Choices {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  choice(key: ConversationKey): Promise<Choice> {
    return choiceOf(this.#db, key);
  }

  /** False: the conversation has begun, and on another repository. */
  choose(key: ConversationKey, choice: Choice): Promise<boolean> {
    return this.#db.transaction(async (sql) => {
      const { id, prompted } = await open(sql, key, this.#now());
      if (prompted && (await choiceOf(sql, key)).repository !== choice.repository) return false;
      await sql.run(
        'UPDATE conversations SET model = $1, effort = $2, repository = $3 WHERE id = $4',
        ...[choice.model, choice.effort, choice.repository, id],
      );
      return true;
    });
  }
}

async function choiceOf(sql: Sql, key: ConversationKey): Promise<Choice> {
  const row = await sql.get<Choice>(
    'SELECT model, effort, repository FROM conversations WHERE key = $1',
    key,
  );
  return row ?? { model: null, effort: null, repository: null };
}
