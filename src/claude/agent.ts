/**
 * Which program answers: the one `CHAT_CLAUDE_BIN` names, else `claude` on PATH, else the pinned package,
 * else, when none of these is there and signed in, the demo agent.
 */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AgentInfo } from '../transport/protocol.ts';
import { type Credentials, subscription } from './credentials.ts';
import { type ClaudeSettings, childEnv, userDirs } from './launch.ts';

const run = promisify(execFile);

/** `auth status` and `--version` answer well under a second; a program that hangs is not the CLI. */
const PROBE_MS = 10_000;

export interface Agent {
  /** Program and leading arguments. */
  readonly command: readonly string[];
  readonly info: AgentInfo;
}

export const DEMO_COMMAND: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('./demo-agent.ts', import.meta.url)),
];

/**
 * @param bin `CHAT_CLAUDE_BIN`: a path, a name on PATH, `demo` or null. A given program is used as it is,
 *   signed in or not: its own words then tell the user what is missing.
 * @param credentials For the program while it is asked who it is.
 * @throws When a given program is not there.
 */
export async function findAgent(
  bin: string | null,
  settings: ClaudeSettings,
  credentials = subscription(settings),
): Promise<Agent> {
  if (bin === 'demo') return demo('CHAT_CLAUDE_BIN is set to demo. Unset it to talk to Claude.');
  if (bin !== null) {
    const path = await executable(bin, settings);
    if (path === null) throw new Error(`CHAT_CLAUDE_BIN: there is no program at ${bin}`);
    return claude(path, settings, credentials);
  }
  for (const path of [await executable('claude', settings), await pinned()]) {
    if (path !== null && (await isSignedIn(path, settings, credentials)))
      return claude(path, settings, credentials);
  }
  return demo(
    'Claude Code is not installed or not signed in on this server. Set ANTHROPIC_API_KEY, or sign in with ' +
      '`claude auth login` under the CLAUDE_CONFIG_DIR you give Greenroom, and restart.',
  );
}

async function claude(
  path: string,
  settings: ClaudeSettings,
  credentials: Credentials,
): Promise<Agent> {
  const version = await probe(path, ['--version'], settings, credentials);
  return {
    command: [path],
    info: {
      kind: 'claude',
      model: settings.claudeModel,
      version: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? null,
      notice: null,
    },
  };
}

function demo(why: string): Agent {
  const notice = `This is the demo agent: it shows the page at work and knows nothing. ${why}`;
  return { command: DEMO_COMMAND, info: { kind: 'demo', model: 'demo', version: null, notice } };
}

/** Whether the CLI says it has an account; with the credentials that a process of a user's would have. */
export async function isSignedIn(
  path: string,
  settings: ClaudeSettings,
  credentials: Credentials = subscription(settings),
): Promise<boolean> {
  const status = await probe(path, ['auth', 'status'], settings, credentials);
  try {
    return (JSON.parse(status) as { loggedIn?: unknown }).loggedIn === true;
  } catch {
    return false;
  }
}

/** What the program prints, or '' when it fails; asked as the local user's process would be. */
async function probe(
  path: string,
  args: readonly string[],
  settings: ClaudeSettings,
  credentials: Credentials,
): Promise<string> {
  const dirs = userDirs(settings, 'local');
  await mkdir(dirs.home, { recursive: true, mode: 0o700 });
  try {
    const env = childEnv(settings, dirs, credentials.env);
    return (await run(path, args, { env, timeout: PROBE_MS })).stdout;
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? '';
  }
}

/** Where a program is that is given by its path or its name on PATH; null: nowhere. */
export async function executable(
  name: string,
  settings: Pick<ClaudeSettings, 'inherited'>,
): Promise<string | null> {
  const given = isAbsolute(name) || name.includes('/');
  const dirs = (settings.inherited.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  for (const path of given ? [resolve(name)] : dirs.map((dir) => join(dir, name))) {
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function pinned(): Promise<string | null> {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      '@anthropic-ai/claude-code/package.json',
    );
    const path = join(dirname(manifest), 'bin', 'claude.exe');
    return (await isExecutable(path)) ? path : null;
  } catch {
    return null;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
