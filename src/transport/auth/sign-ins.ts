/** Who is signed in: cookies on one side, the store's records on the other. */
import { hash } from 'node:crypto';
import { FaultError, isRefusal } from '../../faults.ts';
import type { Identity } from '../../machines/session.events.ts';
import type { SignIn, SignInRecords } from '../../store/sign-ins.ts';
import {
  type CookieRules,
  hashId,
  newSignInId,
  readSignInId,
  setCookie,
  signId,
} from './cookie.ts';
import type { Members } from './members.ts';
import { isUserName } from './user-name.ts';

/** A use of a sign-in is written down at most so often; its end is exact, its slide this coarse. */
const SLIDE_STEP_MS = 60_000;

/** `Cookie` headers whose signature was checked and is remembered; the one remembered longest goes first. */
const CHECKED_MAX = 1_000;

/** Of what a browser says it is, so much is kept. */
const DEVICE_MAX = 200;

export interface SignInRules extends CookieRules {
  readonly ttlMs: number;
  readonly maxMs: number;
}

export interface SignInParts {
  readonly rules: SignInRules;
  readonly members: Members;
  readonly store: SignInRecords;
  readonly now: () => number;
}

export class SignIns {
  #rules: SignInRules;
  readonly #members: Members;
  readonly #store: SignInRecords;
  readonly #now: () => number;
  /** Which sign-in each claims, by its hash: what lets somebody in is not kept. */
  readonly #checked = new Map<string, string>();

  constructor({ rules, members, store, now }: SignInParts) {
    this.#rules = rules;
    this.#members = members;
    this.#store = store;
    this.#now = now;
  }

  get rules(): SignInRules {
    return this.#rules;
  }

  /** From now on the first of `secrets` signs, and all verify. */
  rotate(secrets: readonly string[]): void {
    this.#rules = { ...this.#rules, secrets };
    this.#checked.clear();
  }

  /** Ends the sign-ins of everybody who may not come in any more. Returns whose. */
  async endStrangers(): Promise<string[]> {
    const users = await this.#store.signedIn(this.#now());
    const strangers = users.filter((user) => !this.#members.allows(user));
    for (const user of strangers) await this.endAll(user);
    return strangers;
  }

  /**
   * Signs `user` in under a new id.
   * @param device The browser's `User-Agent`, or what else it is for; its user tells sign-ins apart by it.
   * @throws When the name is not one a user can have.
   */
  async begin(
    user: string,
    device = '',
    ttlMs?: number,
  ): Promise<{ setCookie: string; value: string }> {
    if (!isUserName(user)) throw new RangeError(`not a user name: ${JSON.stringify(user)}`);
    const id = newSignInId();
    const now = this.#now();
    // One made for a given time ends then; use extends the others.
    const maxAt = now + (ttlMs ?? this.#rules.maxMs);
    const expiresAt = now + (ttlMs ?? this.#rules.ttlMs);
    await this.#store.putSignIn({
      idHash: hashId(id),
      user,
      createdAt: now,
      usedAt: now,
      expiresAt,
      maxAt,
      device: device.slice(0, DEVICE_MAX).toWellFormed(),
    });
    return { setCookie: setCookie(id, maxAt - now, this.#rules), value: signId(id, this.#rules) };
  }

  /** Who sent this `Cookie` header. @throws {FaultError} `auth.required`. */
  async verify(header: string | undefined): Promise<Identity> {
    return this.verifyId(this.idIn(header));
  }

  /** Whose sign-in this is. @throws {FaultError} `auth.required`. */
  async verifyId(signInId: string | null): Promise<Identity> {
    const signIn = signInId === null ? null : await this.#store.getSignIn(signInId, this.#now());
    const identity = this.#identityOf(signIn);
    if (identity === null) throw new FaultError('auth.required');
    return identity;
  }

  /** The same where the store need not be asked; null: it must be, or nobody may come in. */
  known(signInId: string | null): Identity | null {
    if (signInId === null) return null;
    return this.#identityOf(this.#store.rememberedSignIn(signInId, this.#now()));
  }

  #identityOf(signIn: SignIn | null): Identity | null {
    if (signIn === null || !this.#members.allows(signIn.user)) return null;
    const { user, idHash, expiresAt } = signIn;
    return { user, operator: this.#members.isOperator(user), signInId: idHash, expiresAt };
  }

  /** Which sign-in a `Cookie` header claims to be; null when none of our keys signed it. */
  idIn(header: string | undefined): string | null {
    if (header === undefined) return null;
    const name = hash('sha256', header, 'base64url');
    const known = this.#checked.get(name);
    if (known !== undefined) return known;
    const id = readSignInId(header, this.#rules);
    if (id === null) return null;
    const idHash = hashId(id);
    const [oldest] = this.#checked.keys();
    if (this.#checked.size >= CHECKED_MAX && oldest !== undefined) this.#checked.delete(oldest);
    this.#checked.set(name, idHash);
    return idHash;
  }

  /** A use of the sign-in moves its end, up to the longest it may last. Returns the end, or null if it has ended. */
  async extend(signInId: string): Promise<number | null> {
    const now = this.#now();
    const signIn = await this.#store.getSignIn(signInId, now);
    if (signIn === null) return null;
    const expiresAt = Math.min(signIn.maxAt, now + this.#rules.ttlMs);
    if (expiresAt - signIn.expiresAt < Math.min(SLIDE_STEP_MS, this.#rules.ttlMs / 10))
      return signIn.expiresAt;
    try {
      return (await this.#store.extendSignIn(signInId, expiresAt, now)) ? expiresAt : null;
    } catch (error) {
      if (isRefusal(error)) return signIn.expiresAt; // a full disk: it stays as long as it was, and reading works
      throw error;
    }
  }

  /** Those of a user that have not ended, last used first. */
  of(user: string): Promise<SignIn[]> {
    return this.#store.signInsOf(user, this.#now());
  }

  /** @param user Whose it must be; null: anybody's. @returns Whether there was one. */
  end(signInId: string, user: string | null = null): Promise<boolean> {
    return this.#store.revokeSignIn(signInId, user);
  }

  async endAll(user: string): Promise<void> {
    await this.#store.revokeUser(user);
  }
}
