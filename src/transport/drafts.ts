/**
 * Prompts between their arrival and their acceptance, of all sockets together: a second tab that sends the
 * same one finds it here, and every watcher of a conversation sees what is parked in it. A draft lives as
 * long as the socket it came on.
 */
import type { Refusal } from '../machines/session.events.ts';
import { type ConversationKey, type RunCommand, userOf } from '../store/store.ts';
import { uploadUrl } from '../store/uploads.ts';
import type { PendingItem } from './protocol.ts';

export interface Draft {
  readonly key: ConversationKey;
  readonly command: RunCommand;
  /** The desk of the socket it came on. */
  readonly owner: object;
  /** What the limits gave for it. */
  ticket: string | null;
  parked: Refusal | null;
  /** It goes before what runs and waits, once it is accepted. */
  hurried: boolean;
  /** It was aborted while it was being taken: it is as soon as it is. */
  aborted: boolean;
}

export class Drafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #onParkedChanged: (key: ConversationKey) => void;

  constructor(onParkedChanged: (key: ConversationKey) => void) {
    this.#onParkedChanged = onParkedChanged;
  }

  get(user: string, runId: string): Draft | undefined {
    return this.#drafts.get(`${user}/${runId}`);
  }

  add(key: ConversationKey, command: RunCommand, owner: object): void {
    const taken = { ticket: null, parked: null, hurried: false, aborted: false };
    const draft = { key, command, owner, ...taken };
    this.#drafts.set(`${userOf(key)}/${command.runId}`, draft);
  }

  park(draft: Draft, refusal: Refusal): void {
    draft.parked = refusal;
    this.#onParkedChanged(draft.key);
  }

  remove(draft: Draft): void {
    this.#drafts.delete(`${userOf(draft.key)}/${draft.command.runId}`);
    if (draft.parked !== null) this.#onParkedChanged(draft.key);
  }

  removeOf(owner: object): void {
    for (const draft of [...this.#drafts.values()]) if (draft.owner === owner) this.remove(draft);
  }

  parkedIn(key: ConversationKey): PendingItem[] {
    return [...this.#drafts.values()].flatMap(({ key: own, command, parked }) => {
      if (own !== key || parked === null) return [];
      const { runId, text, images } = command;
      const { limit, resetAt } = parked;
      return [
        {
          ...{ runId, text, why: 'parked' as const, limit },
          ...(images && { images: images.map(uploadUrl) }),
          ...(resetAt !== null && { resetAt }),
        },
      ];
    });
  }
}
