/** Sign-ins, as the embedded store keeps them. */
import { EventEmitter } from 'node:events';
import type { SignIn, SignInRecords } from '../sign-ins.ts';
import { SqliteLimits } from './limits.ts';

export class SqliteSignIns extends SqliteLimits implements SignInRecords {
  readonly #revoked = new EventEmitter<{ revoked: [string] }>().setMaxListeners(0);

  putSignIn(signIn: SignIn): Promise<void> {
    return this.link.call('putSignIn', signIn);
  }

  getSignIn(idHash: string, now: number): Promise<SignIn | null> {
    return this.link.call('getSignIn', idHash, now);
  }

  signInsOf(user: string, now: number): Promise<SignIn[]> {
    return this.link.call('signInsOf', user, now);
  }

  signedIn(now: number): Promise<string[]> {
    return this.link.call('signedIn', now);
  }

  extendSignIn(idHash: string, expiresAt: number, usedAt: number): Promise<boolean> {
    return this.link.call('extendSignIn', idHash, expiresAt, usedAt);
  }

  async revokeSignIn(idHash: string, user: string | null): Promise<boolean> {
    return this.#revoke({ idHash, user });
  }

  async revokeUser(user: string): Promise<void> {
    await this.#revoke({ idHash: null, user });
  }

  onRevoked(listener: (idHash: string) => void): () => void {
    this.#revoked.on('revoked', listener);
    return () => this.#revoked.off('revoked', listener);
  }

  async #revoke(which: { idHash: string | null; user: string | null }): Promise<boolean> {
    const ended = await this.link.call<string[]>('revoke', which);
    for (const idHash of ended) this.#revoked.emit('revoked', idHash);
    return ended.length > 0;
  }
}
