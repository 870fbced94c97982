import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unsign } from 'cookie-signature';
import { TestClient } from '../support/client.ts';
import { startServer } from '../support/server.ts';

const BIN = fileURLToPath(new URL('../../bin/greenroom', import.meta.url));
const ENV = { PATH: process.env.PATH ?? '', CHAT_CLAUDE_BIN: 'demo', CHAT_PORT: '0' };

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
  /** Resolves when standard output passes. */
  until(passes: (out: string) => boolean): Promise<string>;
}

function greenroom(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(BIN, args, { env: { ...ENV, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
    for (const check of checks) check();
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const checks: (() => void)[] = [];
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
  const until = (passes: (text: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const check = () => passes(out) && resolve(out);
      checks.push(check);
      check();
      void ended.then(() => reject(new Error(`ended: ${out}${err}`)));
    });
  return { child, ended, until };
}

const newDir = () => mkdtempSync(join(tmpdir(), 'greenroom-'));
const dataDir = newDir();
let served: Run;
let out: string;

before(async () => {
  served = greenroom(['serve'], { CHAT_DATA_DIR: dataDir });
  out = await served.until((text) => text.split('\n').length > 2);
});
after(() => {
  served.child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

test('serve prints where it listens and a sign-in link, and nothing else', () => {
  assert.match(
    out,
    /^listening on http:\/\/127\.0\.0\.1:\d+\/chat\/\nsign in: http:\/\/127\.0\.0\.1:\d+\/chat\/login\?code=[A-Za-z0-9_-]{32}\n$/,
  );
});

test('the sign-in link of serve, and a fresh one of login, let in', async () => {
  const link = out.split('sign in: ')[1]?.trim() ?? '';
  const login = await greenroom(['login'], { CHAT_DATA_DIR: dataDir }).ended;
  assert.equal(login.code, 0);
  for (const url of [link, login.out.trim()]) {
    const answer = await fetch(url, { redirect: 'manual' });
    assert.equal(answer.status, 303);
    assert.match(answer.headers.get('set-cookie') ?? '', /^greenroom=/);
  }
});

test('session prints one cookie that lets its user in', async () => {
  const run = await greenroom(['session', '--user', 'alice', '--ttl', '1h'], {
    CHAT_DATA_DIR: dataDir,
  }).ended;
  assert.equal(run.code, 0);
  assert.match(run.out, /^greenroom=[A-Za-z0-9_-]{43}\.[A-Za-z0-9+/]{43}\n$/);
  const url = out.split('\n')[0]?.replace('listening on ', '') ?? '';
  const me = await fetch(`${url}api/me`, { headers: { cookie: run.out.trim() } });
  assert.equal(((await me.json()) as { user: string }).user, 'alice');
});

test('a command line that cannot be read exits 2 and says why on stderr', async () => {
  for (const [args, words] of [
    [['nonsense'], /unknown command: nonsense/],
    [['session'], /--user/],
    [['session', '--user', 'a', '--ttl', '5 minutes'], /--ttl/],
    [['session', '--user', 'a', '--ttl', '25d'], /--ttl/],
    [['session', '--usr', 'a'], /--usr/],
  ] as const) {
    const run = await greenroom(args, { CHAT_DATA_DIR: dataDir }).ended;
    assert.equal(run.code, 2, args.join(' '));
    assert.match(run.err, words);
    assert.equal(run.out, '');
  }
});

test('a name of Object’s own is an unknown command too, and arguments serve does not know are refused', async () => {
  // `commands[name]` finds `constructor` on the prototype; serve, login and --version take any arguments.
  const codes = [];
  for (const args of [['constructor'], ['login', '--fresh'], ['serve', '--port', '9']]) {
    const run = greenroom(args, { CHAT_DATA_DIR: args[0] === 'serve' ? newDir() : dataDir });
    const listening = run.until((text) => text.includes('listening')).catch(() => '');
    await Promise.race([run.ended, listening]);
    run.child.kill('SIGTERM');
    codes.push((await run.ended).code);
  }
  assert.deepEqual(codes, [2, 2, 2]);
});

test('--version and --help print and exit 0', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  assert.deepEqual(await greenroom(['--version']).ended, { code: 0, out: `${version}\n`, err: '' });
  const help = await greenroom(['--help']).ended;
  assert.equal(help.code, 0);
  for (const word of ['serve', 'login', 'session']) assert.match(help.out, new RegExp(word));
});

test('a bad configuration exits 2 and names every bad setting, without its value', async () => {
  const run = await greenroom(['serve'], {
    CHAT_PORT: 'canary-port',
    CHAT_HOST: '0.0.0.0',
    FORWARD_AUTH_SECRET: 'canary-7',
    CHAT_DATA_DIR: newDir(),
  }).ended;
  assert.equal(run.code, 2);
  for (const name of ['CHAT_PORT', 'CHAT_HOST', 'FORWARD_AUTH_SECRET'])
    assert.match(run.err, new RegExp(name));
  assert.doesNotMatch(run.err + run.out, /canary-7/);
});

test('login without a server exits 1 and says what to do', async () => {
  const run = await greenroom(['login'], { CHAT_DATA_DIR: newDir() }).ended;
  assert.equal(run.code, 1);
  assert.match(run.err, /greenroom serve/);
});

test('session without a server makes a cookie that lets its user in at the next one', async () => {
  const dir = join(newDir(), 'fresh');
  const https = { CHAT_DATA_DIR: dir, CHAT_PUBLIC_URL: 'https://chat.example.org' };
  const secure = await greenroom(['session', '--user', 'alice'], https).ended;
  assert.match(secure.out, /^__Host-greenroom=[A-Za-z0-9_-]{43}\.[A-Za-z0-9+/]{43}\n$/);
  const made = await greenroom(['session', '--user', 'alice'], { CHAT_DATA_DIR: dir }).ended;
  assert.equal(made.code, 0);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  const run = greenroom(['serve'], { CHAT_DATA_DIR: dir });
  const text = await run.until((printed) => printed.includes('sign in'));
  const url = text.split('\n')[0]?.replace('listening on ', '') ?? '';
  const me = await fetch(`${url}api/me`, { headers: { cookie: made.out.trim() } });
  run.child.kill('SIGTERM');
  assert.equal(((await me.json()) as { user: string }).user, 'alice');
  assert.equal((await run.ended).code, 0);
});

test('session without a server refuses a name no user can have, and exits 1', async () => {
  const run = await greenroom(['session', '--user', '../a'], { CHAT_DATA_DIR: newDir() }).ended;
  assert.equal(run.code, 1);
  assert.match(run.err, /not a user name/);
});

test('[R13] a second server on the same data directory exits 1 and names the holder', async () => {
  const second = await greenroom(['serve'], { CHAT_DATA_DIR: dataDir }).ended;
  assert.equal(second.code, 1);
  assert.match(second.err, new RegExp(`\\b${served.child.pid}\\b`));
  assert.equal(second.out, '');
  assert.equal((await greenroom(['login'], { CHAT_DATA_DIR: dataDir }).ended).code, 0);
});

test('the data directory, its secret and its socket are for their owner alone', async () => {
  const dir = join(newDir(), 'fresh');
  const run = greenroom(['serve'], { CHAT_DATA_DIR: dir });
  await run.until((text) => text.includes('sign in'));
  const modes = [dir, join(dir, 'control.sock'), join(dir, 'cookie-secret')].map(
    (path) => statSync(path).mode & 0o777,
  );
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 0);
  assert.deepEqual(modes, [0o700, 0o600, 0o600]);
  assert.equal(existsSync(join(dir, 'control.sock')), false);
});

test('a taken port exits 1 and names the setting', async () => {
  const port = new URL(out.split('\n')[0]?.replace('listening on ', '') ?? '').port;
  const run = await greenroom(['serve'], { CHAT_DATA_DIR: newDir(), CHAT_PORT: port }).ended;
  assert.equal(run.code, 1);
  assert.match(run.err, /CHAT_PORT/);
});

test('[R23] SIGTERM during a run exits 0, closes sockets with 1012 and leaves no agent behind', async () => {
  const dir = newDir();
  const run = greenroom(['serve'], { CHAT_DATA_DIR: dir });
  const text = await run.until((printed) => printed.includes('sign in'));
  const origin = new URL(text.split('\n')[0]?.replace('listening on ', '') ?? '').origin;
  const cookie = (
    await greenroom(['session', '--user', 'alice'], { CHAT_DATA_DIR: dir }).ended
  ).out.trim();
  const client = await TestClient.open(`${origin.replace('http', 'ws')}/chat/ws`, origin, cookie);
  const threadId = await client.hello();
  client.prompt(threadId, 'slow, please');
  await client.event('RUN_STARTED');
  assert.notEqual(agentsOf(dir).length, 0);
  run.child.kill('SIGTERM');
  assert.equal((await client.closed).code, 1012);
  const { code, err } = await run.ended;
  assert.equal(code, 0);
  assert.deepEqual(agentsOf(dir), []);
  for (const line of err.trim().split('\n')) assert.doesNotThrow(() => JSON.parse(line), line);
});

/** Processes whose home lies in a data directory: agents that its server started. */
function agentsOf(dir: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${dir}`);
    } catch {
      return false;
    }
  });
}

test('[R33] a cookie secret that was cut short is not used', async () => {
  // An empty file is read as the secret '': cookie-signature signs with that, so that anybody can.
  const dir = newDir();
  writeFileSync(join(dir, 'cookie-secret'), '');
  const server = await startServer({ CHAT_DATA_DIR: dir }).catch(() => null);
  if (server === null) return;
  const { askControl } = await import('../../src/transport/control.ts');
  const { value } = await askControl(dir, 'session', { user: 'alice', ttlMs: 60_000 });
  await server.stop();
  assert.equal(unsign(String(value), ''), false);
});

test('[LI9] usage is printed with and without a server, as a table and as CSV; a bad day exits 2', async () => {
  const head = 'day,user,prompts,input_tokens,output_tokens';
  for (const env of [{ CHAT_DATA_DIR: dataDir }, { CHAT_DATA_DIR: newDir() }]) {
    const csv = await greenroom(['usage', '--csv'], env).ended;
    assert.equal(csv.code, 0, csv.err);
    assert.ok(csv.out.startsWith(head));
    const table = await greenroom(['usage', '--user', 'nobody'], env).ended;
    assert.equal(table.out, 'nothing was used on these days\n');
  }
  const bad = await greenroom(['usage', '--from', 'monday'], { CHAT_DATA_DIR: dataDir }).ended;
  assert.deepEqual([bad.code, bad.out], [2, '']);
  assert.match(bad.err, /usage: from: accepts a day, as 2026-11-25/);
});

test('a file of limits that is wrong exits before anything is served, naming what in it and what is accepted', async () => {
  const file = join(newDir(), 'limits.json');
  writeFileSync(file, JSON.stringify({ alice: { requestsPerHour: -1 } }));
  const run = await greenroom(['serve'], { CHAT_DATA_DIR: newDir(), CHAT_LIMITS_FILE: file }).ended;
  assert.equal(run.out, '');
  assert.equal(run.code, 2);
  assert.match(run.err, /CHAT_LIMITS_FILE: .*requestsPerHour.*whole number from 0/);
});
