import { faultWords } from './fault-words.ts';
import type { Verdict } from './verify.ts';

/** What a client does once an open socket has closed. */
export type AfterClose =
  /** Reconnect with the cursor, after a short backoff. */
  | 'resume'
  /** Reconnect, but only after 30 s: the server found this client too busy. */
  | 'cool'
  /** The sign-in has ended; there may be a newer one already. */
  | 'verify'
  /** Nothing a retry would mend. */
  | 'stop';

const RESUMABLE = new Set([1001, 1005, 1006, 1011, 1012, 1013, 4408]);

/** The policy of PROTOCOL.md's last section, one close code at a time. */
export function afterClose(code: number): AfterClose {
  if (code === 4401) return 'verify';
  if (code === 4429) return 'cool';
  return RESUMABLE.has(code) ? 'resume' : 'stop';
}

const WHY_STOPPED: Readonly<Record<number, string>> = {
  1000: 'The server ended the connection.',
  1008: 'There is no such run.',
  1009: 'The message was larger than the server takes.',
  4400: 'The server could not read what this page sent. Reloading may help.',
  4403: 'You are not allowed to open this conversation.',
  4404: 'There is no such conversation.',
  4413: 'The prompt is too long. It is back in the box below; please shorten it.',
};

/** A sentence for a close code that stops the client; the code itself where we know no better. */
export function whyStopped(code: number): string {
  return WHY_STOPPED[code] ?? `The connection was closed (code ${code}).`;
}

/** A sentence for an edge or a proxy that lets a page do nothing. */
export function whyBarred(verdict: Verdict): string {
  const fault = verdict.is === 'barred' ? verdict.fault : null;
  return fault === null
    ? 'Something in front of the server lets this page do nothing (403).'
    : faultWords(fault);
}
