/** Links to conversations, for other users to watch by. Only the hash of a link's id is ever stored. Times are epoch ms. */
import type { ConversationKey } from './store.ts';
import type { Upload } from './uploads.ts';

/** Readers of one link that are remembered; later ones come in all the same. */
export const READERS_MAX = 100;

export interface Share {
  /** Unique among all shares. */
  readonly idHash: string;
  readonly key: ConversationKey;
  /** What the conversation is called. */
  readonly title: string;
  readonly createdAt: number;
  /** Null: it ends when it is withdrawn. */
  readonly expiresAt: number | null;
}

/** Who opened a link, and when first and last. */
export interface ShareReader {
  readonly user: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A conversation that is deleted or forgotten takes its share with it, also where it is restored. */
export interface ShareRecords {
  /** Takes the place of the one there was, readers included. False: there is no such conversation. */
  putShare(share: Omit<Share, 'title'>): Promise<boolean>;
  /** Null when unknown, withdrawn or expired at `now`. */
  share(idHash: string, now: number): Promise<Share | null>;
  shareOf(key: ConversationKey, now: number): Promise<Share | null>;
  /** @returns Whether there was one that had not expired at `now`. Durable: it stays withdrawn. */
  revokeShare(key: ConversationKey, now: number): Promise<boolean>;
  /** Notes that this user opened it, if it is there. */
  noteReader(idHash: string, user: string, at: number): Promise<void>;
  /** Who opened the conversation's share, last first, at most `READERS_MAX`. */
  readersOf(key: ConversationKey): Promise<ShareReader[]>;
  /** Takes a user out of the readers of every link. Durable. */
  forgetReader(user: string): Promise<void>;
  /** An image that a prompt of this very conversation names. */
  uploadIn(key: ConversationKey, id: string): Promise<Upload | null>;
}
