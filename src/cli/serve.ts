/** `greenroom serve`: wires the parts, listens, and stops when told to. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Agent, findAgent } from '../claude/agent.ts';
import type { ClaudeSettings } from '../claude/launch.ts';
import type { Config } from '../config.ts';
import { Supervisor } from '../machines/supervisor.ts';
import { SqliteStore } from '../store/sqlite/store.ts';
import type { LimitRule, Store } from '../store/store.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { OneTimeCodes } from '../transport/auth/one-time-codes.ts';
import { allowedOrigins } from '../transport/auth/origin.ts';
import { SignIns } from '../transport/auth/sign-ins.ts';
import { listenForControl } from '../transport/control.ts';
import { Fanout } from '../transport/fanout.ts';
import { createHttpServer } from '../transport/http.ts';
import type { LimitView } from '../transport/protocol.ts';
import { createRoutes } from '../transport/routes.ts';
import { loadAssets } from '../transport/static.ts';
import { Door } from '../transport/websocket.ts';

/** Long enough for the stop recipe of every process at once; see claude/stop.ts. */
const STOP_MS = 10_000;
const HOUR_MS = 3_600_000;
/** With less room on its disk than this the store may refuse anything. */
const ROOM_BYTES = 1024 * 1024;

export interface Served {
  /** The port that is listened on. */
  readonly port: number;
  /** Where browsers find the page. */
  readonly url: string;
  /** A fresh sign-in link. */
  readonly signInUrl: () => string;
  /** Stops within about 12 s; returns how many conversations had to be cut off. */
  readonly stop: () => Promise<number>;
}

export interface ServeParts {
  readonly config: Config;
  readonly inherited: Readonly<Record<string, string>>;
  readonly version: string;
  readonly uiDir: string;
  /** Instead of the one in the data directory: tests look into it, or make it fail. */
  readonly store?: Store;
  readonly log?: Log;
}

export async function serve({
  config,
  inherited,
  version,
  uiDir,
  ...given
}: ServeParts): Promise<Served> {
  const log = given.log ?? createLog(config.logLevel);
  const now = Date.now;
  const dataDir = config.dataDir ?? '.';
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const store = given.store ?? new SqliteStore(join(dataDir, 'greenroom.db'));
  const settings: ClaudeSettings = { ...config, dataDir, inherited };
  const agent = await findAgent(config.claudeBin, settings);

  let port = config.port;
  const origins = () => allowedOrigins(config, port);
  const rules = limitRules(config);
  const limits = (user: string) => limitViews(store, user, rules, now());
  const fanout = new Fanout(store);
  const supervisor = new Supervisor({
    store,
    agent,
    settings,
    maxProcesses: config.maxProcesses,
    processIdleMs: config.processIdleMs,
    log,
    newUuid: randomUUID,
    clock: realClock,
    onFact: (key, fact) => fanout.tell(key, fact),
  });
  const signIns: SignIns = new SignIns(
    {
      secrets: config.cookieSecrets ?? ownSecrets(dataDir),
      secure: config.publicUrl?.protocol === 'https:',
      ttlMs: config.sessionTtlMs,
      maxMs: config.sessionMaxMs,
    },
    store,
    now,
    (signInId, expiresAt) => door.extended(signInId, expiresAt),
  );
  const door: Door = new Door({
    ...config,
    store,
    fanout,
    supervisor,
    signIns,
    rules,
    limits,
    origins,
    agent: agent.info,
    version,
    now,
    newUuid: randomUUID,
    log,
  });
  const codes = new OneTimeCodes(now);
  let draining = false;
  const routes = createRoutes({
    store,
    supervisor,
    signIns,
    codes,
    assets: loadAssets(uiDir),
    forwardAuthSecret: config.forwardAuthSecret,
    agent: agent.info,
    version,
    origins,
    limits,
    isDraining: () => draining,
    diskIsFull: async () => {
      const { bavail, bsize } = await statfs(dataDir);
      return bavail * bsize < ROOM_BYTES;
    },
  });
  const server = createHttpServer(routes, door, log);
  const control = await listenForControl(dataDir, {
    state: async () => ({ pid: process.pid, version, sockets: door.size, ...supervisor.state }),
    login: async () => ({ url: signInUrl() }),
    session: async ({ user, ttlMs }) => {
      const { value } = await signIns.begin(String(user), user === 'local', Number(ttlMs));
      return { value, secure: signIns.rules.secure };
    },
  });
  await listen(server, config);
  port = (server.address() as AddressInfo).port;
  const base =
    config.publicUrl?.origin ??
    new URL(`http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`)
      .origin;
  const url = `${base}/chat/`;
  const signInUrl = () => `${base}/chat/login?code=${codes.issue()}`;
  logStart(log, agent, url);
  // Prompts that were accepted, and whose server went before they began, begin now.
  for (const run of await store.waiting()) await supervisor.prompt(run.key, run);

  const stop = async () => {
    draining = true;
    door.refuseAll();
    const cutOff = await supervisor.stop(STOP_MS);
    await door.close();
    await store.close();
    control.close();
    server.close();
    server.closeAllConnections();
    log.info({ cutOff }, 'stopped');
    return cutOff;
  };
  return { port, url, signInUrl, stop };
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(`CHAT_PORT: port ${port} on ${host} is taken; choose another, or 0 for any`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** A limit that the operator lifted is no rule. */
function limitRules({ maxRequestsPerHour, maxRequestsPerDay }: Config): LimitRule[] {
  const rules = [
    { limit: 'hour' as const, max: maxRequestsPerHour, windowMs: HOUR_MS },
    { limit: 'day' as const, max: maxRequestsPerDay, windowMs: 24 * HOUR_MS },
  ];
  return rules.flatMap((rule) => (rule.max === null ? [] : [{ ...rule, max: rule.max }]));
}

async function limitViews(store: Store, user: string, rules: readonly LimitRule[], now: number) {
  const uses = await store.uses(user, rules, now);
  const view = (limit: string): LimitView => {
    const use = uses.find((entry) => entry.limit === limit);
    return use
      ? { used: use.used, max: use.max, resetAt: use.resetAt }
      : { used: 0, max: null, resetAt: null };
  };
  return { hour: view('hour'), day: view('day'), tokens: view('tokens') };
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

function logStart(log: Log, agent: Agent, url: string): void {
  log.info({ url, agent: agent.info.kind, agentVersion: agent.info.version }, 'listening');
  if (agent.info.notice !== null) log.warn(agent.info.notice);
}

const realClock = {
  now: () => performance.now(),
  setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms),
  clearTimeout: (id: unknown) => clearTimeout(id as NodeJS.Timeout),
};
