import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ClaudeChild } from '../../src/claude/child.ts';
import { findConfinement } from '../../src/claude/confinement.ts';
import { findKeeper } from '../../src/claude/find-keeper.ts';
import { Heartbeats } from '../../src/claude/heartbeats.ts';
import { kept } from '../../src/claude/keeper.ts';
import { userDirs } from '../../src/claude/launch.ts';
import { markedProcesses } from '../../src/claude/marked-processes.ts';
import { sweep, sweepDataDir } from '../../src/claude/stop.ts';
import { bwrapIsMissing } from '../support/bwrap.ts';
import { gone, launchOf, node, scripted, settingsIn, tempDir } from './programs.ts';

/** R61: nothing is left within 5 s. */
const IN_TIME = { timeout: 5_000 };
const LEASE_MS = 6_000;
const inherited = { PATH: process.env.PATH ?? '' };
const shell = await findKeeper({ inherited }).then((found) => found ?? assert.fail('no shell'));

const cleaning: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0)) await clean();
});

interface Given {
  silenceMs?: number;
  everyMs?: number;
  mayBeat?: () => boolean;
}

function startKept(
  command: readonly string[],
  given: Given = {},
  env: Record<string, string> = {},
) {
  const { silenceMs = 60_000, everyMs = 50, mayBeat = () => true } = given;
  const heartbeats = new Heartbeats({ everyMs, mayBeat });
  const launch = kept(launchOf(command, env), { ...shell, silenceMs, heartbeats });
  const lines: string[] = [];
  let tell = () => {};
  const child = new ClaudeChild(launch, (read) => {
    lines.push(...read);
    tell();
  });
  cleaning.push(
    () => child.kill(),
    () => sweep(launch.marker),
  );
  const says = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { child, lines, says, marker: launch.marker };
}

/** Starts what a Bash tool may leave running, in a session of its own, and says when it runs. */
const BUSY = node(`import { spawn } from 'node:child_process';
  const left = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  left.once('spawn', () => process.stdout.write('up\\n'));
  setInterval(() => {}, 1000);`);

const nameOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();

