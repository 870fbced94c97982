/** What one user wrote in this browser that no server has: drafts, images for them, and prompts on their way. */
import { loadOutbox, OUTBOX, promptOf } from './outbox.ts';
import type { Kept } from './storage.ts';

export const DRAFTS = 'draft:';
export const IMAGES = 'images:';
const PLACE = 'place';

/** Where what is unsent belongs: a conversation, or the page of a new one. */
export function placeOf(threadId: string | null): string {
  return threadId ?? 'new';
}

export class Unsent {
  /** What is typed and attached, for all tabs. */
  readonly drafts: Kept;
  /** What was sent and not answered, for this tab. */
  readonly tab: Kept;

  constructor(drafts: Kept, tab: Kept) {
    this.drafts = drafts;
    this.tab = tab;
  }

  /** Messages, begun or on their way. */
  count(): number {
    const begun = [DRAFTS, IMAGES].flatMap((kind) =>
      this.drafts.names(kind).map((name) => name.slice(kind.length)),
    );
    const sent = loadOutbox(this.tab).filter((wish) => promptOf(wish) !== null);
    return new Set(begun).size + sent.length;
  }

  forget(): void {
    for (const name of [...this.drafts.names(DRAFTS), ...this.drafts.names(IMAGES)])
      this.drafts.set(name, null);
    this.tab.set(OUTBOX, null);
  }

  /** The browser goes to sign in: who comes back as the same user is to find this address again. */
  keepPlace(hash: string): void {
    this.tab.set(PLACE, hash === '' ? null : hash);
  }

  /** The address kept, once. */
  takePlace(): string | null {
    const place = this.tab.get(PLACE);
    this.tab.set(PLACE, null);
    return place;
  }
}
