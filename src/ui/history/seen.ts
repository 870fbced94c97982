/**
 * The last run's end that this browser has shown of each conversation, by the server's clock: one that ended later is
 * unread. Kept for all tabs of a user, at most `SEEN_MAX` conversations; older ones count as seen, and so do those
 * that were there before this browser first looked.
 */
import type { ConversationView } from '../../transport/views.ts';
import type { Kept } from '../chat/storage.ts';

const NAME = 'seen';
const SEEN_MAX = 500;

interface Times {
  /** Whatever ended up to then counts as seen; null: this browser has not looked yet. */
  since: number | null;
  at: Map<string, number>;
}

type Shown = Pick<ConversationView, 'threadId' | 'activity' | 'endedAt'>;

export class Seen {
  #kept: Kept | null = null;
  #times: Times = { since: null, at: new Map() };
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Changes whenever what is unread may have changed. */
  version = (): unknown => this.#times;

  /** Whose page it is: until that is known, nothing is unread and nothing kept. */
  own(kept: Kept): void {
    this.#kept = kept;
    this.#take(timesIn(kept.get(NAME)));
  }

  /** The first look of this browser at its user's conversations: what is there is not new. */
  begin(conversations: readonly Shown[]): void {
    if (this.#kept === null || this.#times.since !== null) return;
    this.#write({
      since: Math.max(0, ...conversations.map(({ endedAt }) => endedAt)),
      at: this.#times.at,
    });
  }

  /** It is on screen, and somebody looks. */
  see({ threadId, endedAt }: Shown): void {
    const { since, at } = this.#times;
    if (this.#kept === null || since === null) return;
    if (endedAt <= Math.max(since, at.get(threadId) ?? 0)) return;
    // Another tab may have written since.
    const now = timesIn(this.#kept.get(NAME));
    const times = new Map(now.at).set(threadId, endedAt);
    this.#write(bounded({ since: now.since ?? since, at: times }));
  }

  isUnread = ({ threadId, activity, endedAt }: Shown): boolean => {
    const { since, at } = this.#times;
    if (since === null || activity !== null) return false;
    return endedAt > Math.max(since, at.get(threadId) ?? 0);
  };

  /** Another tab has changed what is kept. @param key As the browser's `storage` event names it. */
  heard(key: string | null): void {
    if (this.#kept?.nameIn(key) === NAME) this.#take(timesIn(this.#kept.get(NAME)));
  }

  #write(times: Times): void {
    this.#kept?.set(NAME, JSON.stringify({ since: times.since, at: Object.fromEntries(times.at) }));
    this.#take(times);
  }

  #take(times: Times): void {
    this.#times = times;
    for (const listener of this.#listeners) listener();
  }
}

/** What does not fit goes oldest first, and counts as seen. */
function bounded({ since, at }: Times): Times {
  if (at.size <= SEEN_MAX) return { since, at };
  const newest = [...at].sort(([, a], [, b]) => b - a);
  const [, until = 0] = newest[SEEN_MAX] ?? [];
  return { since: Math.max(since ?? 0, until), at: new Map(newest.slice(0, SEEN_MAX)) };
}

/** What storage holds may be of any shape. */
function timesIn(text: string | null): Times {
  try {
    const { since, at } = JSON.parse(text ?? '{}') as { since?: unknown; at?: unknown };
    const times = typeof at === 'object' && at !== null ? Object.entries(at) : [];
    return {
      since: Number.isFinite(since) ? Number(since) : null,
      at: new Map(times.filter((entry): entry is [string, number] => Number.isFinite(entry[1]))),
    };
  } catch {
    return { since: null, at: new Map() };
  }
}
