/**
 * How a Claude process is started: its argument list, directories and environment. User text is never
 * among them: prompts go by stdin only.
 */
import { existsSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Choice } from '../transport/protocol.ts';
import { type Credentials, subscription } from './credentials.ts';
import { openWorkingDirectory, workingDirectory } from './directory.ts';
import type { Heartbeats } from './heartbeats.ts';
import { type Keeper, kept } from './keeper.ts';
import { type OperatorSettings, operatorArgs, operatorFiles } from './operator.ts';
import type { Origin } from './origin.ts';
import { fileBinds, programFiles } from './program-files.ts';
import { type Confinement, confine } from './sandbox.ts';

/** Names the process in its own environment, so that what it leaves behind can be found. */
export const MARKER = 'GREENROOM_PROCESS';

/** Every conversation until its user chooses. */
export const NOTHING_CHOSEN: Choice = { model: null, effort: null, repository: null };

export interface ClaudeSettings extends OperatorSettings {
  readonly dataDir: string;
  /** Where users' own directories are; by default in the data directory. */
  readonly usersDir?: string | null;
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
  /** Ends what this server may run no more, where servers share a database. */
  readonly keeper?: Keeper;
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
  /** What its session must be told before the first prompt, because it knows nothing of what was said. */
  readonly seed: string | null;
  /** The process has gone, and all it left behind. */
  readonly onGone?: () => void;
  /** Whether `command` is the sandbox, which tells on fd 3 what it started. */
  readonly boxed?: boolean;
  /** What its keeper is to hear, where it has one. */
  readonly heartbeats?: Heartbeats;
}

export interface UserDirs {
  home: string;
  config: string;
  workspace: string;
}

const NOWHERE: Origin = { fork: null, seed: null };

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

/** What says where a user's directories are. */
type Places = Pick<ClaudeSettings, 'dataDir' | 'usersDir' | 'claudeConfigDir' | 'workspaceDir'>;

/** All users' own directories. */
export function usersDirOf({ dataDir, usersDir }: Pick<Places, 'dataDir' | 'usersDir'>): string {
  return usersDir ?? join(dataDir, 'users');
}

/** @param user A verified user name, which is safe as one path segment. */
export function userDirs(settings: Places, user: string): UserDirs {
  const own = join(usersDirOf(settings), user);
  return {
    home: join(own, 'home'),
    config: settings.claudeConfigDir ?? join(own, 'config'),
    workspace: settings.workspaceDir ?? join(own, 'workspace'),
  };
}

export function childEnv(
  settings: ClaudeSettings,
  dirs: UserDirs,
  credentials = subscription(settings).env,
): Record<string, string> {
  return {
    ...settings.inherited,
    ...credentials,
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

export interface LaunchParts {
  /** The agent's program and its leading arguments. */
  readonly command: readonly string[];
  readonly user: string;
  /** UUID of the CLI's session: resumed when its transcript exists, else begun at `origin`. */
  readonly sessionId: string;
  /** Names this launch among all of this data directory. */
  readonly id: string;
  readonly origin?: Origin | undefined;
  /** Revoked once the process has gone; by default the subscription's. */
  readonly credentials?: Credentials;
  /** What the conversation is set to; checked against what is on offer. */
  readonly choice?: Choice;
}

/** The launch of one conversation's process; makes the user's directories. */
export function launchClaude(settings: ClaudeSettings, parts: LaunchParts): Launch {
  const { user, sessionId, origin = NOWHERE, choice = NOTHING_CHOSEN } = parts;
  const dirs = userDirs(settings, user);
  for (const dir of Object.values(dirs)) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const cwd = openWorkingDirectory(dirs.workspace, choice.repository);
  const known = hasTranscript({ config: dirs.config, cwd }, sessionId);
  const args = [...claudeArgs(settings, choice), ...sessionArgs(sessionId, known, origin.fork)];
  const launch = launchProgram(settings, { ...parts, args, cwd });
  return { ...launch, seed: known || origin.fork ? null : origin.seed };
}

export interface ProgramParts extends Pick<LaunchParts, 'command' | 'user' | 'id' | 'credentials'> {
  readonly args: readonly string[];
  /** By default the user's workspace. */
  readonly cwd?: string;
}

/** Any start of the agent's program as a process of this user's, whose directories exist. */
export function launchProgram(settings: ClaudeSettings, parts: ProgramParts): Launch {
  const { command, user, args, id, credentials = subscription(settings) } = parts;
  const dirs = userDirs(settings, user);
  const [program = '', ...leading] = command;
  const marker = `${settings.dataDir}:${id}`;
  const launch: Launch = {
    command: program,
    args: [...leading, ...args],
    cwd: parts.cwd ?? dirs.workspace,
    env: { ...childEnv(settings, dirs, credentials.env), [MARKER]: marker },
    marker,
    seed: null,
    onGone: credentials.revoke,
  };
  const confined = confine(launch, settings.confinement, () => ({
    dataDir: settings.dataDir,
    writable: Object.values(dirs),
    readable: [
      ...programFiles(command, settings.inherited.PATH ?? ''),
      ...operatorFiles(settings).flatMap(fileBinds),
    ],
  }));
  return kept(confined, settings.keeper);
}

function claudeArgs(settings: ClaudeSettings, choice: Choice): string[] {
  const model = choice.model ?? settings.claudeModel;
  return [
    '-p',
    ...['--input-format', 'stream-json'],
    ...['--output-format', 'stream-json'],
    '--include-partial-messages',
    '--verbose',
    '--forward-subagent-text',
    ...['--permission-prompt-tool', 'stdio'],
    ...['--permission-mode', settings.permissionMode],
    ...(model === null ? [] : ['--model', model]),
    ...(choice.effort === null ? [] : ['--effort', choice.effort]),
    ...(settings.claudeTools === null
      ? []
      : ['--tools', settings.claudeTools === 'none' ? '' : settings.claudeTools]),
    ...operatorArgs(settings),
  ];
}

/** The CLI refuses `--session-id` for a session it knows and `--resume` for one it does not. */
function sessionArgs(sessionId: string, known: boolean, fork: Origin['fork']): string[] {
  if (known) return ['--resume', sessionId];
  if (fork === null) return ['--session-id', sessionId];
  return [
    ...['--resume', fork.sessionId, '--fork-session', '--session-id', sessionId],
    ...['--resume-session-at', fork.at],
  ];
}

/** Deletes what the CLI kept of a conversation, of whatever kind: each is named by its session. */
export function forgetTranscript(settings: Places, user: string, sessionId: string): void {
  const { config } = userDirs(settings, user);
  for (const path of globSync([`*/${sessionId}*`, `*/*/${sessionId}*`], { cwd: config }))
    rmSync(join(config, path), { recursive: true, force: true });
}

/** Where the CLI keeps the transcripts of what is said in one directory. */
export interface TranscriptPlace {
  /** Its configuration directory. */
  readonly config: string;
  readonly cwd: string;
}

/** @param repository What the conversation began on. */
export function transcriptPlace(
  settings: ClaudeSettings,
  user: string,
  repository: string | null,
): TranscriptPlace {
  const { config, workspace } = userDirs(settings, user);
  return { config, cwd: workingDirectory(workspace, repository) };
}

export function hasTranscript(place: TranscriptPlace, sessionId: string): boolean {
  return existsSync(transcriptFile(place, sessionId));
}

export function transcriptFile({ config, cwd }: TranscriptPlace, sessionId: string): string {
  const project = cwd.replace(/[^A-Za-z0-9]/g, '-');
  return join(config, 'projects', project, `${sessionId}.jsonl`);
}
