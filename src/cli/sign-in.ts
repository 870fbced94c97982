/** `greenroom login` and `greenroom session`: ways in, made by the running server. */
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { cookieName } from '../transport/auth/cookie.ts';
import { askControl } from '../transport/control.ts';
import { UsageError } from './usage.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const TTL_MAX_MS = 24 * 86_400_000;

/** Prints a fresh sign-in link. */
export async function login({ dataDir }: Config): Promise<string> {
  const { url } = await ask(dataDir, 'login', {});
  return String(url);
}

/** Prints a cookie, `NAME=VALUE`, ready to stand after `Cookie: `. */
export async function session({ dataDir }: Config, args: readonly string[]): Promise<string> {
  const { user, ttl } = readArgs(args);
  if (user === undefined) throw new UsageError('session: --user NAME is missing');
  const { value, secure } = await ask(dataDir, 'session', {
    user,
    ttlMs: durationMs(ttl ?? '12h'),
  });
  return `${cookieName({ secrets: [], secure: secure === true })}=${String(value)}`;
}

function readArgs(args: readonly string[]): {
  user?: string | undefined;
  ttl?: string | undefined;
} {
  try {
    return parseArgs({
      args: [...args],
      options: { user: { type: 'string' }, ttl: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new UsageError(`session: ${(error as Error).message}`);
  }
}

function durationMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(ms > 0 && ms <= TTL_MAX_MS)) {
    throw new UsageError(
      `session: --ttl accepts a number with s, m, h or d, up to 24d, not ${JSON.stringify(text)}`,
    );
  }
  return ms;
}

async function ask(
  dataDir: string | null,
  command: string,
  body: object,
): Promise<Record<string, unknown>> {
  try {
    return await askControl(dataDir ?? '.', command, body);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
    throw new Error(
      `no server runs on ${dataDir}; start one with \`greenroom serve\`, or set CHAT_DATA_DIR`,
    );
  }
}
