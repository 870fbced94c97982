/** Conversations as people look for them: listed, searched, renamed, deleted. */
import type { Message } from '../../transport/protocol.ts';
import type { MatchView, SnippetPart } from '../../transport/views.ts';
import {
  type ConversationRecord,
  PINNED_MAX,
  type PinOutcome,
  type RecordPage,
} from '../history.ts';
import { isPlace, pageOf, placeOf, recordOf } from '../pages.ts';
import { type ConversationKey, userOf } from '../store.ts';
import { plain } from '../words.ts';
import type { Sql, SqlRow } from './sql.ts';

const VISIBLE = 'prompted = 1 AND deleted_at IS NULL';
const RECORD =
  'c.id, key, title, created_at, updated_at, ended_at, forked_thread, forked_run, pinned';
/** A word that is everywhere is answered from the newest messages that hold it. */
const HITS_MAX = 2_000;
const MATCHES_MAX = 3;
const SNIPPET_WORDS = 24;
/** Of the private use area: no text of people's has them, and a snippet is cut where they stand. */
const [HIT, HIT_END] = ['\ue000', '\ue001'];

export class ConversationList {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.define('plain', (text) => plain(String(text)));
  }

  conversation(key: ConversationKey): ConversationRecord | null {
    const row = this.#sql.get(
      `SELECT ${RECORD} FROM conversations c WHERE key = ? AND ${VISIBLE}`,
      key,
    );
    return row ? listed(row) : null;
  }

  list(user: string, before: string | null, limit: number): RecordPage {
    const rows = this.#sql.all(
      `SELECT ${RECORD} FROM conversations c WHERE user = ? AND ${VISIBLE} AND pinned = 0 AND (updated_at, id) < (?, ?)
       ORDER BY updated_at DESC, id DESC LIMIT ?`,
      ...[user, ...placeOf(before), limit + 1],
    );
    const page = pageOf(rows, limit, listed);
    return isPlace(before) ? page : { ...page, found: [...this.#pinned(user), ...page.found] };
  }

  search(user: string, query: string, before: string | null, limit: number): RecordPage {
    const words = query.trim().split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.list(user, before, limit);
    const match = words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' ');
    const found = new Map<number, { row: SqlRow; messageIds: number[] }>();
    for (const row of this.#titled(user, words)) found.set(Number(row.id), { row, messageIds: [] });
    for (const row of this.#saying(user, match)) {
      const entry = found.get(Number(row.id)) ?? { row, messageIds: [] };
      if (entry.messageIds.length < MATCHES_MAX) entry.messageIds.push(Number(row.message_id));
      found.set(Number(row.id), entry);
    }
    const [updatedAt, id] = placeOf(before);
    const rows = [...found.values()]
      .map(({ row }) => row)
      .filter((row) => isBefore(row, updatedAt, id))
      .sort((a, b) => (isBefore(a, Number(b.updated_at), Number(b.id)) ? 1 : -1))
      .slice(0, limit + 1);
    return pageOf(rows, limit, (row) => ({
      ...listed(row),
      matches: (found.get(Number(row.id))?.messageIds ?? []).map((hit) => this.#match(match, hit)),
    }));
  }

  rename(key: ConversationKey, title: string, by: 'user' | 'claude'): boolean {
    const { changes } = this.#sql.run(
      `UPDATE conversations SET title = ?, title_by = ? WHERE key = ? AND ${VISIBLE}
       AND (? = 'user' OR title_by <> 'user')`,
      ...[title, by, key, by],
    );
    return changes > 0;
  }

  pin(key: ConversationKey, pinned: boolean): PinOutcome {
    const known = this.conversation(key);
    if (known === null) return 'unknown';
    if (pinned && !known.pinned && this.#pinned(userOf(key)).length >= PINNED_MAX) return 'tooMany';
    this.#sql.run('UPDATE conversations SET pinned = ? WHERE key = ?', Number(pinned), key);
    return 'done';
  }

  remove(key: ConversationKey, now: number): boolean {
    return this.#sql.durably(
      () =>
        this.#sql.run(
          `UPDATE conversations SET deleted_at = ? WHERE key = ? AND ${VISIBLE}`,
          now,
          key,
        ).changes > 0,
    );
  }

  restore(key: ConversationKey): boolean {
    const { changes } = this.#sql.run(
      'UPDATE conversations SET deleted_at = NULL WHERE key = ? AND deleted_at IS NOT NULL',
      key,
    );
    return changes > 0;
  }

  #pinned(user: string): ConversationRecord[] {
    // What is restored comes back pinned, and so one more than PINNED_MAX may be.
    const rows = this.#sql.all(
      `SELECT ${RECORD} FROM conversations c WHERE user = ? AND ${VISIBLE} AND pinned = 1
       ORDER BY updated_at DESC, id DESC`,
      user,
    );
    return rows.map(listed);
  }

  #titled(user: string, words: readonly string[]): SqlRow[] {
    const all = words.map(() => 'AND instr(plain(title), ?) > 0').join(' ');
    return this.#sql.all(
      `SELECT ${RECORD} FROM conversations c WHERE user = ? AND ${VISIBLE} ${all}`,
      ...[user, ...words.map(plain)],
    );
  }

  #saying(user: string, match: string): SqlRow[] {
    return this.#sql.all(
      `SELECT ${RECORD}, m.id AS message_id
       FROM message_search s JOIN messages m ON m.id = s.rowid JOIN conversations c ON c.id = m.conversation
       WHERE s.words MATCH ? AND c.user = ? AND c.prompted = 1 AND c.deleted_at IS NULL
       ORDER BY s.rowid DESC LIMIT ${HITS_MAX}`,
      ...[match, user],
    );
  }

  #match(match: string, messageId: number): MatchView {
    // A number is bound as a REAL, which a search takes for no row at all to look at, and shows the first that fits.
    const row = this.#sql.get(
      `SELECT m.message, snippet(message_search, 0, ?, ?, '…', ${SNIPPET_WORDS}) AS snippet
       FROM message_search s JOIN messages m ON m.id = s.rowid WHERE s.words MATCH ? AND s.rowid = CAST(? AS INTEGER)`,
      ...[HIT, HIT_END, match, messageId],
    );
    const message = JSON.parse(String(row?.message)) as Message;
    return {
      messageId: message.id,
      role: message.role === 'user' ? 'user' : 'assistant',
      createdAt: Number(message.metadata?.createdAt ?? 0),
      snippet: partsOf(String(row?.snippet)),
    };
  }
}

function partsOf(snippet: string): SnippetPart[] {
  const parts = snippet.split(new RegExp(`[${HIT}${HIT_END}]`)).map((text, i) => ({
    text,
    hit: i % 2 === 1,
  }));
  return parts.filter(({ text }) => text !== '');
}

function listed(row: SqlRow): ConversationRecord {
  return recordOf(row, String(row.title));
}

function isBefore(row: SqlRow, updatedAt: number, id: number): boolean {
  const [own, ownId] = [Number(row.updated_at), Number(row.id)];
  return own < updatedAt || (own === updatedAt && ownId < id);
}
