/** `greenroom doctor`: whether this machine and these settings make a server that works and is safe. */
import { findAgent } from '../claude/agent.ts';
import { findConfinement } from '../claude/confinement.ts';
import type { ClaudeSettings } from '../claude/launch.ts';
import { type Config, readConfig } from '../config.ts';
import { ConfigError, type Environment } from '../settings.ts';
import { MACHINE_CHECKS, SERVER_CHECKS, type ServerSubject } from './checks.ts';
import { dataDirOf } from './data-dir.ts';
import { DATABASE_CHECKS, databaseSubject } from './database-checks.ts';
import { EXPOSURE_CHECKS } from './exposure-checks.ts';
import { fail, inWords, ok, runChecks, type Told } from './findings.ts';
import { UsageError } from './usage.ts';

/** Where Caddy listens for its operator, unless it is told otherwise. */
const CADDY_ADMIN = 'http://127.0.0.1:2019';

export interface DoctorParts {
  readonly env: Environment;
  readonly inherited: Readonly<Record<string, string>>;
  readonly uid: number | null;
  readonly pinned: string;
}

/** @returns What to print, and whether no check failed. The data directory is made, as `serve` would. */
export async function doctor(
  parts: DoctorParts,
  args: readonly string[],
): Promise<{ text: string; healthy: boolean }> {
  if (args.some((arg) => arg !== '--json')) throw new UsageError('doctor takes --json alone');
  const told = await examine(parts);
  const healthy = told.every(({ state }) => state !== 'fail');
  const json = args.includes('--json');
  return {
    text: json ? JSON.stringify({ healthy, checks: told }, null, 2) : inWords(told),
    healthy,
  };
}

async function examine(parts: DoctorParts): Promise<Told[]> {
  const { config, told } = readSettings(parts.env);
  const machine = await runChecks(MACHINE_CHECKS, parts);
  const server = config === null ? [] : await runChecks(SERVER_CHECKS, subjectOf(config, parts));
  const exposure =
    config === null
      ? []
      : await runChecks(EXPOSURE_CHECKS, {
          config,
          inEnvironment: (name) => Boolean(parts.env[name]),
          adminUrl: CADDY_ADMIN,
        });
  const database = await examineEngine(config, parts);
  return [told, ...server, ...database, ...exposure, ...machine];
}

async function examineEngine(config: Config | null, { inherited }: DoctorParts): Promise<Told[]> {
  if (!config?.databaseUrl) return [];
  const { databaseUrl } = config;
  return runChecks(DATABASE_CHECKS, databaseSubject({ ...config, databaseUrl }, inherited));
}

/** All that is wrong at once; the checks of a server are left out then. */
function readSettings(env: Environment): { config: Config | null; told: Told } {
  const row = { name: 'configuration', why: 'the server does not start with one that is bad' };
  try {
    return { config: readConfig(env), told: { ...row, ...ok('every setting is accepted') } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const finding = fail(error.problems.join('; '), 'set what is named to what it accepts');
    return { config: null, told: { ...row, ...finding } };
  }
}

function subjectOf(config: Config, { inherited, pinned }: DoctorParts): ServerSubject {
  const dataDir = once(() => dataDirOf(config));
  // What is asked for and does not work is a finding here, and no reason to end.
  const asked = config.sandbox === 'bwrap' ? 'auto' : config.sandbox;
  const confinement = once(() =>
    findConfinement({ ...config, sandbox: asked, dataDir: dataDir(), inherited }),
  );
  const settings = once(async (): Promise<ClaudeSettings> => {
    const { confinement: found } = await confinement();
    return { ...config, dataDir: dataDir(), inherited, confinement: found };
  });
  const agent = once(async () => findAgent(config.claudeBin, await settings()));
  return { config, dataDir, confinement, settings, agent, pinned };
}

function once<T>(find: () => T): () => T {
  let found: { value: T } | null = null;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
