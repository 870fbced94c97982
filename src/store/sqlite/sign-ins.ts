/** Sign-ins, as the embedded store keeps them. */
import { EventEmitter } from 'node:events';
import type { SignIn, SignInRecords } from '../sign-ins.ts';
import { SqliteLimits } from './limits.ts';

/** So many that were read are remembered; the one remembered longest goes first. */
const REMEMBERED_MAX = 1_000;

export class SqliteSignIns extends SqliteLimits implements SignInRecords {
  readonly #changes = new EventEmitter<{
    revoked: [string];
    extended: [string, number];
  }>().setMaxListeners(0);

  /**
   * What was read is as the worker has it: nobody else writes this database, and a change forgets it before it is
   * asked for, so that whoever reads later is answered after it.
   */
  readonly #remembered = new Map<string, SignIn | Promise<SignIn | null>>();

  putSignIn(signIn: SignIn): Promise<void> {
    this.#remembered.delete(signIn.idHash);
    return this.link.call('putSignIn', signIn);
  }

  async getSignIn(idHash: string, now: number): Promise<SignIn | null> {
    const signIn = await (this.#remembered.get(idHash) ?? this.#read(idHash, now));
    return signIn !== null && signIn.expiresAt > now ? signIn : null;
  }

  rememberedSignIn(idHash: string, now: number): SignIn | null {
    const signIn = this.#remembered.get(idHash);
    if (signIn === undefined || signIn instanceof Promise) return null;
    return signIn.expiresAt > now ? signIn : null;
  }

  signInsOf(user: string, now: number): Promise<SignIn[]> {
    return this.link.call('signInsOf', user, now);
  }

  signedIn(now: number): Promise<string[]> {
    return this.link.call('signedIn', now);
  }

  async extendSignIn(idHash: string, expiresAt: number, usedAt: number): Promise<boolean> {
    this.#remembered.delete(idHash);
    const isThere = await this.link.call<boolean>('extendSignIn', idHash, expiresAt, usedAt);
    if (isThere) this.#changes.emit('extended', idHash, expiresAt);
    return isThere;
  }

  async revokeSignIn(idHash: string, user: string | null): Promise<boolean> {
    return this.#revoke({ idHash, user });
  }

  async revokeUser(user: string): Promise<void> {
    await this.#revoke({ idHash: null, user });
  }

  onRevoked(listener: (idHash: string) => void): () => void {
    this.#changes.on('revoked', listener);
    return () => this.#changes.off('revoked', listener);
  }

  onExtended(listener: (idHash: string, expiresAt: number) => void): () => void {
    this.#changes.on('extended', listener);
    return () => this.#changes.off('extended', listener);
  }

  #read(idHash: string, now: number): Promise<SignIn | null> {
    const reading = this.link.call<SignIn | null>('getSignIn', idHash, now);
    const keep = (signIn: SignIn | null) => {
      if (this.#remembered.get(idHash) !== reading) return; // it was changed meanwhile
      if (signIn === null) this.#remembered.delete(idHash);
      else this.#remembered.set(idHash, signIn);
    };
    reading.then(keep, () => keep(null));
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= REMEMBERED_MAX && oldest !== undefined)
      this.#remembered.delete(oldest);
    this.#remembered.set(idHash, reading);
    return reading;
  }

  async #revoke(which: { idHash: string | null; user: string | null }): Promise<boolean> {
    if (which.idHash === null) this.#remembered.clear();
    else this.#remembered.delete(which.idHash);
    const ended = await this.link.call<string[]>('revoke', which);
    for (const idHash of ended) this.#changes.emit('revoked', idHash);
    return ended.length > 0;
  }
}
