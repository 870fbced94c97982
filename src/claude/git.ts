/**
 * Git as the server runs it: without any configuration but what is said here. It asks nobody anything, speaks
 * http alone, follows no redirect, runs no hook and fetches no submodule; a token is in its environment only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface GitSettings {
  /** What git may see of the server's environment. */
  readonly inherited: Readonly<Record<string, string>>;
  /** The `Authorization` header for all below `url`. */
  readonly authorization: { readonly url: string; readonly header: string } | null;
}

const OPTIONS = [
  'core.hooksPath=/dev/null',
  'protocol.allow=never',
  'protocol.http.allow=always',
  'protocol.https.allow=always',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=30',
  'credential.helper=',
  'maintenance.auto=false',
  'gc.auto=0',
];

/**
 * Runs git, and all it starts, until it ends or `signal` ends it. Resolves to what it printed.
 * @throws When it could not be started, failed or was ended.
 */
export async function git(
  settings: GitSettings,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn('git', [...OPTIONS.flatMap((option) => ['-c', option]), ...args], {
    env: gitEnv(settings),
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true, // a group of its own, so that its helpers end with it
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-PRINTED_MAX);
  });
  const end = () => child.pid !== undefined && killGroup(child.pid);
  signal.addEventListener('abort', end, { once: true });
  try {
    const [code] = await once(child, 'close'); // throws where it could not be started
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}`);
    return printed;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

const PRINTED_MAX = 4_096;

function gitEnv({ inherited, authorization }: GitSettings): Record<string, string> {
  const ca = inherited.SSL_CERT_FILE;
  return {
    PATH: inherited.PATH ?? '',
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_LFS_SKIP_SMUDGE: '1',
    ...(ca !== undefined && { GIT_SSL_CAINFO: ca }),
    ...(authorization !== null && {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${authorization.url}.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: ${authorization.header}`,
    }),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {} // it has gone
}
