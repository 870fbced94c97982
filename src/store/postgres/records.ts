/** The parts of the store that are about users, beside their conversations: as one, each where it is kept. */
import type { Limits } from '../limits.ts';
import type { ShareRecords } from '../shares.ts';
import type { SignInRecords } from '../sign-ins.ts';
import type { Uploads } from '../uploads.ts';

export interface Records {
  readonly limits: Limits;
  readonly signIns: SignInRecords;
  readonly shares: ShareRecords;
  readonly uploads: Uploads;
}

export class PostgresRecords implements Limits, SignInRecords, ShareRecords, Uploads {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  take(...asked: Parameters<Limits['take']>) {
    return this.#records.limits.take(...asked);
  }

  giveBack(...asked: Parameters<Limits['giveBack']>) {
    return this.#records.limits.giveBack(...asked);
  }

  spend(...asked: Parameters<Limits['spend']>) {
    return this.#records.limits.spend(...asked);
  }

  uses(...asked: Parameters<Limits['uses']>) {
    return this.#records.limits.uses(...asked);
  }

  usage(...asked: Parameters<Limits['usage']>) {
    return this.#records.limits.usage(...asked);
  }

  onCharged(...asked: Parameters<Limits['onCharged']>) {
    return this.#records.limits.onCharged(...asked);
  }

  putSignIn(...asked: Parameters<SignInRecords['putSignIn']>) {
    return this.#records.signIns.putSignIn(...asked);
  }

  getSignIn(...asked: Parameters<SignInRecords['getSignIn']>) {
    return this.#records.signIns.getSignIn(...asked);
  }

  rememberedSignIn(...asked: Parameters<SignInRecords['rememberedSignIn']>) {
    return this.#records.signIns.rememberedSignIn(...asked);
  }

  signInsOf(...asked: Parameters<SignInRecords['signInsOf']>) {
    return this.#records.signIns.signInsOf(...asked);
  }

  signedIn(...asked: Parameters<SignInRecords['signedIn']>) {
    return this.#records.signIns.signedIn(...asked);
  }

  extendSignIn(...asked: Parameters<SignInRecords['extendSignIn']>) {
    return this.#records.signIns.extendSignIn(...asked);
  }

  revokeSignIn(...asked: Parameters<SignInRecords['revokeSignIn']>) {
    return this.#records.signIns.revokeSignIn(...asked);
  }

  revokeUser(...asked: Parameters<SignInRecords['revokeUser']>) {
    return this.#records.signIns.revokeUser(...asked);
  }

  onRevoked(...asked: Parameters<SignInRecords['onRevoked']>) {
    return this.#records.signIns.onRevoked(...asked);
  }

  onExtended(...asked: Parameters<SignInRecords['onExtended']>) {
    return this.#records.signIns.onExtended(...asked);
  }

  putShare(...asked: Parameters<ShareRecords['putShare']>) {
    return this.#records.shares.putShare(...asked);
  }

  share(...asked: Parameters<ShareRecords['share']>) {
    return this.#records.shares.share(...asked);
  }

  shareOf(...asked: Parameters<ShareRecords['shareOf']>) {
    return this.#records.shares.shareOf(...asked);
  }

  revokeShare(...asked: Parameters<ShareRecords['revokeShare']>) {
    return this.#records.shares.revokeShare(...asked);
  }

  noteReader(...asked: Parameters<ShareRecords['noteReader']>) {
    return this.#records.shares.noteReader(...asked);
  }

  readersOf(...asked: Parameters<ShareRecords['readersOf']>) {
    return this.#records.shares.readersOf(...asked);
  }

  forgetReader(...asked: Parameters<ShareRecords['forgetReader']>) {
    return this.#records.shares.forgetReader(...asked);
  }

  uploadIn(...asked: Parameters<ShareRecords['uploadIn']>) {
    return this.#records.shares.uploadIn(...asked);
  }

  putUpload(...asked: Parameters<Uploads['putUpload']>) {
    return this.#records.uploads.putUpload(...asked);
  }

  upload(...asked: Parameters<Uploads['upload']>) {
    return this.#records.uploads.upload(...asked);
  }
}
