/** Shares, as the embedded store keeps them. */
import type { Share, ShareReader, ShareRecords } from '../shares.ts';
import type { ConversationKey } from '../store.ts';
import type { Upload } from '../uploads.ts';
import { SqliteSignIns } from './sign-ins.ts';

export class SqliteShares extends SqliteSignIns implements ShareRecords {
  putShare(share: Omit<Share, 'title'>): Promise<boolean> {
    return this.link.call('putShare', share);
  }

  share(idHash: string, now: number): Promise<Share | null> {
    return this.link.call('share', idHash, now);
  }

  shareOf(key: ConversationKey, now: number): Promise<Share | null> {
    return this.link.call('shareOf', key, now);
  }

  revokeShare(key: ConversationKey, now: number): Promise<boolean> {
    return this.link.call('revokeShare', key, now);
  }

  noteReader(idHash: string, user: string, at: number): Promise<void> {
    return this.link.call('noteReader', idHash, user, at);
  }

  readersOf(key: ConversationKey): Promise<ShareReader[]> {
    return this.link.call('readersOf', key);
  }

  forgetReader(user: string): Promise<void> {
    return this.link.call('forgetReader', user);
  }

  uploadIn(key: ConversationKey, id: string): Promise<Upload | null> {
    return this.link.call('uploadIn', key, id);
  }
}
