/**
 * Every setting, once: its name, type, unit, default and bounds. The same table checks the environment,
 * types the configuration and prints `.env.example`, so none of the three can drift from the others.
 */
import { isIP } from 'node:net';
import { CLAUDE_SETTINGS } from './config-claude.ts';
import { EDGE_SETTINGS } from './config-edge.ts';
import { FILE_SETTINGS } from './config-files.ts';
import { LIMIT_SETTINGS } from './config-limits.ts';
import {
  ConfigError,
  checkSecret,
  type Environment,
  httpUrl,
  integer,
  list,
  oneOf,
  origin,
  path,
  Refused,
  readSettings,
  secret,
  setting,
  TIMER_MAX_MS,
  wholeNumber,
} from './settings.ts';

const DAY_MS = 86_400_000;

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
    '/chat (the only one so far)',
    '/chat',
    '/chat',
    (raw) => {
      if (raw !== '/chat') throw new Refused();
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

  cookieSecrets: list(
    'CHAT_COOKIE_SECRETS',
    'cookie signing keys: the first signs, all verify; made and kept in the data directory when unset',
    'secrets of at least 32 bytes',
    (raw) => checkSecret(raw, 32),
  ),
  sessionTtlMs: integer(
    'CHAT_SESSION_TTL_MS',
    'a sign-in ends after this long without use',
    'milliseconds',
    { initial: 12 * 3_600_000, min: 1_000, max: TIMER_MAX_MS },
  ),
  sessionMaxMs: integer(
    'CHAT_SESSION_MAX_MS',
    'a sign-in ends after this long in any case',
    'milliseconds',
    { initial: 7 * DAY_MS, min: 1_000, max: TIMER_MAX_MS },
  ),
  forwardAuthSecret: secret(
    'FORWARD_AUTH_SECRET',
    'what the edge sends as X-Forward-Auth-Secret; unset: not asked for',
    16,
  ),

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
};

export type Config = ReturnType<typeof readSettings<typeof SETTINGS>>;

/** Reads and checks every setting. @throws {ConfigError} naming every bad setting at once. */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const config = readSettings(SETTINGS, env, problems);
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
  if (!['127.0.0.1', '::1', 'localhost'].includes(config.host)) {
    problems.push(
      'CHAT_HOST: local sign-in listens on loopback only; accepts 127.0.0.1, ::1 or localhost',
    );
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
