/** `greenroom login` and `greenroom session`: ways in. */
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { cookieName } from '../transport/auth/cookie.ts';
import { Members } from '../transport/auth/members.ts';
import { SignIns } from '../transport/auth/sign-ins.ts';
import { askIfRunning } from '../transport/control.ts';
import { COMMAND_DEVICE } from './control.ts';
import { dataDirOf, openStore, signInRules } from './data-dir.ts';
import { listsOf } from './members.ts';
import { UsageError } from './usage.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const TTL_MAX_MS = 24 * 86_400_000;

/** Prints a fresh sign-in link. Its code lives in the server's memory, so there must be a server. */
export async function login({ dataDir }: Config): Promise<string> {
  const answer = await askIfRunning(dataDir ?? '.', 'login', {});
  if (answer !== null) return String(answer.url);
  throw new Error(
    `no server runs on ${dataDir}; start one with \`greenroom serve\`, or set CHAT_DATA_DIR`,
  );
}

/** Prints a cookie, `NAME=VALUE`, ready to stand after `Cookie: `. It waits in the store if no server runs. */
export async function session(config: Config, args: readonly string[]): Promise<string> {
  const { user, ttl } = readArgs(args);
  if (user === undefined) throw new UsageError('session: --user NAME is missing');
  const ttlMs = durationMs(ttl ?? '12h');
  const { value, secure } =
    (await askIfRunning(config.dataDir ?? '.', 'session', { user, ttlMs })) ??
    (await begin(config, user, ttlMs));
  return `${cookieName({ secrets: [], secure: secure === true })}=${String(value)}`;
}

/** Signs in without a server: the next one finds it in the store, and verifies it by the same key. */
async function begin(config: Config, user: string, ttlMs: number) {
  const dataDir = dataDirOf(config);
  const rules = signInRules(config, dataDir);
  const store = await openStore(dataDir, config);
  try {
    const members = new Members(listsOf(config));
    const signIns = new SignIns({ rules, members, store, now: Date.now });
    const { value } = await signIns.begin(user, COMMAND_DEVICE, ttlMs);
    return { value, secure: rules.secure };
  } finally {
    await store.close();
  }
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
