/** What a process sees and can do in the sandbox; the process is a real one. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { ClaudeChild } from '../../src/claude/child.ts';
import { findConfinement } from '../../src/claude/confinement.ts';
import { launchClaude } from '../../src/claude/launch.ts';
import type { Confinement } from '../../src/claude/sandbox.ts';
import { bwrapIsMissing } from '../support/bwrap.ts';
import { gone, node, scripted, settingsIn, tempDir } from './programs.ts';

const skip = bwrapIsMissing() ?? false;
const inherited = { PATH: process.env.PATH ?? '', TMPDIR: '/var/tmp' };
/** R61: nothing is left within 5 s. */
const IN_TIME = { timeout: 5_000 };

const living = new Set<ClaudeChild>();
afterEach(() => {
  for (const child of living) child.kill();
  living.clear();
});

async function boxIn(
  dataDir: string,
  binds: readonly string[] | null = null,
): Promise<Confinement> {
  const asked = { dataDir, sandbox: 'bwrap' as const, sandboxBinds: binds, inherited };
  return (await findConfinement(asked)).confinement;
}

/** A process of `ada` in the sandbox. */
async function startBoxed(
  command: readonly string[],
  given: Parameters<typeof settingsIn>[1] & { dataDir?: string; binds?: string[] } = {},
) {
  const { dataDir = tempDir(), binds = null, ...others } = given;
  const confinement = await boxIn(dataDir, binds);
  const settings = settingsIn(dataDir, { inherited, confinement, ...others });
  const launch = launchClaude(settings, {
    command,
    user: 'ada',
    sessionId: crypto.randomUUID(),
    id: crypto.randomUUID(),
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const child = new ClaudeChild(launch, (read) => {
    lines.push(...read);
    for (const check of waiting) check();
  });
  living.add(child);
  const line = (n: number) =>
    new Promise<string>((resolve) => {
      const check = () => lines[n - 1] !== undefined && resolve(lines[n - 1] ?? '');
      waiting.add(check);
      check();
    });
  return { child, launch, lines, line };
}

/** What a script of a shell prints in the sandbox, one line each. */
async function inside(script: string, given: Parameters<typeof startBoxed>[1] = {}) {
  const { child, lines } = await startBoxed(['/bin/sh', '-c', script, 'sh'], given);
  const { stderrTail } = await child.exited;
  assert.equal(stderrTail, '');
  return lines;
}

/** No other process sleeps so long: tests may run beside each other. */
const newSeconds = () => randomInt(1_000_000, 100_000_000);

/** A shell's script that leaves a process in a session of its own, without a marker, and goes on. */
function leaving(seconds: number): readonly string[] {
  const script = `(setsid env -i sleep ${seconds} >/dev/null 2>&1 &) ; echo up; exec cat`;
  return ['/bin/sh', '-c', script, 'sh'];
}

/** The pid, seen from here, of what it leaves. Each test has its own number of seconds. */
async function leftOver(seconds: number): Promise<number> {
  for (;;) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (command === `sleep\0${seconds}\0`) return Number(pid);
    }
  }
}

