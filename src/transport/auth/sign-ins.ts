/** Who is signed in: cookies on one side, the store's records on the other. */
import { FaultError, isRefusal } from '../../faults.ts';
import type { Identity } from '../../machines/session.events.ts';
import type { SignIn, Store } from '../../store/store.ts';
import {
  type CookieRules,
  hashId,
  newSignInId,
  readSignInId,
  setCookie,
  signId,
} from './cookie.ts';

/** Names that may own a directory and a header value: a Forgejo user name fits. */
const USER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,38}$/;

/** A use of a sign-in is written down at most so often; its end is exact, its slide this coarse. */
const SLIDE_STEP_MS = 60_000;

export interface SignInRules extends CookieRules {
  readonly ttlMs: number;
  readonly maxMs: number;
}

export class SignIns {
  readonly rules: SignInRules;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #onExtended: (signInId: string, expiresAt: number) => void;

  /** @param onExtended Hears of each new end, so that every open socket of the sign-in lives as long. */
  constructor(
    rules: SignInRules,
    store: Store,
    now: () => number,
    onExtended: (signInId: string, expiresAt: number) => void,
  ) {
    this.#onExtended = onExtended;
    this.rules = rules;
    this.#store = store;
    this.#now = now;
  }

  /** Signs `user` in under a new id. @throws When the name is not one a user can have. */
  async begin(
    user: string,
    operator: boolean,
    ttlMs?: number,
  ): Promise<{ setCookie: string; value: string }> {
    if (!USER.test(user)) throw new RangeError(`not a user name: ${JSON.stringify(user)}`);
    const id = newSignInId();
    const now = this.#now();
    // One made for a given time ends then; use extends the others.
    const maxAt = now + (ttlMs ?? this.rules.maxMs);
    const expiresAt = now + (ttlMs ?? this.rules.ttlMs);
    await this.#store.putSignIn({
      idHash: hashId(id),
      user,
      operator,
      expiresAt,
      maxAt,
    });
    return { setCookie: setCookie(id, maxAt - now, this.rules), value: signId(id, this.rules) };
  }

  /** Who sent this `Cookie` header. @throws {FaultError} `auth.required`. */
  async verify(header: string | undefined): Promise<Identity> {
    return this.verifyId(this.idIn(header));
  }

  /** Whose sign-in this is. @throws {FaultError} `auth.required`. */
  async verifyId(signInId: string | null): Promise<Identity> {
    const signIn = signInId === null ? null : await this.#store.getSignIn(signInId, this.#now());
    if (signIn === null) throw new FaultError('auth.required');
    return identityOf(signIn);
  }

  /** Which sign-in a `Cookie` header claims to be; null when none of our keys signed it. */
  idIn(header: string | undefined): string | null {
    const id = readSignInId(header, this.rules);
    return id === null ? null : hashId(id);
  }

  /** A use of the sign-in moves its end, up to the longest it may last. Returns the end, or null if it has ended. */
  async extend(signInId: string): Promise<number | null> {
    const now = this.#now();
    const signIn = await this.#store.getSignIn(signInId, now);
    if (signIn === null) return null;
    const expiresAt = Math.min(signIn.maxAt, now + this.rules.ttlMs);
    if (expiresAt - signIn.expiresAt < Math.min(SLIDE_STEP_MS, this.rules.ttlMs / 10))
      return signIn.expiresAt;
    try {
      if (!(await this.#store.extendSignIn(signInId, expiresAt))) return null;
    } catch (error) {
      if (isRefusal(error)) return signIn.expiresAt; // a full disk: it stays as long as it was, and reading works
      throw error;
    }
    this.#onExtended(signInId, expiresAt);
    return expiresAt;
  }

  async end(signInId: string): Promise<void> {
    await this.#store.revokeSignIn(signInId);
  }

  async endAll(user: string): Promise<void> {
    await this.#store.revokeUser(user);
  }
}

function identityOf({ user, operator, idHash, expiresAt }: SignIn): Identity {
  return { user, operator, signInId: idHash, expiresAt };
}
