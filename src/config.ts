/**
 * Every setting, once: its name, type, unit, default and bounds. The same table checks the environment,
 * types the configuration and prints `.env.example`, so none of the three can drift from the others.
 */
import { isIP } from 'node:net';
import { CLAUDE_SETTINGS } from './config-claude.ts';
import { EDGE_SETTINGS } from './config-edge.ts';
import { FILE_SETTINGS } from './config-files.ts';
import { LIMIT_SETTINGS } from './config-limits.ts';
import { OPS_SETTINGS } from './config-ops.ts';
import { SIGN_IN_SETTINGS } from './config-sign-in.ts';
import { STORE_SETTINGS } from './config-store.ts';
import {
  ConfigError,
  type Environment,
  httpUrl,
  integer,
  list,
  oneOf,
  origin,
  path,
  Refused,
  readSettings,
  setting,
  wholeNumber,
} from './settings.ts';

/** The settings of this version, in the order `.env.example` shows them. */
export const SETTINGS = {
  host: setting(
    'CHAT_HOST',
    'address to listen on',
    'an IP address or localhost',
    '127.0.0.1',
    '127.0.0.1',
    (raw) => {
      if (raw !== 'localhost' && isIP(raw) === 0) throw new Refused();
      return raw;
    },
  ),
  port: integer('CHAT_PORT', 'port to listen on; 0 picks a free one', 'a port', {
    initial: 8080,
    min: 0,
    max: 65_535,
  }),
  publicUrl: setting<URL | null>(
    'CHAT_PUBLIC_URL',
    'where browsers reach Greenroom; https makes cookies Secure',
    'an http or https URL',
    null,
    null,
    httpUrl,
  ),
  basePath: setting(
    'CHAT_BASE_PATH',
    'path all routes live under',
    'a path such as /chat or /tools/chat, of letters, digits, dots, hyphens and underscores',
    '/chat',
    '/chat',
    (raw) => {
      const isPath = /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(raw);
      if (!isPath || /^\/(health|healthz|readyz|metrics)(\/|$)/.test(raw)) throw new Refused();
      return raw;
    },
  ),
  allowedOrigins: list(
    'CHAT_ALLOWED_ORIGINS',
    'origins that may open a WebSocket; default: the public URL, else loopback with the port',
    'origins such as https://chat.example.org',
    origin,
  ),
  dataDir: path('CHAT_DATA_DIR', 'where Greenroom keeps its files', './.data'),
  dataDirWaitMs: integer(
    'CHAT_DATA_DIR_WAIT_MS',
    'how long to wait for another server on the same data directory to go, alive and not ready meanwhile; 0: refuse to start at once',
    'milliseconds',
    { initial: 0, min: 0, max: 3_600_000 },
  ),
  ...STORE_SETTINGS,
  drainLeadMs: integer<null>(
    'CHAT_DRAIN_LEAD_MS',
    'how long after SIGTERM /readyz says 503 and all else goes on, so that an edge sends people elsewhere: more than two of its health checks; unset: 3000 when something has asked /readyz in the last minute, else 0, so that nobody waits for nobody',
    'milliseconds',
    { initial: null, min: 0, max: 60_000 },
  ),
  drainTurnMs: integer(
    'CHAT_DRAIN_TURN_MS',
    'how long after that running turns may go on; together with the lead and 10 s for the rest it must fit what kills the server (kill_timeout)',
    'milliseconds',
    { initial: 20_000, min: 0, max: 3_600_000 },
  ),
  logLevel: oneOf(
    'CHAT_LOG_LEVEL',
    'least severe log line written to stderr',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
  ),

  ...SIGN_IN_SETTINGS,

  historyDir: path(
    'CHAT_HISTORY_DIR',
    'where `greenroom import` finds the histories of the server that Greenroom replaces',
    null,
  ),
  retentionDays: setting<number | null>(
    'CHAT_RETENTION_DAYS',
    'conversations not used for so long are deleted for good; unset: they are kept',
    'a whole number of days, 1 to 36500',
    null,
    null,
    (raw) => wholeNumber(raw, 1, 36_500),
  ),

  ...CLAUDE_SETTINGS,
  ...FILE_SETTINGS,

  ...LIMIT_SETTINGS,

  maxFrameBytes: integer('CHAT_MAX_FRAME_BYTES', 'largest WebSocket message taken', 'bytes', {
    initial: 1_048_576,
    min: 65_536,
    max: 16_777_216,
  }),
  maxPromptBytes: integer('CHAT_MAX_PROMPT_BYTES', 'longest prompt taken, UTF-8', 'bytes', {
    initial: 32_768,
    min: 1_024,
    max: 1_048_576,
  }),
  ...EDGE_SETTINGS,
  ...OPS_SETTINGS,
};