describe('the sandbox', { skip, timeout: 60_000 }, () => {
  test('[R54] shows a user’s own directories, and nothing else of the data directory', async () => {
    const dataDir = tempDir();
    const others = join(dataDir, 'users', 'bob', 'workspace');
    mkdirSync(others, { recursive: true });
    for (const file of ['greenroom.db', 'cookie-secret', 'control.sock', 'users/bob/workspace/b'])
      writeFileSync(join(dataDir, file), 'canary');
    const seen = await inside(`find ${dataDir} | sort; cat ${dataDir}/cookie-secret 2>&1`, {
      dataDir,
    });
    const own = [
      '',
      '/users',
      '/users/ada',
      '/users/ada/config',
      '/users/ada/home',
      '/users/ada/workspace',
    ];
    assert.deepEqual(
      seen.slice(0, -1),
      own.map((path) => dataDir + path),
    );
    assert.match(seen.at(-1) ?? '', /No such file/);
  });

  test('[R54] hides the data directory also where it lies in what is shown', async () => {
    const workspace = tempDir();
    const dataDir = join(workspace, '.data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'greenroom.db'), 'canary');
    const seen = await inside(`ls -A ${dataDir}; touch ${workspace}/made && ls ${workspace}`, {
      dataDir,
      workspaceDir: workspace,
    });
    assert.deepEqual(seen, ['users', 'made']);
  });

  test('[R54] gives nothing to write to but the user’s directories and a private /tmp', async () => {
    const script = `for dir in / /usr /etc /dev /tmp "$HOME" "$CLAUDE_CONFIG_DIR" .; do
      touch $dir/probe 2>/dev/null && echo $dir; done; echo "$TMPDIR"`;
    const seen = await inside(script);
    const [tmp, home, config, here, variable] = seen.filter((dir) => dir !== '/dev');
    assert.deepEqual([tmp, here, variable], ['/tmp', '.', '/tmp']);
    assert.ok(home?.endsWith('/users/ada/home') && config?.endsWith('/users/ada/config'));
  });

  test('[R54] leaves no capability, no foreign process and no core file', async () => {
    const [caps, processes, core] = await inside(
      `grep CapBnd /proc/self/status; ls /proc | grep -c '^[0-9]'; ulimit -c`,
    );
    assert.match(caps ?? '', /^CapBnd:\s0+$/);
    assert.ok(Number(processes) < 8, `${processes} processes`);
    assert.equal(core, '0');
  });

  test('[R54] shows no secret in an argument list', async () => {
    const { launch, child } = await startBoxed(node('process.stdin.resume()'), {
      claudeOauthToken: 'canary-token-0123',
    });
    assert.equal(launch.env.CLAUDE_CODE_OAUTH_TOKEN, 'canary-token-0123');
    assert.ok(!launch.args.join(' ').includes('canary'));
    child.kill();
  });

  test('shows what the operator adds, read-only', async () => {
    const extra = tempDir();
    writeFileSync(join(extra, 'file'), 'here');
    const seen = await inside(
      `cat ${extra}/file; echo; touch ${extra}/new 2>/dev/null || echo no`,
      {
        binds: [extra],
      },
    );
    assert.deepEqual(seen, ['here', 'no']);
  });

  test('runs a script found by a link, with its package and its interpreter', async () => {
    const [lib, bin] = [tempDir(), tempDir()];
    writeFileSync(join(lib, 'package.json'), '{"type":"module"}');
    writeFileSync(join(lib, 'part.js'), `export const words = 'whole';`);
    const main = `#!/usr/bin/env node\nimport { words } from './part.js'; console.log(words);`;
    writeFileSync(join(lib, 'main.js'), main, { mode: 0o755 });
    symlinkSync(join(lib, 'main.js'), join(bin, 'claude'));
    const { child, lines } = await startBoxed([join(bin, 'claude')]);
    assert.equal((await child.exited).stderrTail, '');
    assert.deepEqual(lines, ['whole']);
  });

  test('ends by the end of input, as without it', async () => {
    const { child, line } = await startBoxed(
      scripted({ start: [{ raw: 'up\n' }], eof: [{ raw: 'bye\n' }, { exit: 3 }] }),
    );
    await line(1);
    await child.stop();
    assert.equal(await line(2), 'bye');
    assert.equal((await child.exited).code, 3);
  });

  test('[R61] passes SIGTERM on to the program, which may end well', async () => {
    const { child, line } = await startBoxed(
      scripted({ start: [{ raw: 'up\n' }], eof: [], SIGTERM: [{ raw: 'term\n' }, { exit: 4 }] }),
    );
    await line(1);
    await child.stop();
    assert.equal(await line(2), 'term');
    assert.equal((await child.exited).code, 4);
  });

  test('[R61] takes along what hid from every marker, when it is killed', IN_TIME, async () => {
    const seconds = newSeconds();
    const { child, line } = await startBoxed(leaving(seconds));
    await line(1);
    const hidden = await leftOver(seconds);
    child.kill();
    await child.exited;
    await gone(hidden);
  });

  test('[R61] the same when it ends by itself', IN_TIME, async () => {
    const seconds = newSeconds();
    const { child, line } = await startBoxed(leaving(seconds));
    await line(1);
    const hidden = await leftOver(seconds);
    await child.stop();
    await gone(hidden);
  });

  test('[R61] strays can be killed while the program goes on', IN_TIME, async () => {
    const seconds = newSeconds();
    const { child, line } = await startBoxed(leaving(seconds));
    await line(1);
    const hidden = await leftOver(seconds);
    assert.equal(await child.killStrays(), 1);
    await gone(hidden);
    child.write({ still: 'here' });
    assert.equal(await line(2), '{"still":"here"}');
    assert.equal(await child.killStrays(), 0);
  });
});
