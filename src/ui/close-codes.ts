import { faultWords } from './fault-words.ts';
import type { Verdict } from './verify.ts';
import { words } from './words/words.ts';

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

/** A sentence for a close code that stops the client; the code itself where we know no better. */
export function whyStopped(code: number): string {
  return words.faults.closed[code] ?? words.faults.closedWith(code);
}

/** A sentence for an edge or a proxy that lets a page do nothing. */
export function whyBarred(verdict: Verdict): string {
  const fault = verdict.is === 'barred' ? verdict.fault : null;
  return fault === null ? words.faults.barred : faultWords(fault);
}
