/**
 * Turns that are over, as messages: written once, when the turn ends, and searched and paged from then on. What
 * the journal still holds of the turn that runs is folded when it is asked for.
 */
import type { Message } from '../../transport/protocol.ts';
import type { MessagePage } from '../../transport/views.ts';
import { type FoldedMessage, foldRows } from '../fold.ts';
import type { ImportedConversation, PageBounds, Snapshot } from '../history.ts';
import { pageOfMessages } from '../message-page.ts';
import { type ConversationKey, type Position, userOf } from '../store.ts';
import { titleOf } from '../titles.ts';
import type { Conversation, Conversations } from './conversations.ts';
import type { JournalTables } from './journal-tables.ts';
import type { RunTable } from './run-table.ts';
import type { Sql } from './sql.ts';

export class MessageTable {
  readonly #sql: Sql;
  readonly #conversations: Conversations;
  readonly #journal: JournalTables;
  readonly #runs: RunTable;

  constructor(sql: Sql, conversations: Conversations, journal: JournalTables, runs: RunTable) {
    this.#sql = sql;
    this.#conversations = conversations;
    this.#journal = journal;
    this.#runs = runs;
  }

  /** Writes the turns of one conversation that ended since the last time. False: none did in any of them. */
  foldOne(): boolean {
    const [conversation] = this.#conversations.toFold;
    if (!conversation) return false;
    const endedAt = conversation.turnEnds.at(-1)?.seq ?? 0;
    if (endedAt > conversation.foldedTo) {
      const folded = this.#foldJournal(conversation, endedAt);
      this.#sql.transaction(() => this.#insert(conversation, folded, endedAt));
      conversation.foldedTo = endedAt;
    }
    this.#conversations.toFold.delete(conversation);
    return true;
  }

  messages(key: ConversationKey, before: number | null, bounds: PageBounds): MessagePage {
    const conversation = this.#conversations.get(key);
    if (!conversation) return { messages: [], before: null };
    const last = before ?? Number.MAX_SAFE_INTEGER;
    return this.#page(conversation, last, conversation.head?.seq ?? 0, bounds);
  }

  /** The last turn is left to the journal while that has it, so that how it ended is told one way to all. */
  snapshot(key: ConversationKey, bounds: PageBounds): Snapshot {
    const conversation = this.#conversations.get(key);
    if (!conversation) return { head: null, messages: [], before: null };
    const { base, head, turnBefore } = conversation;
    const end: Position | null = head?.seq === base?.seq ? head : turnBefore;
    const last = end?.seq ?? 0;
    return { head: end, ...this.#page(conversation, last, last, bounds) };
  }

  /** Keeps messages that never were frames; each takes the place of one row. False: there is something already. */
  importConversation(
    key: ConversationKey,
    { sessionId, messages, createdAt, updatedAt }: ImportedConversation,
    newSessionId: string,
  ): boolean {
    const conversation = this.#conversations.open(key, newSessionId);
    if (conversation.prompted || conversation.head !== null) return false;
    const base = { term: conversation.term + 1, seq: messages.length };
    const imported = { term: base.term, sessionId: sessionId ?? conversation.sessionId };
    const prompt = messages.find(({ role }) => role === 'user')?.content;
    this.#sql.durably(() => {
      this.#insert(
        conversation,
        messages.map((message, i) => ({ seq: i + 1, runId: '', message })),
        base.seq,
      );
      this.#sql.run(
        `UPDATE conversations SET session_id = ?, term = ?, prompted = 1, title = ?, title_by = 'prompt',
           created_at = ?, updated_at = ?, base_term = ?, base_seq = ? WHERE id = ?`,
        ...[imported.sessionId, base.term, titleOf(typeof prompt === 'string' ? prompt : '')],
        ...[createdAt, updatedAt, base.term, base.seq, conversation.id],
      );
    });
    Object.assign(conversation, {
      ...imported,
      ...{ prompted: true, base, head: base, foldedTo: base.seq },
    });
    return true;
  }

  /** What began at or before the row `last`, under the same ids and places; `to` has no messages yet. */
  copy(from: Conversation, last: number, to: Conversation): void {
    this.#sql.run(
      `INSERT INTO messages (conversation, seq, message)
       SELECT ?, seq, message FROM messages WHERE conversation = ? AND seq <= ? ORDER BY seq`,
      ...[to.id, from.id, last],
    );
    this.#sql.run(
      'INSERT INTO message_search (rowid, words) SELECT id, words FROM message_words WHERE conversation = ?',
      to.id,
    );
  }

  forgetAll(conversation: Conversation): void {
    this.#sql.run(
      `INSERT INTO message_search (message_search, rowid, words)
       SELECT 'delete', id, words FROM message_words WHERE conversation = ?`,
      conversation.id,
    );
    this.#sql.run('DELETE FROM messages WHERE conversation = ?', conversation.id);
  }

  #insert(conversation: Conversation, folded: readonly FoldedMessage[], foldedTo: number): void {
    for (const { seq, message } of folded) {
      const { lastInsertRowid } = this.#sql.run(
        'INSERT INTO messages (conversation, seq, message) VALUES (?, ?, ?)',
        ...[conversation.id, seq, JSON.stringify(message)],
      );
      this.#sql.run(
        'INSERT INTO message_search (rowid, words) SELECT id, words FROM message_words WHERE id = ?',
        lastInsertRowid,
      );
    }
    this.#sql.run('UPDATE conversations SET folded_to = ? WHERE id = ?', foldedTo, conversation.id);
  }

  #foldJournal(conversation: Conversation, to: number): FoldedMessage[] {
    const user = userOf(conversation.key);
    const after = conversation.foldedTo;
    const rows = this.#journal.rows(conversation, after, to - after);
    return foldRows(rows, (runId) => this.#runs.acceptedAt(user, runId));
  }

  /** @param foldTo Ends the part of the journal that is folded for it: the end of the last turn that is wanted. */
  #page(conversation: Conversation, last: number, foldTo: number, bounds: PageBounds): MessagePage {
    return pageOfMessages(this.#backwards(conversation, last, foldTo), bounds, conversation.term);
  }

  /** From the message that began last at or before the row `last`, one by one. */
  *#backwards(
    conversation: Conversation,
    last: number,
    foldTo: number,
  ): IterableIterator<FoldedMessage> {
    if (last > conversation.foldedTo)
      for (const folded of this.#foldJournal(conversation, foldTo).reverse())
        if (folded.seq <= last) yield folded;
    for (const { seq, message } of this.#sql.each(
      'SELECT seq, message FROM messages WHERE conversation = ? AND seq <= ? ORDER BY seq DESC',
      ...[conversation.id, last],
    ))
      yield { seq: Number(seq), runId: '', message: JSON.parse(String(message)) as Message };
  }
}
