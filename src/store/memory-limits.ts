/** Sliding windows: the times of the prompts a user sent, oldest first. Forgotten as they leave every window. */
import { lastToOpen, type Refused, refusedUntil } from './refusals.ts';
import type { LimitRule, LimitUse, Taken } from './store.ts';

interface Taking {
  readonly at: number;
  readonly ticket: string;
}

export class MemoryLimits {
  readonly #takings = new Map<string, Taking[]>();
  #tickets = 0;

  take(user: string, rules: readonly LimitRule[], now: number): Taken {
    const refused = lastToOpen(rules.flatMap((rule) => this.#refusal(user, rule, now) ?? []));
    if (refused) return refused;
    this.#tickets += 1;
    const ticket = String(this.#tickets);
    const longestMs = Math.max(0, ...rules.map(({ windowMs }) => windowMs));
    const kept = (this.#takings.get(user) ?? []).filter(({ at }) => at > now - longestMs);
    this.#takings.set(user, [...kept, { at: now, ticket }]);
    return { ok: true, ticket };
  }

  giveBack(user: string, ticket: string): void {
    const kept = (this.#takings.get(user) ?? []).filter((taking) => taking.ticket !== ticket);
    this.#takings.set(user, kept);
  }

  uses(user: string, rules: readonly LimitRule[], now: number): LimitUse[] {
    return rules.map((rule) => {
      const recent = this.#recent(user, rule, now);
      const oldest = recent[0];
      const resetAt = oldest === undefined ? null : oldest.at + rule.windowMs;
      return { limit: rule.limit, used: recent.length, max: rule.max, resetAt };
    });
  }

  #refusal(user: string, rule: LimitRule, now: number): Refused | null {
    const recent = this.#recent(user, rule, now);
    if (recent.length < rule.max) return null;
    // The one whose leaving makes room; none ever does where the limit is 0.
    const leaving = recent[recent.length - rule.max];
    return refusedUntil(rule, leaving === undefined ? null : leaving.at + rule.windowMs, now);
  }

  #recent(user: string, { windowMs }: LimitRule, now: number): Taking[] {
    return (this.#takings.get(user) ?? []).filter(({ at }) => at > now - windowMs);
  }
}
