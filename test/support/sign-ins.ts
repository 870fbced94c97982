/** Sign-ins on a given store, and one that is in it. */
import type { SignIn, SignInRecords } from '../../src/store/sign-ins.ts';
import { Members } from '../../src/transport/auth/members.ts';
import { type SignInRules, SignIns } from '../../src/transport/auth/sign-ins.ts';
import { HOUR_MS } from './limits.ts';

export function signInsOn(store: SignInRecords, rules: Partial<SignInRules> = {}): SignIns {
  return new SignIns({
    rules: {
      ...{ secrets: ['k'.repeat(32)], secure: false, ttlMs: HOUR_MS, maxMs: 24 * HOUR_MS },
      ...rules,
    },
    members: new Members({ allowed: null, operators: [] }),
    store,
    now: Date.now,
  });
}

export function signIn(fields: Partial<SignIn> = {}): SignIn {
  const now = Date.now();
  return {
    ...{ idHash: 'hash', user: 'alice', createdAt: now, usedAt: now, device: '' },
    ...{ expiresAt: now + 60_000, maxAt: now + 24 * HOUR_MS },
    ...fields,
  };
}
