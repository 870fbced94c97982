/** What lies in the data directory, for the server and for the commands that do without one. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { PostgresStore } from '../store/postgres/store.ts';
import { SqliteStore } from '../store/sqlite/store.ts';
import { DatabaseThread } from '../store/sqlite/thread.ts';
import type { Store } from '../store/store.ts';
import type { SignInRules } from '../transport/auth/sign-ins.ts';

/** The data directory by its real path, made when it is not there, for its owner alone. */
export function dataDirOf(config: Config): string {
  const dataDir = config.dataDir ?? '.';
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return realpathSync(dataDir);
}

type StoreConfig = Pick<
  Config,
  | 'timeZone'
  | 'databaseUrl'
  | 'databaseListenUrl'
  | 'databasePool'
  | 'databaseTimeoutMs'
  | 'nodeId'
  | 'leaseMs'
>;

/** SQLite is for one process at a time: what another holds, or is damaged, shows at the first call. */
export async function openStore(
  dataDir: string,
  config: StoreConfig,
  onError?: (error: unknown) => void,
): Promise<Store> {
  const { databaseUrl, timeZone } = config;
  if (databaseUrl !== null)
    return PostgresStore.open({
      url: databaseUrl,
      listenUrl: config.databaseListenUrl,
      poolMax: config.databasePool,
      timeoutMs: config.databaseTimeoutMs,
      name: config.nodeId,
      leaseMs: config.leaseMs,
      timeZone,
      ...(onError && { onError }),
    });
  return new SqliteStore(new DatabaseThread(join(dataDir, 'greenroom.db'), timeZone));
}

export function signInRules(config: Config, dataDir: string): SignInRules {
  return {
    secrets: config.cookieSecrets ?? ownSecrets(dataDir),
    secure: config.publicUrl?.protocol === 'https:',
    ttlMs: config.sessionTtlMs,
    maxMs: config.sessionMaxMs,
  };
}

/** Local mode's own cookie key, kept so that a restart signs nobody out by its key. */
function ownSecrets(dataDir: string): string[] {
  const file = join(dataDir, 'cookie-secret');
  if (!existsSync(file)) {
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    renameSync(fresh, file); // whole or not at all
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 43) {
    throw new Error(`${file} is damaged; delete it, and everybody signs in anew`);
  }
  return [secret];
}

/** Settings that make users share what each would have alone. */
export function sharedSettings({ claudeConfigDir, workspaceDir }: Config): string[] {
  const shared = { CLAUDE_CONFIG_DIR: claudeConfigDir, CHAT_WORKSPACE_DIR: workspaceDir };
  return Object.entries(shared).flatMap(([name, value]) => (value === null ? [] : [name]));
}
