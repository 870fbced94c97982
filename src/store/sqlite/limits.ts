/** The ledger, as the embedded store keeps it. */
import { EventEmitter } from 'node:events';
import type { Demand, Limits, Overdrawn, Taken, UsageOfDay, UsageQuery, Uses } from '../limits.ts';
import { userOf } from '../store.ts';
import type { DatabaseLink } from './thread.ts';

export class SqliteLimits implements Limits {
  protected readonly link: DatabaseLink;
  readonly #charges = new EventEmitter<{
    charged: [user: string, eased: boolean];
  }>().setMaxListeners(0);

  constructor(link: DatabaseLink) {
    this.link = link;
  }

  async take(demand: Demand, now: number): Promise<Taken> {
    const taken = await this.link.call<Taken>('take', demand, now);
    if (taken.ok) this.charged(userOf(demand.key), false);
    return taken;
  }

  async giveBack(user: string, runId: string): Promise<void> {
    await this.link.call('giveBack', user, runId);
    this.charged(user, true);
  }

  async spend(...asked: Parameters<Limits['spend']>): Promise<Overdrawn | null> {
    const over = await this.link.call<Overdrawn | null>('spend', ...asked);
    this.charged(asked[0], false);
    return over;
  }

  uses(user: string, now: number): Promise<Uses> {
    return this.link.call('uses', user, now);
  }

  usage(query: UsageQuery): Promise<UsageOfDay[]> {
    return this.link.call('usage', query);
  }

  onCharged(listener: (user: string, eased: boolean) => void): () => void {
    this.#charges.on('charged', listener);
    return () => this.#charges.off('charged', listener);
  }

  protected charged(user: string, eased: boolean): void {
    this.#charges.emit('charged', user, eased);
  }
}