export type Settings = ReturnType<typeof readSettings<typeof SETTINGS>>;
/** The settings as they were read, and what follows from several of them. */
export type Config = Settings & {
  /** How people sign in: at the forge, or by a link from the terminal of a machine of their own. */
  readonly signIn: 'forge' | 'local';
};

/** Reads and checks every setting. @throws {ConfigError} naming every bad setting at once. */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const settings = readSettings(SETTINGS, env, problems);
  const { oauthClientId, publicUrl, tunnelName } = settings;
  const config: Config = {
    ...settings,
    publicUrl: publicUrl ?? (tunnelName === null ? null : new URL(`https://${tunnelName}`)),
    signIn: oauthClientId === null ? 'local' : 'forge',
  };
  checkTogether(config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** The text of `.env.example`. */
export function envExample(): string {
  const blocks = Object.values(SETTINGS).map(
    ({ env, help, accepts, shown }) =>
      `# ${help}\n# ${accepts}\n${shown === null ? `#${env}=` : `#${env}=${shown}`}\n`,
  );
  return `# Greenroom’s settings. Every one is optional; X_FILE reads X from a file.\n# Made by \`npm run env-example\` from src/config.ts.\n\n${blocks.join('\n')}`;
}

function checkTogether(config: Config, problems: string[]): void {
  if (config.signIn === 'local' && !['127.0.0.1', '::1', 'localhost'].includes(config.host)) {
    problems.push(
      'CHAT_HOST: without CHAT_OAUTH_CLIENT_ID, local sign-in listens on loopback only; accepts 127.0.0.1, ::1 or localhost',
    );
  }
  if (config.signIn === 'forge') {
    const needed = {
      CHAT_OAUTH_CLIENT_SECRET: config.oauthClientSecret,
      FORGE_URL: config.forgeUrl,
      CHAT_ALLOWED_USERS: config.allowedUsers,
      'CHAT_PUBLIC_URL (or EDGE_TUNNEL_FQDN)': config.publicUrl,
    };
    for (const [name, value] of Object.entries(needed))
      if (value === null) problems.push(`${name}: is needed with CHAT_OAUTH_CLIENT_ID`);
  }
  if (config.databaseUrl !== null && config.cookieSecrets === null) {
    problems.push(
      'CHAT_COOKIE_SECRETS: is needed with CHAT_DATABASE_URL, the same for every server that shares the database',
    );
  }
  if (config.databaseUrl === null && config.databaseListenUrl !== null) {
    problems.push('CHAT_DATABASE_LISTEN_URL: is for a database; CHAT_DATABASE_URL is not set');
  }
  if (config.maxPromptBytes * 2 > config.maxFrameBytes) {
    problems.push('CHAT_MAX_PROMPT_BYTES: accepts at most half of CHAT_MAX_FRAME_BYTES');
  }
  if (config.maxRuns !== null && config.maxRuns > config.maxProcesses) {
    problems.push('CHAT_MAX_RUNS: is above CHAT_MAX_PROCESSES; accepts at most that');
  }
  const { claudeModel, claudeModels } = config;
  if (claudeModel !== null && claudeModels !== null && !claudeModels.includes(claudeModel)) {
    problems.push('CHAT_CLAUDE_MODEL: is not in CHAT_CLAUDE_MODELS; accepts one of these');
  }
  // The sandbox shows it to Claude, with all that it holds.
  if (config.workspaceDir !== null && config.workspaceDir === config.dataDir) {
    problems.push('CHAT_WORKSPACE_DIR: is the data directory; accepts any other');
  }
  if (config.claudeConfigDir !== null && config.claudeConfigDir === config.dataDir) {
    problems.push('CLAUDE_CONFIG_DIR: is the data directory; accepts any other');
  }
  if (config.sessionMaxMs < config.sessionTtlMs) {
    problems.push('CHAT_SESSION_MAX_MS: is below CHAT_SESSION_TTL_MS; accepts at least that');
  }
}
