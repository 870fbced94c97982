/**
 * Turns that are over, as messages: written once, when the turn has ended, and searched and paged from then on. What
 * the journal still holds of the turn that runs is folded when it is asked for.
 */
import type { MessagePage } from '../../transport/views.ts';
import type { ImportedConversation, PageBounds, Snapshot } from '../history.ts';
import { pageOfMessages } from '../message-page.ts';
import { type ConversationKey, type Position, userOf } from '../store.ts';
import { titleOf } from '../titles.ts';
import { type Conversation, find, NEXT_TERM, open, titleValues } from './conversations.ts';
import type { Database, Sql } from './database.ts';
import { foldJournal } from './folding.ts';
import { insertMessages, keptMessages, MAX_SEQ } from './message-rows.ts';

export class Messages {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  messages(key: ConversationKey, before: number | null, bounds: PageBounds): Promise<MessagePage> {
    return this.#reading(key, { messages: [], before: null }, (sql, conversation) =>
      this.#page(sql, conversation, {
        last: before ?? MAX_SEQ,
        foldTo: conversation.head?.seq ?? 0,
        bounds,
      }),
    );
  }

  /** The last turn is left to the journal while that has it, so that how it ended is told one way to all. */
  snapshot(key: ConversationKey, bounds: PageBounds): Promise<Snapshot> {
    const nothing = { head: null, messages: [], before: null };
    return this.#reading(key, nothing, async (sql, conversation) => {
      const { base, head, turnBefore } = conversation;
      const end: Position | null = head?.seq === base?.seq ? head : turnBefore;
      const last = end?.seq ?? 0;
      return {
        head: end,
        ...(await this.#page(sql, conversation, { last, foldTo: last, bounds })),
      };
    });
  }

  /** Keeps messages that never were frames; each takes the place of one row. False: there is something already. */
  importConversation(
    key: ConversationKey,
    { sessionId, messages, createdAt, updatedAt }: ImportedConversation,
  ): Promise<boolean> {
    const prompt = messages.find(({ role }) => role === 'user')?.content;
    const title = titleOf(typeof prompt === 'string' ? prompt : '');
    const folded = messages.map((message, i) => ({ seq: i + 1, runId: '', message }));
    return this.#db.transaction(async (sql) => {
      const { id, prompted, head } = await open(sql, key, this.#now());
      if (prompted || head !== null) return false;
      await insertMessages(sql, userOf(key), id, folded);
      // Whoever has warmed a process for it meanwhile appends nothing.
      const place = await sql.get<{ term: number }>(
        `UPDATE places SET term = ${NEXT_TERM}, owner = NULL, head_term = ${NEXT_TERM}, head_seq = $1
         WHERE conversation = $2 RETURNING term`,
        ...[folded.length, id],
      );
      await sql.run(
        `UPDATE conversations SET session_id = coalesce($1, session_id), prompted = true, title_json = $2,
           title_plain = $3, title_by = 'prompt', created_at = $4, updated_at = $5, base_term = $6, base_seq = $7,
           folded_to = $7, turn_ended = $7 WHERE id = $8`,
        ...[sessionId, ...titleValues(title), createdAt, updatedAt],
        ...[place?.term ?? 0, folded.length, id],
      );
      return true;
    });
  }

  /** A conversation as it is at one moment: what is folded or cut meanwhile is seen as it was before. */
  #reading<T>(
    key: ConversationKey,
    nothing: T,
    read: (sql: Sql, conversation: Conversation) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction(async (sql) => {
      const conversation = await find(sql, key);
      return conversation ? read(sql, conversation) : nothing;
    }, 'REPEATABLE READ, READ ONLY');
  }

  async #page(
    sql: Sql,
    conversation: Conversation,
    { last, foldTo, bounds }: { last: number; foldTo: number; bounds: PageBounds },
  ): Promise<MessagePage> {
    const inJournal =
      last > conversation.foldedTo ? await foldJournal(sql, conversation, foldTo, this.#now) : [];
    const newest = inJournal.filter(({ seq }) => seq <= last).reverse();
    const kept = await keptMessages(sql, conversation.id, last, bounds);
    return pageOfMessages([...newest, ...kept], bounds, conversation.term);
  }
}