/** A server whose Claude process is at work, and all that carries its marker. */
async function startServer(sandbox: 'bwrap' | 'none', silenceMs: number) {
  const dataDir = tempDir();
  const { confinement } = await findConfinement({
    ...{ dataDir, sandbox, sandboxBinds: null, inherited },
  });
  const settings = settingsIn(dataDir, { confinement, inherited });
  for (const dir of Object.values(userDirs(settings, 'local'))) mkdirSync(dir, { recursive: true });
  const server = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../fixtures/programs/keeping-server.ts', import.meta.url)),
      JSON.stringify({
        ...{ settings, command: BUSY, everyMs: LEASE_MS / 10 },
        keeper: { ...shell, silenceMs },
      }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  cleaning.push(
    () => server.kill('SIGKILL'),
    () => sweepDataDir(dataDir),
  );
  const [words] = await once(server.stdout, 'data');
  assert.equal(String(words), 'up\n');
  const pids = (await markedProcesses()).flatMap((p) => (p.dataDir === dataDir ? [p.pid] : []));
  const names = await Promise.all(pids.map(nameOf));
  assert.ok(names.includes('sleep'), names.join());
  assert.equal(names.includes('bwrap'), sandbox === 'bwrap');
  return { server, allGone: () => Promise.all(pids.map(gone)) };
}

for (const sandbox of ['bwrap', 'none'] as const) {
  const skip = (sandbox === 'bwrap' && bwrapIsMissing()) || false;

  test(`[R16][R61] what a server that is frozen runs ends within half a lease, sandbox ${sandbox}`, {
    timeout: 20_000,
    skip,
  }, async () => {
    const { server, allGone } = await startServer(sandbox, LEASE_MS * 0.4);
    server.kill('SIGSTOP');
    const frozenAt = performance.now();
    await allGone();
    const took = performance.now() - frozenAt;
    assert.ok(took < LEASE_MS / 2, `${Math.round(took)} ms`);
    assert.ok(took > LEASE_MS * 0.2, `${Math.round(took)} ms: it was not the silence`);
  });

  test(`[R16][R61] what a server runs that is killed ends at once, sandbox ${sandbox}`, {
    timeout: 15_000,
    skip,
  }, async () => {
    const { server, allGone } = await startServer(sandbox, 60_000);
    server.kill('SIGKILL');
    await allGone();
  });
}

/** Lives through five silences, then says so. */
const SILENCE_MS = 300;
const PATIENT = node(`setTimeout(() => process.stdout.write('still here'), ${5 * SILENCE_MS})`);

test('[R16] heartbeats keep a process alive', async () => {
  const { child, lines } = startKept(PATIENT, { silenceMs: SILENCE_MS, everyMs: SILENCE_MS / 10 });
  assert.equal((await child.exited).code, 0);
  assert.deepEqual(lines, ['still here']);
});

test('[R16] a server that may run nothing keeps nothing alive', async () => {
  const given = { silenceMs: SILENCE_MS, everyMs: SILENCE_MS / 10, mayBeat: () => false };
  const { child, lines } = startKept(PATIENT, given);
  assert.equal((await child.exited).signal, 'SIGKILL');
  assert.deepEqual(lines, []);
});

test('[R16] a process whose keeper was killed goes as well', IN_TIME, async () => {
  const { child, says, marker } = startKept(scripted({ start: [{ raw: 'up\n' }] }));
  await says;
  const marked = (await markedProcesses()).filter((process) => process.marker === marker);
  const keeper = marked.find(({ pid }) => pid !== child.pid);
  assert.ok(keeper !== undefined && marked.length === 2);
  process.kill(keeper.pid, 'SIGKILL');
  assert.equal((await child.exited).signal, 'SIGKILL');
});

test('[R61] with the process its keeper goes, and what it left behind', IN_TIME, async () => {
  const { child, says, marker } = startKept(BUSY);
  await says;
  child.kill();
  await child.exited;
  assert.deepEqual(
    (await markedProcesses()).filter((process) => process.marker === marker),
    [],
  );
});

test('no file of the user’s is run beside a kept process', async () => {
  const home = tempDir();
  const files = ['.bashrc', '.bash_profile', '.profile', '.shrc', '.ashrc'];
  for (const file of files) writeFileSync(join(home, file), `touch ${home}/run-$$`);
  const { child } = startKept(node(''), {}, { HOME: home });
  assert.equal((await child.exited).stderrTail, '');
  assert.deepEqual(readdirSync(home).sort(), files.toSorted());
});

test('a kept process’s exit code and last words are its own', async () => {
  const source = `process.stderr.write('last words'); process.exitCode = 3;`;
  const exit = await startKept(node(source)).child.exited;
  assert.deepEqual(exit, { code: 3, signal: null, startError: null, stderrTail: 'last words' });
});

test('a signal that ends a kept process is its own', async () => {
  const { child } = startKept(node(`process.kill(process.pid, 'SIGTERM')`));
  const { code, signal } = await child.exited;
  assert.deepEqual({ code, signal }, { code: null, signal: 'SIGTERM' });
});

test('a kept process reads what is written to it, and hears the end of input', async () => {
  const { child, lines } = startKept(node(`process.stdin.pipe(process.stdout)`));
  child.write({ n: 1 });
  await child.stop();
  assert.deepEqual(lines, ['{"n":1}']);
  assert.equal((await child.exited).code, 0);
});

test('a kept process that heeds neither end of input nor SIGTERM hears both, and is killed', async () => {
  const { child, lines, says } = startKept(
    scripted({ start: [{ raw: 'up\n' }], eof: [{ raw: 'eof\n' }], SIGTERM: [{ raw: 'term\n' }] }),
  );
  await says;
  await child.stop();
  assert.deepEqual(lines, ['up', 'eof', 'term']);
  assert.equal((await child.exited).signal, 'SIGKILL');
});

test('a kept process has none of its keeper’s pipes', async () => {
  const source = `import { readdirSync, readlinkSync } from 'node:fs';
    const fds = readdirSync('/proc/self/fd').map((fd) => [Number(fd), link(fd)]);
    function link(fd) { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } }
    console.log(fds.filter(([fd, to]) => fd > 2 && to.startsWith('socket:')).length);`;
  const { child, lines } = startKept(node(source));
  await child.exited;
  assert.deepEqual(lines, ['0']);
});
