/** What other nodes asked this one to do, each once: the same row may be read again by a poll that began before. */
import type { CommandBody, CommandReply } from '../cluster.ts';
import type { CommandHandler, CommandsParts } from './commands.ts';

/** Longer than any poll that read a row without its reply can be under way. */
const REMEMBERED_MS = 120_000;

/** A row of `commands`. */
export interface Incoming {
  readonly id: string;
  readonly from_node: string;
  readonly body: string;
}

interface Known {
  readonly at: number;
  /** JSON; null while it is at work. */
  reply: string | null;
  replied: boolean;
}

export class Inbox {
  handler: CommandHandler | null = null;
  readonly #parts: Pick<CommandsParts, 'db' | 'clock' | 'tell' | 'onError'>;
  /** In order of arrival. */
  readonly #known = new Map<string, Known>();

  constructor(parts: Pick<CommandsParts, 'db' | 'clock' | 'tell' | 'onError'>) {
    this.#parts = parts;
  }

  take(row: Incoming): void {
    if (this.handler === null) return; // the next poll finds it again
    this.#forgetOld();
    const known = this.#known.get(row.id);
    if (known === undefined) void this.#handle(row);
    else if (known.reply !== null && !known.replied) void this.#reply(row, known);
  }

  /** What the handler throws is told as no answer. */
  async answer(body: CommandBody): Promise<CommandReply | null> {
    try {
      return (await this.handler?.(body)) ?? null;
    } catch (error) {
      this.#parts.onError(error);
      return null;
    }
  }

  async #handle(row: Incoming): Promise<void> {
    const known: Known = { at: this.#parts.clock.now(), reply: null, replied: false };
    this.#known.set(row.id, known);
    known.reply = JSON.stringify(await this.answer(JSON.parse(row.body) as CommandBody));
    await this.#reply(row, known);
  }

  /** One that cannot be written now is written when a poll finds the row without it. */
  async #reply({ id, from_node }: Incoming, known: Known): Promise<void> {
    known.replied = true;
    try {
      await this.#parts.db.run('UPDATE commands SET reply = $2 WHERE id = $1', id, known.reply);
      this.#parts.tell(['command', from_node]);
    } catch {
      known.replied = false;
    }
  }

  #forgetOld(): void {
    const before = this.#parts.clock.now() - REMEMBERED_MS;
    for (const [id, { at, replied }] of this.#known)
      if (at < before && replied) this.#known.delete(id);
  }
}
