/** The checks of `greenroom doctor`, a row each: about the machine, and about a server with these settings. */
import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { type Agent, isSignedIn } from '../claude/agent.ts';
import type { FoundConfinement } from '../claude/confinement.ts';
import { versionInPlace } from '../claude/examine.ts';
import { type ClaudeSettings, usersDirOf } from '../claude/launch.ts';
import { markedProcesses } from '../claude/marked-processes.ts';
import type { Config } from '../config.ts';
import { askIfRunning } from '../transport/control.ts';
import { sharedSettings } from './data-dir.ts';
import { type Check, type Finding, fail, ok, warn } from './findings.ts';

/** With less the store may refuse anything soon. */
const ROOM_BYTES_MIN = 1024 ** 2;
const ROOM_BYTES_WANTED = 1024 ** 3;

/** What a server with these settings would run with; each is found when it is first asked for. */
export interface ServerSubject {
  readonly config: Config;
  readonly dataDir: () => string;
  readonly confinement: () => Promise<FoundConfinement>;
  readonly settings: () => Promise<ClaudeSettings>;
  readonly agent: () => Promise<Agent>;
  /** The version of the CLI this version is tested with. */
  readonly pinned: string;
}

export const MACHINE_CHECKS: readonly Check<{ uid: number | null }>[] = [
  {
    name: 'user',
    why: 'what Claude runs has the rights of the server’s user, root’s included where there is no sandbox',
    run: ({ uid }) =>
      uid === 0
        ? warn('runs as root', 'run it as a user of its own')
        : ok(`runs as uid ${uid ?? 'unknown'}`),
  },
  {
    name: 'leftovers',
    why: 'a process that outlived its server still works, spends and holds its conversation',
    run: leftovers,
  },
];

export const SERVER_CHECKS: readonly Check<ServerSubject>[] = [
  {
    name: 'data directory',
    why: 'conversations, sign-ins and Claude’s own files are kept there, for the server’s user alone',
    run: ({ dataDir }) => dataDirectory(dataDir()),
  },
  {
    name: 'agent',
    why: 'another version of Claude Code than the tested one may say things that are not understood',
    run: agentAndVersion,
  },
  {
    name: 'account',
    why: 'without one every prompt ends in an error of the API',
    run: account,
  },
  {
    name: 'sandbox',
    why: 'without it what Claude runs sees all that the server’s user sees, and a process that clears its environment may outlive its conversation, its server and every sweep',
    run: sandbox,
  },
  {
    name: 'limits',
    why: 'without them a core file may hold what was said, and one file may fill the disk',
    run: async ({ confinement }) => {
      const { limits } = (await confinement()).confinement;
      return limits.length === 0
        ? warn('prlimit is not installed or does not work', 'install prlimit (util-linux)')
        : ok(limits.slice(1).join(' '));
    },
  },
  {
    name: 'sharing',
    why: 'users who share Claude’s configuration or a workspace read each other’s conversations and files',
    run: sharing,
  },
];

async function leftovers(): Promise<Finding> {
  const marked = (await markedProcesses()).flatMap(({ pid, dataDir }) =>
    dataDir === null ? [] : [{ pid, dataDir }],
  );
  const dirs = [...new Set(marked.map(({ dataDir }) => dataDir))];
  const isHeld = async (dir: string) =>
    // One that answers badly is there all the same.
    (await askIfRunning(dir, 'state', {}).catch(() => ({}))) !== null;
  const held = await Promise.all(dirs.map(isHeld));
  const left = marked.filter(({ dataDir }) => !held[dirs.indexOf(dataDir)]);
  if (left.length === 0) return ok('none');
  const where = [...new Set(left.map(({ dataDir }) => dataDir))].join(', ');
  return warn(
    `pids ${left.map(({ pid }) => pid).join(', ')} of servers that are gone, on ${where}`,
    'start a server on that directory, which ends them, or kill them',
  );
}

async function dataDirectory(dir: string): Promise<Finding> {
  await access(dir, constants.W_OK | constants.X_OK);
  const { mode } = await stat(dir);
  const { bavail, bsize } = await statfs(dir);
  const room = bavail * bsize;
  const found = `${dir}, mode ${(mode & 0o777).toString(8)}, ${Math.floor(room / 1024 ** 2)} MiB free`;
  if (room < ROOM_BYTES_MIN) return fail(found, 'make room on its disk');
  // Whoever reads it has the key that signs cookies; whoever writes in it can put one there.
  if ((mode & 0o027) !== 0) return fail(found, `chmod 700 ${dir}`);
  if ((mode & 0o077) !== 0) return warn(found, `chmod 700 ${dir}`);
  return room < ROOM_BYTES_WANTED ? warn(found, 'make room on its disk') : ok(found);
}

async function agentAndVersion({ agent, settings, pinned }: ServerSubject): Promise<Finding> {
  const { command, info } = await agent();
  if (info.kind === 'demo')
    return warn('the demo agent', 'set ANTHROPIC_API_KEY, or sign in under CLAUDE_CONFIG_DIR');
  const { line, words } = await versionInPlace(await settings(), command);
  if (line === null)
    return fail(
      `${command.join(' ')} does not tell its version where it is to run: ${words}`,
      'give CHAT_CLAUDE_BIN another program, or add what it needs to CHAT_SANDBOX_BINDS',
    );
  const found = `${command.join(' ')}, version ${info.version ?? line}`;
  if (info.version === pinned) return ok(found);
  return warn(`${found}; tested with ${pinned}`, `install version ${pinned}, or watch the log`);
}

async function account({ config, agent, settings }: ServerSubject): Promise<Finding> {
  const { command, info } = await agent();
  if (info.kind === 'demo') return ok('the demo agent needs none');
  const given = Object.entries({
    ANTHROPIC_API_KEY: config.anthropicApiKey,
    ANTHROPIC_AUTH_TOKEN: config.anthropicAuthToken,
    CLAUDE_CODE_OAUTH_TOKEN: config.claudeOauthToken,
  }).flatMap(([name, value]) => (value === null ? [] : [name]));
  if (given.length > 0) return ok(`${given.join(' and ')} given`);
  if (await isSignedIn(command[0] ?? '', await settings())) return ok('signed in');
  return fail(
    'not signed in, and no key given',
    'set ANTHROPIC_API_KEY, or run `claude auth login` under the CLAUDE_CONFIG_DIR you give Greenroom',
  );
}

async function sandbox({ config, confinement }: ServerSubject): Promise<Finding> {
  const found = await confinement();
  const words = `asked for ${config.sandbox}, in force ${found.confinement.sandbox}`;
  if (found.confinement.sandbox === 'bwrap')
    return ok(
      `${words}; the network is shared: services on loopback without a password are in reach`,
    );
  if (config.sandbox === 'none') return warn(words, 'set CHAT_SANDBOX to auto or bwrap');
  const mend = 'install bubblewrap, and let this user make user namespaces';
  return (config.sandbox === 'bwrap' ? fail : warn)(`${words}: ${found.why}`, mend);
}

async function sharing({ config, dataDir }: ServerSubject): Promise<Finding> {
  const users = await readdir(usersDirOf({ ...config, dataDir: dataDir() })).catch(() => []);
  const shared = sharedSettings(config);
  if (shared.length === 0) return ok('nothing is shared');
  const found = `${shared.join(' and ')}, shared by ${users.length} users so far`;
  return users.length > 1
    ? warn(found, `unset ${shared.join(' and ')}, so that each user has their own`)
    : ok(found);
}
