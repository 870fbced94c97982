import type { SignInList, SignInView } from '../../transport/views.ts';
import { ApiError, apiUrl, ask, request } from '../api.ts';

/** Last used first. @throws {ApiError} */
export async function signIns(signal: AbortSignal): Promise<SignInView[]> {
  return (await ask<SignInList>('GET', apiUrl('sign-ins'), { signal })).signIns;
}

/** One that has ended by itself meanwhile is as good. @throws {ApiError} */
export async function endSignIn(id: string): Promise<void> {
  await request('DELETE', apiUrl(`sign-ins/${id}`)).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.fault === 'signIn.unknown')) throw error;
  });
}
