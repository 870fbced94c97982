/**
 * Logs: one JSON line an event, to stderr; docs/operations/logs.md lists every one. Whatever looks like a secret or a
 * person's words is cut, whoever logs it. What varies is in fields, so that a message can be searched for.
 */
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

export const SECRET_FIELDS = [
  'cookie',
  'authorization',
  'set-cookie',
  'code',
  'text',
  'prompt',
  'content',
  'delta',
  'chunk',
  'message',
  'token',
  'secret',
  'value',
];

export function createLog(level: string, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '[cut]',
      },
      serializers: { err: describeError },
      onChild: followLevel,
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** A child has no level of its own: when the level changes, it changes for all at once. */
function followLevel(child: Log): void {
  for (const key of Reflect.ownKeys(child))
    if (key === pino.symbols.levelValSym || Object.hasOwn(child.levels.values, key))
      Reflect.deleteProperty(child, key);
}

/** An error's own words may quote input (a JSON.parse error does), so only its kind and place are kept. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack = '' } = error;
  // Where the words were changed later, the stack still has the first: what are frames cannot be told from them then.
  const place = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : '';
  const frames = place.split('\n').filter((line) => /^\s+at /.test(line));
  const { code } = error as NodeJS.ErrnoException;
  return { type: name, errno: code, stack: frames.slice(0, 8).map((line) => line.trim()) };
}
