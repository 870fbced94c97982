import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { ClaudeChild } from '../../src/claude/child.ts';
import { inheritable, launchClaude, MARKER } from '../../src/claude/launch.ts';
import { sweep } from '../../src/claude/stop.ts';
import {
  environOf,
  gone,
  launchOf,
  lives,
  node,
  scripted,
  settingsIn,
  tempDir,
} from './programs.ts';

/** R61: nothing is left within 5 s. */
const IN_TIME = { timeout: 5_000 };

/** A test that fails leaves no process behind. */
const living = new Set<ClaudeChild>();
afterEach(() => {
  for (const child of living) child.kill();
  living.clear();
});

/** A child whose lines are kept, and can be waited for. */
function startChild(command: readonly string[], env: Record<string, string> = {}) {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const child = new ClaudeChild(launchOf(command, env), (read) => {
    lines.push(...read);
    for (const check of waiting) check();
  });
  living.add(child);
  const line = (n: number) =>
    new Promise<string>((resolve) => {
      const check = () => {
        const found = lines[n - 1];
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return { child, lines, line };
}

test('lines arrive in order, the last one also without a newline', async () => {
  const source = `for (let i = 0; i < 5000; i++) process.stdout.write(i + '\\n');
    process.stdout.write('end ');
    setImmediate(() => process.stdout.write('of words'));`;
  const { child, lines } = startChild(node(source));
  const exit = await child.exited;
  assert.deepEqual(exit, { code: 0, signal: null, startError: null, stderrTail: '' });
  const numbers = Array.from({ length: 5_000 }, (_, i) => String(i));
  assert.deepEqual(lines, [...numbers, 'end of words']);
});

test('a message written is one line of JSON, whatever its text holds', async () => {
  const source = `process.stdin.pipe(process.stdout)`;
  const { child, lines } = startChild(node(source));
  const message = { text: 'a\nb\r\u2028\u0000"\\😀' };
  child.write(message);
  child.write({ n: 2 });
  await child.stop();
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [message, { n: 2 }],
  );
});

test('a program that is not there is a failed start, told by its code', async () => {
  const { child, lines } = startChild(['/nonexistent/claude']);
  assert.equal(child.pid, undefined);
  child.write({ never: 'read' });
  assert.equal((await child.exited).startError, 'ENOENT');
  assert.deepEqual(lines, []);
});

test('a program that may not be run is a failed start', async () => {
  const { child } = startChild([tempDir()]);
  assert.equal((await child.exited).startError, 'EACCES');
});

test('no free descriptor is a failed start, and no more than that', () => {
  const source = new URL('../../src/claude/child.ts', import.meta.url).href;
  const script = `
    import { openSync } from 'node:fs';
    import { ClaudeChild } from ${JSON.stringify(source)};
    try { for (;;) openSync('/dev/null'); } catch {}
    const child = new ClaudeChild({ command: '/bin/true', args: [], cwd: '/', env: {}, marker: 'none' }, () => {});
    child.exited.then((exit) => process._rawDebug(exit.startError));`;
  const limited = ['-c', 'ulimit -n 100; exec "$0" --input-type=module -e "$1"'];
  const { stderr, status } = spawnSync('sh', [...limited, process.execPath, script]);
  assert.deepEqual([String(stderr).trim(), status], ['EMFILE', 0]);
});

test('the exit code and the end of stderr are told', async () => {
  const source = `process.stderr.write('x'.repeat(5000) + '\\nlast words'); process.exitCode = 3;`;
  const exit = await startChild(node(source)).child.exited;
  assert.equal(exit.code, 3);
  assert.ok(exit.stderrTail.endsWith('\nlast words'));
  assert.ok(exit.stderrTail.length <= 2_000);
});

test('a process that was killed tells the signal', async () => {
  const { child, line } = startChild(scripted({ start: [{ raw: 'up\n' }] }));
  await line(1);
  child.kill();
  assert.deepEqual(await child.exited, {
    code: null,
    signal: 'SIGKILL',
    startError: null,
    stderrTail: '',
  });
});

test('writing to a process that has gone does not throw', async () => {
  const { child } = startChild(node(''));
  child.write({ to: 'nobody' });
  await child.exited;
  child.write({ to: 'nobody' });
  await child.stop();
});

test('a stop is the end of input for a process that heeds it', async () => {
  const { child, line } = startChild(
    scripted({ start: [{ raw: 'up\n' }], eof: [{ raw: 'bye\n' }, { exit: 0 }] }),
  );
  await line(1);
  await child.stop();
  assert.deepEqual(await line(2), 'bye');
  assert.equal((await child.exited).code, 0);
});

test('a process that heeds neither end of input nor SIGTERM is killed', async () => {
  const { child, line, lines } = startChild(
    scripted({ start: [{ raw: 'up\n' }], eof: [{ raw: 'eof\n' }], SIGTERM: [{ raw: 'term\n' }] }),
  );
  await line(1);
  await child.stop();
  assert.deepEqual(lines, ['up', 'eof', 'term']);
  assert.equal((await child.exited).signal, 'SIGKILL');
});

test('[R61] what a process leaves behind in a session of its own is killed', IN_TIME, async () => {
  const source = `import { spawn, spawnSync } from 'node:child_process';
    const left = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    left.unref();
    process.stdout.write(left.pid + '\\n');`;
  const { child, line } = startChild(node(source), { PATH: process.env.PATH ?? '' });
  const pid = Number(await line(1));
  await child.exited;
  await gone(pid);
});

test(
  '[R61] what a process leaves behind is killed as well when it was killed itself',
  IN_TIME,
  async () => {
    const source = `import { spawn, spawnSync } from 'node:child_process';
    const left = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    process.stdout.write(left.pid + '\\n');
    setInterval(() => {}, 1000);`;
    const { child, line } = startChild(node(source), { PATH: process.env.PATH ?? '' });
    const pid = Number(await line(1));
    child.kill();
    await child.exited;
    await gone(pid);
  },
);

test('a sweep kills its own marker’s processes and no others', async () => {
  const start = (marker: string) =>
    spawn('sleep', ['1000'], { env: { ...process.env, [MARKER]: marker }, stdio: 'ignore' });
  const [mine, other] = [start('/sweep-test:1'), start('/sweep-test:11')];
  await Promise.all([mine, other].map((p) => new Promise((resolve) => p.once('spawn', resolve))));
  const gone = new Promise((resolve) => mine.once('exit', (_, signal) => resolve(signal)));
  assert.equal(await sweep('/sweep-test:1'), 1);
  assert.equal(await gone, 'SIGKILL');
  assert.equal(await sweep('/sweep-test:1'), 0);
  assert.equal(await lives(other.pid ?? 0), true);
  other.kill('SIGKILL');
});

test('a process whose background child keeps its stdout open still ends', async () => {
  // A child that cleared its environment is found by no sweep, so it holds the pipe until the test ends it.
  const source = `import { spawn, spawnSync } from 'node:child_process';
    const left = spawn('/bin/sleep', ['1000'], { detached: true, env: {}, stdio: ['ignore', 1, 'ignore'] });
    left.unref();
    process.stdout.write(left.pid + '\\n');`;
  const { child, line } = startChild(node(source));
  const pid = Number(await line(1));
  try {
    assert.equal((await child.exited).code, 0);
    assert.equal(await lives(pid), true);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

test('lines that are still in the pipe when the process exits are read', async () => {
  const source = `const { writeSync } = await import('node:fs');
    writeSync(1, 'x'.repeat(60000) + '\\nlast\\n');
    process.kill(process.pid, 'SIGKILL');`;
  const { child, lines } = startChild(node(source));
  await child.exited;
  assert.equal(lines.at(-1), 'last');
});

/** Prints numbered lines as fast as they are taken, until it is told to stop; then says so and ends. */
const FLOOD = node(`const { writeSync } = await import('node:fs');
  const end = process.argv.at(-1);
  for (let i = 0; i < Number(end); i++) writeSync(1, 'x'.repeat(1000) + ' ' + i + '\\n');`);

test('[R12] a paused process waits in its writes, and goes on where it stopped', async () => {
  const paused = startChild([...FLOOD, '3000']);
  await paused.line(1);
  paused.child.pause();
  const read = paused.lines.length;
  await new Promise((resolve) => paused.child.pid && blocked(paused.child.pid).then(resolve));
  // What a stream holds for its reader is given out when it resumes, and not before.
  assert.ok(paused.lines.length === read, `${paused.lines.length - read} lines came while paused`);
  paused.child.resume();
  assert.equal((await paused.child.exited).code, 0);
  assert.deepEqual(
    paused.lines.map((line) => Number(line.slice(1_001))),
    Array.from({ length: 3_000 }, (_, i) => i),
  );
});

test('[R12] what a process wrote before it went is read, paused or not', async () => {
  const { child, lines, line } = startChild(
    scripted({ start: [{ raw: 'first\n' }], go: [{ raw: 'second\nthird' }, { exit: 3 }] }),
  );
  await line(1);
  child.pause();
  child.write({ type: 'go' });
  assert.equal((await child.exited).code, 3);
  child.pause();
  assert.deepEqual(lines, ['first', 'second', 'third']);
});

test('[R12] [R61] a paused process that is stopped goes within the same bounds', async () => {
  const { child, line } = startChild([...FLOOD, 'Infinity']);
  await line(1);
  child.pause();
  await blocked(child.pid ?? 0);
  await child.stop();
  assert.equal((await child.exited).signal, 'SIGTERM');
});

test('[R12] [R61] a paused process that is killed goes at once', IN_TIME, async () => {
  const { child, line } = startChild([...FLOOD, 'Infinity']);
  await line(1);
  child.pause();
  child.kill();
  assert.equal((await child.exited).signal, 'SIGKILL');
});

/** Resolves once a process waits in a write to its pipe: what it has written stays the same for a while. */
async function blocked(pid: number): Promise<void> {
  const written = () => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
  const waits = () => / S /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/\(.*\)/, ''));
  for (let last = -1, same = 0; same < 200; await new Promise(setImmediate)) {
    same = written() === last && waits() ? same + 1 : 0;
    last = written();
  }
}

/** What a server has in its environment that a child must not see; values are canaries. */
const SERVER_SECRETS = {
  CHAT_COOKIE_SECRETS: 'canary-cookie-0123456789abcdef0123456789',
  FORWARD_AUTH_SECRET: 'canary-edge-0123456789abcdef',
  DATABASE_URL: 'postgres://canary@db/greenroom',
  AWS_SECRET_ACCESS_KEY: 'canary-aws',
  NODE_OPTIONS: '--no-warnings',
  LD_PRELOAD: '/canary.so',
  GREENROOM_PROCESS: 'canary-marker',
};

test('[R54] a child has nothing of the server’s environment but the list', async () => {
  const server = { ...SERVER_SECRETS, PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', TZ: 'UTC' };
  const settings = settingsIn(tempDir(), { inherited: inheritable(server) });
  const command = scripted({ start: [{ raw: 'up\n' }] });
  const launch = launchClaude(settings, {
    ...{ command, user: 'ada', sessionId: crypto.randomUUID(), id: 'marker-1' },
  });
  const up = Promise.withResolvers<void>();
  const child = new ClaudeChild(launch, () => up.resolve());
  await up.promise;
  const environ = await environOf(child.pid ?? 0);
  child.kill();
  await child.exited;

  assert.deepEqual(Object.keys(environ).sort(), [
    'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
    'CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK',
    'CLAUDE_CODE_MAX_RETRIES',
    'CLAUDE_CONFIG_DIR',
    'DISABLE_AUTOUPDATER',
    'DISABLE_ERROR_REPORTING',
    'DISABLE_TELEMETRY',
    'GREENROOM_PROCESS',
    'HOME',
    'LANG',
    'PATH',
    'TZ',
  ]);
  assert.equal(environ.GREENROOM_PROCESS, `${settings.dataDir}:marker-1`);
  assert.ok(!JSON.stringify(environ).includes('canary'));
});
