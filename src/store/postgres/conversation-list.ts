/** Conversations as people look for them: listed, searched, renamed, deleted. */
import type { Message } from '../../transport/protocol.ts';
import type { MatchView } from '../../transport/views.ts';
import {
  type ConversationRecord,
  PINNED_MAX,
  type PinOutcome,
  type RecordPage,
} from '../history.ts';
import { isPlace, pageOf, placeOf, recordOf } from '../pages.ts';
import { type ConversationKey, userOf } from '../store.ts';
import { titleValues, VISIBLE } from './conversations.ts';
import { type Database, fromJson, type Sql, type SqlRow } from './database.ts';
import { indexQuery, searchedText } from './search-index.ts';
import { type Phrase, phrasesOf, snippetOf } from './snippet.ts';

const RECORD =
  'c.id, key, title_json, created_at, updated_at, ended_at, forked_thread, forked_run, pinned';
const MATCHES_MAX = 3;

export class ConversationList {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async conversation(key: ConversationKey): Promise<ConversationRecord | null> {
    const row = await this.#db.get(
      `SELECT ${RECORD} FROM conversations c WHERE key = $1 AND ${VISIBLE}`,
      key,
    );
    return row ? listed(row) : null;
  }

  async list(user: string, before: string | null, limit: number): Promise<RecordPage> {
    const rows = await this.#db.all(
      `SELECT ${RECORD} FROM conversations c WHERE user_name = $1 AND ${VISIBLE} AND NOT pinned
         AND (updated_at, id) < ($2, $3) ORDER BY updated_at DESC, id DESC LIMIT $4`,
      ...[user, ...placeOf(before), limit + 1],
    );
    const page = pageOf(rows, limit, listed);
    if (isPlace(before)) return page;
    // What is restored comes back pinned, and so one more than PINNED_MAX may be.
    const pinned = await this.#db.all(
      `SELECT ${RECORD} FROM conversations c WHERE user_name = $1 AND ${VISIBLE} AND pinned
       ORDER BY updated_at DESC, id DESC`,
      user,
    );
    return { ...page, found: [...pinned.map(listed), ...page.found] };
  }

  async search(
    user: string,
    query: string,
    before: string | null,
    limit: number,
  ): Promise<RecordPage> {
    const words = query.trim().split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.list(user, before, limit);
    const phrases = phrasesOf(query);
    // The messages first, by their index: of a user's conversations there may be many more than are found.
    const rows = await this.#db.all(
      `WITH said AS MATERIALIZED (
         SELECT conversation, (array_agg(seq ORDER BY seq DESC))[1:${MATCHES_MAX}] AS seqs
         FROM messages WHERE words @@ $2::tsquery GROUP BY conversation)
       SELECT ${RECORD}, coalesce(s.seqs, '{}') AS seqs FROM conversations c LEFT JOIN said s ON s.conversation = c.id
       WHERE user_name = $1 AND ${VISIBLE} AND (updated_at, id) < ($3, $4)
         AND (s.conversation IS NOT NULL OR
           (SELECT bool_and(strpos(title_plain, word) > 0) FROM unnest($5::text[]) word))
       ORDER BY updated_at DESC, id DESC LIMIT $6`,
      ...[user, indexQuery(user, phrases), ...placeOf(before)],
      ...[words.map((word) => titleValues(word)[1]), limit + 1],
    );
    const matches = await this.#matches(rows.slice(0, limit), phrases);
    return pageOf(rows, limit, (row) => ({
      ...listed(row),
      matches: matches.get(Number(row.id)) ?? [],
    }));
  }

  async rename(key: ConversationKey, title: string, by: 'user' | 'claude'): Promise<boolean> {
    const renamed = await this.#db.run(
      `UPDATE conversations SET title_json = $1, title_plain = $2, title_by = $3
       WHERE key = $4 AND ${VISIBLE} AND ($3 = 'user' OR title_by <> 'user')`,
      ...[...titleValues(title), by, key],
    );
    return renamed > 0;
  }

  /** Serializable: two at once could each be the last that fits. */
  pin(key: ConversationKey, pinned: boolean): Promise<PinOutcome> {
    return this.#db.transaction(async (sql) => {
      const known = await sql.get(
        `SELECT pinned FROM conversations WHERE key = $1 AND ${VISIBLE}`,
        key,
      );
      if (!known) return 'unknown';
      if (pinned && known.pinned !== true && (await countPinned(sql, userOf(key))) >= PINNED_MAX)
        return 'tooMany';
      await sql.run('UPDATE conversations SET pinned = $1 WHERE key = $2', pinned, key);
      return 'done';
    }, 'SERIALIZABLE');
  }

  async remove(key: ConversationKey, now: number): Promise<boolean> {
    const removed = await this.#db.run(
      `UPDATE conversations SET deleted_at = $1 WHERE key = $2 AND ${VISIBLE}`,
      ...[now, key],
    );
    return removed > 0;
  }

  async restore(key: ConversationKey): Promise<boolean> {
    const restored = await this.#db.run(
      'UPDATE conversations SET deleted_at = NULL WHERE key = $1 AND deleted_at IS NOT NULL',
      key,
    );
    return restored > 0;
  }

  async #matches(
    rows: readonly SqlRow[],
    phrases: readonly Phrase[],
  ): Promise<Map<number, MatchView[]>> {
    const places = rows.flatMap(({ id, seqs }) => (seqs as number[]).map((seq) => [id, seq]));
    const found = new Map<number, MatchView[]>();
    if (places.length === 0) return found;
    for (const { conversation, message } of await this.#db.all(
      `SELECT conversation, message FROM messages
       WHERE (conversation, seq) IN (SELECT * FROM unnest($1::bigint[], $2::int[]))
       ORDER BY conversation, seq DESC`,
      ...[places.map(([id]) => id), places.map(([, seq]) => seq)],
    )) {
      const id = Number(conversation);
      const match = matchOf(JSON.parse(String(message)) as Message, phrases);
      found.set(id, [...(found.get(id) ?? []), match]);
      await new Promise(setImmediate); // a message may be long, and others are served between two
    }
    return found;
  }
}

async function countPinned(sql: Sql, user: string): Promise<number> {
  const row = await sql.get(
    `SELECT count(*) AS count FROM conversations WHERE user_name = $1 AND ${VISIBLE} AND pinned`,
    user,
  );
  return Number(row?.count);
}

function matchOf(message: Message, phrases: readonly Phrase[]): MatchView {
  return {
    messageId: message.id,
    role: message.role === 'user' ? 'user' : 'assistant',
    createdAt: Number(message.metadata?.createdAt ?? 0),
    snippet: snippetOf(searchedText(message) ?? '', phrases),
  };
}

function listed(row: SqlRow): ConversationRecord {
  return recordOf(row, fromJson(row.title_json));
}
