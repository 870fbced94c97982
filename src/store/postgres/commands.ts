/**
 * What nodes have each other do. A command is a row, so it is done once however often, and by however many ways, its
 * node hears of it; a notice only saves the wait for the next poll.
 */
import { randomUUID } from 'node:crypto';
import type { CommandBody, CommandReply } from '../cluster.ts';
import type { Sql } from './database.ts';
import { Inbox, type Incoming } from './inbox.ts';
import type { Clock } from './line.ts';
import { LIVING } from './nodes.ts';
import type { Notice } from './notices.ts';
import { often } from './often.ts';

export type CommandHandler = (body: CommandBody) => Promise<CommandReply | null>;

export interface CommandsParts {
  readonly db: Sql;
  /** For what must come through while the pool is busy. */
  readonly line: Sql;
  readonly clock: Clock;
  readonly node: () => string;
  readonly isMember: () => boolean;
  readonly tell: (notice: Notice) => void;
  readonly onError: (error: unknown) => void;
}

interface Wait {
  readonly to: string;
  readonly settle: (reply: CommandReply | null) => void;
}

export class Commands {
  readonly #parts: CommandsParts;
  readonly #waits = new Map<string, Wait>();
  readonly #inbox: Inbox;

  constructor(parts: CommandsParts) {
    this.#parts = parts;
    this.#inbox = new Inbox(parts);
  }

  handleWith(handler: CommandHandler): void {
    this.#inbox.handler = handler;
  }

  async send(to: string, body: CommandBody, timeoutMs: number): Promise<CommandReply | null> {
    const { db, node, tell } = this.#parts;
    if (to === node()) return this.#inbox.answer(body);
    const id = randomUUID();
    const reply = this.#wait(id, to, timeoutMs);
    try {
      const sent = await db.run(
        `INSERT INTO commands (id, from_node, to_node, body)
           SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM nodes n WHERE n.id = $3 AND ${LIVING})`,
        ...[id, node(), to, JSON.stringify(body)],
      );
      if (sent === 0) this.#waits.get(id)?.settle(null);
      else tell(['command', to]);
    } catch (error) {
      this.#waits.get(id)?.settle(null);
      throw error;
    }
    const answered = await reply;
    // What nobody waits for any more is not to be begun. Where this fails it goes with the node.
    db.run('DELETE FROM commands WHERE id = $1', id).catch(() => {});
    return answered;
  }

  /** Takes replies, does what other nodes ask, and gives up on those that have gone. */
  async poll(): Promise<void> {
    if (this.#parts.isMember()) await this.#takeCommands();
    if (this.#waits.size === 0) return;
    await this.#takeReplies();
    await this.#giveUpOnDead();
  }

  /** There is a command for this node, or the reply to one of its own. */
  async heard(): Promise<void> {
    if (this.#parts.isMember()) await this.#takeCommands();
    if (this.#waits.size > 0) await this.#takeReplies();
  }

  close(): void {
    for (const wait of this.#waits.values()) wait.settle(null);
  }

  #wait(id: string, to: string, timeoutMs: number): Promise<CommandReply | null> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => this.#waits.get(id)?.settle(null), timeoutMs);
      const settle = (reply: CommandReply | null) => {
        clock.clearTimeout(timer);
        this.#waits.delete(id);
        resolve(reply);
      };
      this.#waits.set(id, { to, settle });
    });
  }

  async #takeCommands(): Promise<void> {
    const { line, node } = this.#parts;
    const asked = node();
    const rows = await line.all<Incoming>(
      often('SELECT id, from_node, body FROM commands WHERE to_node = $1 AND reply IS NULL'),
      asked,
    );
    // Sent to an id that it has lost meanwhile, its time is over.
    if (asked === node() && this.#parts.isMember()) for (const row of rows) this.#inbox.take(row);
  }

  async #takeReplies(): Promise<void> {
    const rows = await this.#parts.line.all<{ id: string; reply: string }>(
      'SELECT id, reply FROM commands WHERE id = ANY($1) AND reply IS NOT NULL',
      [...this.#waits.keys()],
    );
    for (const { id, reply } of rows)
      this.#waits.get(id)?.settle(JSON.parse(reply) as CommandReply | null);
  }

  async #giveUpOnDead(): Promise<void> {
    const waits = [...this.#waits.entries()];
    const living = await this.#parts.line.all<{ id: string }>(
      `SELECT n.id FROM nodes n WHERE n.id = ANY($1) AND ${LIVING}`,
      [...new Set(waits.map(([, { to }]) => to))],
    );
    const ids = new Set(living.map(({ id }) => id));
    for (const [, { to, settle }] of waits) if (!ids.has(to)) settle(null);
  }
}
