/** What is told to people whose client knows no codes. */
import { FAULTS, type FaultCode } from '../../faults.ts';
import type { Refused } from '../../store/limits.ts';
import type { LimitName } from '../protocol.ts';

export const STOPPED = 'The answer was stopped. What was said so far is kept.';

/** Of what waits on one socket for its answer. */
export const TOO_MANY_WAIT = 'Too many messages wait on this connection already. Send it again.';

const COUNTED: Readonly<Record<LimitName, readonly [noun: string, of: string]>> = {
  hour: ['prompt', 'an hour'],
  day: ['prompt', 'a day'],
  tokens: ['token', 'a day'],
  runs: ['answer', 'at once'],
  frames: ['message', 'at once'],
};

/** Some sentences are for a client that acts on their code. */
const OWN: Partial<Record<FaultCode, string>> = {
  'server.restarting': 'The server restarts. Send it again in a moment.',
};

export function sayFault(fault: FaultCode): string {
  return OWN[fault] ?? FAULTS[fault].say;
}

/** Which limit it is, and when it is open again, where that can be known. */
export function sayThrottled({ limit, max, retryAfterMs }: Refused<LimitName>): string {
  const [noun, of] = COUNTED[limit];
  const again = retryAfterMs === null ? 'later' : `in ${span(retryAfterMs)}`;
  return `A usage limit is reached: ${counted(max, noun)} ${of}. Try again ${again}.`;
}

/** @param page Where the question can be answered; null: there is one place only, and who runs it knows. */
export function openQuestion(tools: readonly string[], page: string | null): string {
  const names = [...new Set(tools)].join(', ');
  const place = page === null ? 'the chat’s own page' : page;
  return `Claude asks for your approval to use ${names}. Answer at ${place}; what follows is shown there.`;
}

/** Never shorter than `ms`. */
function span(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds <= 120) return counted(seconds, 'second');
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 120 ? counted(minutes, 'minute') : counted(Math.ceil(minutes / 60), 'hour');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
