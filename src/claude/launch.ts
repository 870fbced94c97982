/**
 * How a Claude process is started: its argument list, directories and environment. User text is never
 * among them: prompts go by stdin only.
 */
import { existsSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type OperatorSettings, operatorArgs, operatorFiles } from './operator.ts';
import { fileBinds, programFiles } from './program-files.ts';
import { type Confinement, confine } from './sandbox.ts';

/** Names the process in its own environment, so that what it leaves behind can be found. */
export const MARKER = 'GREENROOM_PROCESS';

export interface ClaudeSettings extends OperatorSettings {
  readonly dataDir: string;
  readonly claudeConfigDir: string | null;
  readonly workspaceDir: string | null;
  readonly claudeModel: string | null;
  readonly claudeTools: string | null;
  readonly permissionMode: string;
  readonly anthropicApiKey: string | null;
  readonly anthropicAuthToken: string | null;
  readonly claudeOauthToken: string | null;
  readonly anthropicBaseUrl: string | null;
  readonly confinement: Confinement;
  /** What of the server's own environment a child may see; see `inheritable`. */
  readonly inherited: Readonly<Record<string, string>>;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Value of `MARKER`: the data directory, a colon, and an id of this launch. */
  readonly marker: string;
  /** Whether `command` is the sandbox, which tells on fd 3 what it started. */
  readonly boxed?: boolean;
}

export interface UserDirs {
  home: string;
  config: string;
  workspace: string;
}

const INHERITED = [
  'PATH',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
];

/** The allow-list a child's environment is built from: everything else the server has stays with it. */
export function inheritable(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

/** @param user A verified user name, which is safe as one path segment. */
export function userDirs(settings: ClaudeSettings, user: string): UserDirs {
  const own = join(settings.dataDir, 'users', user);
  return {
    home: join(own, 'home'),
    config: settings.claudeConfigDir ?? join(own, 'config'),
    workspace: settings.workspaceDir ?? join(own, 'workspace'),
  };
}

export function childEnv(settings: ClaudeSettings, dirs: UserDirs): Record<string, string> {
  const credentials = {
    ANTHROPIC_API_KEY: settings.anthropicApiKey,
    ANTHROPIC_AUTH_TOKEN: settings.anthropicAuthToken,
    CLAUDE_CODE_OAUTH_TOKEN: settings.claudeOauthToken,
    ANTHROPIC_BASE_URL: settings.anthropicBaseUrl,
  };
  const given = Object.entries(credentials).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    ...settings.inherited,
    ...Object.fromEntries(given),
    HOME: dirs.home,
    CLAUDE_CONFIG_DIR: dirs.config,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    // The fallback would deliver a whole answer at once after a dropped stream; a retry streams again.
    CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
    // 10, the CLI's own, makes a wrong key take three minutes to be told; 4 takes about 8 s.
    CLAUDE_CODE_MAX_RETRIES: '4',
  };
}

/**
 * The launch of one conversation's process; makes the user's directories.
 * @param command The agent's program and its leading arguments.
 * @param id Names this launch among all of this data directory.
 * @param sessionId UUID of the CLI's session: resumed when its transcript exists, else begun.
 */
export function launchClaude(
  settings: ClaudeSettings,
  command: readonly string[],
  user: string,
  sessionId: string,
  id: string,
): Launch {
  const dirs = userDirs(settings, user);
  for (const dir of Object.values(dirs)) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const args = claudeArgs(settings, sessionId, hasTranscript(dirs, sessionId));
  return launchProgram(settings, command, user, args, id);
}

/** Any start of the agent's program as a process of this user's, whose directories exist. */
export function launchProgram(
  settings: ClaudeSettings,
  command: readonly string[],
  user: string,
  args: readonly string[],
  id: string,
): Launch {
  const dirs = userDirs(settings, user);
  const [program = '', ...leading] = command;
  const marker = `${settings.dataDir}:${id}`;
  const launch: Launch = {
    command: program,
    args: [...leading, ...args],
    cwd: dirs.workspace,
    env: { ...childEnv(settings, dirs), [MARKER]: marker },
    marker,
  };
  return confine(launch, settings.confinement, () => ({
    dataDir: settings.dataDir,
    writable: Object.values(dirs),
    readable: [
      ...programFiles(command, settings.inherited.PATH ?? ''),
      ...operatorFiles(settings).flatMap(fileBinds),
    ],
  }));
}

function claudeArgs(settings: ClaudeSettings, sessionId: string, resume: boolean): string[] {
  return [
    '-p',
    ...['--input-format', 'stream-json'],
    ...['--output-format', 'stream-json'],
    '--include-partial-messages',
    '--verbose',
    ...['--permission-prompt-tool', 'stdio'],
    ...['--permission-mode', settings.permissionMode],
    ...(settings.claudeModel === null ? [] : ['--model', settings.claudeModel]),
    ...(settings.claudeTools === null
      ? []
      : ['--tools', settings.claudeTools === 'none' ? '' : settings.claudeTools]),
    ...operatorArgs(settings),
    ...(resume ? ['--resume', sessionId] : ['--session-id', sessionId]),
  ];
}

/** Deletes what the CLI kept of a conversation, of whatever kind: each is named by its session. */
export function forgetTranscript(settings: ClaudeSettings, user: string, sessionId: string): void {
  const { config } = userDirs(settings, user);
  for (const path of globSync([`*/${sessionId}*`, `*/*/${sessionId}*`], { cwd: config }))
    rmSync(join(config, path), { recursive: true, force: true });
}

/** The CLI refuses `--session-id` for a session it knows and `--resume` for one it does not. */
function hasTranscript(dirs: UserDirs, sessionId: string): boolean {
  const project = dirs.workspace.replace(/[^A-Za-z0-9]/g, '-');
  return existsSync(join(dirs.config, 'projects', project, `${sessionId}.jsonl`));
}
