/** People's ways in. Only the hash of a sign-in's id is ever stored. Times are epoch ms. */
export interface SignIn {
  readonly idHash: string;
  readonly user: string;
  readonly createdAt: number;
  /** When it was last used, as exactly as its end is moved; see `SignIns.extend`. */
  readonly usedAt: number;
  readonly expiresAt: number;
  /** No use of it moves `expiresAt` past this. */
  readonly maxAt: number;
  /** The `User-Agent` of the browser it was made in, or what else it is for; '' where it did not say. */
  readonly device: string;
}

export interface SignInRecords {
  putSignIn(signIn: SignIn): Promise<void>;
  /** Null when unknown, revoked or expired at `now`. */
  getSignIn(idHash: string, now: number): Promise<SignIn | null>;
  /** The same where it needs no asking, as it was asked before and nobody can have changed it; null: it must be asked. */
  rememberedSignIn(idHash: string, now: number): SignIn | null;
  /** Those of a user that have not ended at `now`, last used first. */
  signInsOf(user: string, now: number): Promise<SignIn[]>;
  /** Users who have one that has not ended at `now`. */
  signedIn(now: number): Promise<string[]>;
  /** Notes a use at `usedAt`, which moves the end of a sign-in that still exists. False: it has ended meanwhile. */
  extendSignIn(idHash: string, expiresAt: number, usedAt: number): Promise<boolean>;
  /** @param user Whose it must be; null: anybody's. @returns Whether there was one. */
  revokeSignIn(idHash: string, user: string | null): Promise<boolean>;
  /** Ends every sign-in of a user. */
  revokeUser(user: string): Promise<void>;
  onRevoked(listener: (idHash: string) => void): () => void;
  /** Hears each new end of a sign-in, whichever server moved it; one that is missed leaves the end that was known. */
  onExtended(listener: (idHash: string, expiresAt: number) => void): () => void;
}
