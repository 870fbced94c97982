/**
 * Links by which other users watch a conversation live: who may, who does, and when that ends. One share for each
 * conversation; its secret is told once, when it is made, and is known here by its hash alone.
 */
import { createHash, randomBytes } from 'node:crypto';
import { FaultError } from '../faults.ts';
import type { Share, ShareRecords } from '../store/shares.ts';
import { type ConversationKey, type Store, threadOf, userOf } from '../store/store.ts';
import type { Upload } from '../store/uploads.ts';
import type { Log } from '../telemetry/log.ts';
import type { Members } from './auth/members.ts';
import { SignInAttempts } from './auth/sign-in-attempts.ts';
import type { ShareView } from './views.ts';

/** Links that do not work, of one user in ten minutes. After so many none is looked up. */
export const WRONG_MAX = 20;
const SECRET_BYTES = 32;
/** As long as a timer of Node's can wait: a longer one fires at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** What a link's id looks like. */
export const SHARE_ID = /^[A-Za-z0-9_-]{43}$/;

export interface SharesParts {
  readonly store: ShareRecords & Pick<Store, 'onChanged'>;
  readonly members: Pick<Members, 'allows' | 'onReplaced'>;
  readonly now: () => number;
  readonly log: Log;
}

/** One who watches, or is about to: the share is looked up after it is listed, so that no end of it is missed. */
interface Watching {
  readonly idHash: string;
  readonly user: string;
  readonly end: () => void;
  share: Share | null;
  timer: NodeJS.Timeout | null;
}

export interface Opened {
  readonly share: Share;
  /** The reader has gone. */
  readonly leave: () => void;
}

export class Shares {
  readonly #parts: SharesParts;
  readonly #attempts = new SignInAttempts(WRONG_MAX);
  readonly #watching = new Set<Watching>();

  constructor(parts: SharesParts) {
    this.#parts = parts;
    parts.store.onChanged((key) => void this.#recheck(key));
    parts.members.onReplaced(() => void this.#recheck(null));
  }

  /**
   * Makes the link of a conversation, in the place of the one there was, whose readers are out at once.
   * @param ttlMs Null: until it is withdrawn.
   * @returns Its id, which cannot be had again. @throws {FaultError} `conversation.unknown`.
   */
  async create(key: ConversationKey, ttlMs: number | null): Promise<string> {
    const id = randomBytes(SECRET_BYTES).toString('base64url');
    const createdAt = this.#parts.now();
    const expiresAt = ttlMs === null ? null : createdAt + ttlMs;
    const share = { idHash: hashOf(id), key, createdAt, expiresAt };
    if (!(await this.#parts.store.putShare(share))) throw new FaultError('conversation.unknown');
    this.#audit('shared', key, { expiresAt });
    await this.#recheck(key);
    return id;
  }

  /** What its owner is told of it; null: it is not shared. */
  async view(key: ConversationKey): Promise<ShareView | null> {
    const share = await this.#parts.store.shareOf(key, this.#parts.now());
    if (share === null) return null;
    const watching = new Set(
      [...this.#watching].filter((one) => one.share?.key === key).map(({ user }) => user),
    );
    const readers = (await this.#parts.store.readersOf(key)).map((reader) => ({
      ...reader,
      isWatching: watching.has(reader.user),
    }));
    return { createdAt: share.createdAt, expiresAt: share.expiresAt, readers };
  }

  /** Withdraws the link: when this resolves, nobody watches by it. @returns Whether there was one. */
  async revoke(key: ConversationKey): Promise<boolean> {
    const was = await this.#parts.store.revokeShare(key, this.#parts.now());
    if (was) this.#audit('unshared', key);
    await this.#recheck(key);
    return was;
  }

  /**
   * Looks a link up. @param user Who asks: whoever tries too many that do not work is not listened to for a while.
   * @throws {FaultError} `share.unknown`, `share.tooMany`.
   */
  async find(id: string, user: string): Promise<Share> {
    const judged = await this.#attempts.try(user, () => this.#lookUp(id));
    if (judged.how === 'right') return judged.value;
    // One who goes on is not to fill the log: that they are not listened to follows from what stands there.
    if (judged.how !== 'refused')
      this.#parts.log.warn({ audit: 'shareRefused', user, how: judged.how }, 'a link did not work');
    throw new FaultError(judged.how === 'wrong' ? 'share.unknown' : 'share.tooMany');
  }

  /**
   * Begins to watch by a link. @param end Called once, when it is withdrawn, expires, or has nothing to show any more.
   * @throws {FaultError} `share.unknown`, `share.tooMany`.
   */
  async open(id: string, user: string, end: () => void): Promise<Opened> {
    const one: Watching = { idHash: hashOf(id), user, end, share: null, timer: null };
    this.#watching.add(one);
    try {
      one.share = await this.find(id, user);
      const { key } = one.share;
      this.#audit('shareOpened', key, { user });
      if (user !== userOf(key))
        await this.#parts.store.noteReader(one.idHash, user, this.#parts.now());
    } catch (error) {
      this.#leave(one); // nobody else could end what was never handed out
      throw error;
    }
    this.#awaitExpiry(one);
    return { share: one.share, leave: () => this.#leave(one) };
  }

  /** An image of a conversation that this user watches just now; null: there is none. */
  async upload(user: string, id: string): Promise<Upload | null> {
    for (const { share, user: reader } of [...this.#watching]) {
      if (share === null || reader !== user) continue;
      const upload = await this.#parts.store.uploadIn(share.key, id);
      if (upload !== null) return upload;
    }
    return null;
  }

  async #lookUp(id: string): Promise<Share | null> {
    if (!SHARE_ID.test(id)) return null;
    const share = await this.#parts.store.share(hashOf(id), this.#parts.now());
    return share !== null && this.#parts.members.allows(userOf(share.key)) ? share : null;
  }

  /** Ends who watches what may not be watched any more. @param key Null: anything may have changed. Never rejects. */
  async #recheck(key: ConversationKey | null): Promise<void> {
    const { store, now, members, log } = this.#parts;
    for (const one of [...this.#watching]) {
      if (key !== null && one.share !== null && one.share.key !== key) continue;
      try {
        const share = await store.share(one.idHash, now());
        if (share !== null && members.allows(userOf(share.key))) {
          this.#awaitExpiry(one);
          continue;
        }
      } catch (error) {
        log.error({ err: error }, 'a share could not be looked up, so its reader is let go');
      }
      if (this.#leave(one)) one.end();
    }
  }

  /** Looks again when the share is to expire; sooner, and so more than once, where a timer cannot wait so long. */
  #awaitExpiry(one: Watching): void {
    if (one.timer !== null) clearTimeout(one.timer);
    one.timer = null;
    const { share } = one;
    if (!share || share.expiresAt === null || !this.#watching.has(one)) return;
    const leftMs = Math.min(share.expiresAt - this.#parts.now(), TIMER_MAX_MS);
    one.timer = setTimeout(() => void this.#recheck(share.key), leftMs).unref();
  }

  #leave(one: Watching): boolean {
    if (one.timer !== null) clearTimeout(one.timer);
    return this.#watching.delete(one);
  }

  #audit(audit: string, key: ConversationKey, more: object = {}): void {
    const named = { audit, owner: userOf(key), conversation: threadOf(key) };
    this.#parts.log.info({ ...named, ...more }, 'a share');
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
