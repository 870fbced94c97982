import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../../src/cli/usage.ts';
import { type Ask, user } from '../../src/cli/user.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const root = mkdtempSync(join(tmpdir(), 'greenroom-'));
after(() => rmSync(root, { recursive: true, force: true }));

let dirs = 0;
function newDir(): string {
  const dir = join(root, String(dirs++));
  mkdirSync(dir);
  return dir;
}

const on = (dataDir: string, env: Record<string, string> = {}) =>
  readConfig({ CHAT_DATA_DIR: dataDir, CHAT_CLAUDE_BIN: 'demo', ...env });
const remove = (dataDir: string, args: string[], ask: Ask = null, env = {}) =>
  user(on(dataDir, env), ['remove', ...args], ask);

async function talk(server: TestServer, name: string) {
  const cookie = await server.cookieFor(name);
  const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  const threadId = await client.hello();
  await client.runEnded(client.prompt(threadId, 'error, please'));
  const list = async () => {
    const answer = await fetch(`${server.origin}/chat/api/conversations`, { headers: { cookie } });
    const { conversations = null } = (await answer.json()) as { conversations?: unknown[] };
    return [answer.status, conversations?.length ?? null];
  };
  return { cookie, client, list };
}

test('[R37] a user who is removed is out at once, with conversations, processes and directory; others stay', {
  timeout: 60_000,
}, async (t) => {
  const texts: string[] = [];
  const log = createLog('info', { write: (text: string) => void texts.push(text) });
  const server = await startServer({}, { log });
  t.after(() => server.stop());
  const [alice, bob] = [await talk(server, 'alice'), await talk(server, 'bob')];
  alice.client.prompt(await alice.client.hello(), 'slow, please');
  await alice.client.event('TEXT_MESSAGE_CONTENT', alice.client.frames.length);
  const own = join(server.dataDir, 'users', 'alice');
  assert.ok(existsSync(own));
  const said = await remove(server.dataDir, ['alice', '--yes']);
  assert.match(said, /^alice: 1 sign-ins ended, 2 conversations deleted; users\/alice .* deleted/);
  assert.equal((await alice.client.closed).code, 4401);
  assert.deepEqual(await alice.list(), [401, null]);
  assert.equal(existsSync(own), false);
  assert.deepEqual(await bob.list(), [200, 1]);
  assert.equal(bob.client.socket.readyState, bob.client.socket.OPEN);
  // The same name begins with nothing.
  const again = await server.cookieFor('alice');
  const list = await fetch(`${server.origin}/chat/api/conversations`, {
    headers: { cookie: again },
  });
  assert.deepEqual(((await list.json()) as { conversations: unknown[] }).conversations, []);
  const audit = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  const line = audit.find((entry) => entry.audit === 'userRemoved');
  assert.deepEqual(
    [line?.user, line?.by, line?.signIns, line?.conversations],
    ['alice', 'command', 1, 2],
  );
  await bob.client.close();
});

test('[R37] [LK3] a user who is removed is among the readers of nobody’s link any more', {
  timeout: 60_000,
}, async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const bob = await talk(server, 'bob');
  const list = await fetch(`${server.origin}/chat/api/conversations`, {
    headers: { cookie: bob.cookie },
  });
  const [one] = ((await list.json()) as { conversations: { threadId: string }[] }).conversations;
  const share = async (method: string) => {
    const url = `${server.origin}/chat/api/conversations/${one?.threadId}/share`;
    const body = method === 'POST' ? '{}' : null;
    const headers = { cookie: bob.cookie, 'Content-Type': 'application/json' };
    const answer = await fetch(url, { method, headers, body });
    return (await answer.json()) as { id: string; share: { readers: { user: string }[] } };
  };
  const { id } = await share('POST');
  const cookie = await server.cookieFor('alice');
  const alice = await TestClient.open(server.webSocketUrl, server.origin, cookie, '?shared');
  alice.send({ type: 'hello', threadId: null, share: id, after: null });
  await alice.direct('caughtUp');
  assert.deepEqual(
    (await share('GET')).share.readers.map(({ user }) => user),
    ['alice'],
  );
  await remove(server.dataDir, ['alice', '--yes']);
  assert.equal((await alice.closed).code, 4401);
  assert.deepEqual((await share('GET')).share.readers, []);
  await bob.client.close();
});

test('without a server the store is asked; what is not there is said', async () => {
  const dir = newDir();
  mkdirSync(join(dir, 'users', 'alice', 'workspace'), { recursive: true });
  writeFileSync(join(dir, 'users', 'alice', 'workspace', 'a'), 'x');
  assert.match(await remove(dir, ['alice', '--yes']), /0 sign-ins .* was deleted/);
  assert.equal(existsSync(join(dir, 'users', 'alice')), false);
  assert.match(await remove(dir, ['alice', '--yes']), /there was no users\/alice/);
});

test('nothing outside of the user’s directory is deleted, wherever links lead', async () => {
  const [dir, elsewhere] = [newDir(), newDir()];
  const kept = join(elsewhere, 'kept');
  writeFileSync(kept, 'x');
  const own = join(dir, 'users', 'alice');
  mkdirSync(own, { recursive: true });
  symlinkSync(elsewhere, join(own, 'link'));
  await remove(dir, ['alice', '--yes']);
  assert.deepEqual([existsSync(own), readFileSync(kept, 'utf8')], [false, 'x']);
  symlinkSync(elsewhere, own);
  assert.match(await remove(dir, ['alice', '--yes']), /is a link: .* left/);
  assert.equal(readFileSync(kept, 'utf8'), 'x');
  const all = newDir();
  symlinkSync(join(dir, 'users'), join(all, 'users'));
  assert.match(await remove(all, ['alice', '--yes']), /is a link/);
  assert.equal(readFileSync(kept, 'utf8'), 'x');
});

test('it asks, takes the name alone for a yes, and cannot be read without one', async () => {
  const dir = newDir();
  mkdirSync(join(dir, 'users', 'alice'), { recursive: true });
  for (const answer of ['', 'y', 'yes', 'bob'])
    assert.equal(await remove(dir, ['alice'], async () => answer), 'nothing was done');
  assert.ok(existsSync(join(dir, 'users', 'alice')));
  for (const args of [
    ['alice'],
    [],
    ['..', '--yes'],
    ['.git', '--yes'],
    ['a/b', '--yes'],
    ['a', 'b', '--yes'],
  ])
    await assert.rejects(remove(dir, args), UsageError, args.join(' '));
  await assert.rejects(user(on(dir), [], null), UsageError);
  await remove(dir, ['alice'], async () => 'alice\n');
  assert.equal(existsSync(join(dir, 'users', 'alice')), false);
});

test('[R39] whoever is still allowed may come back, which is said', async () => {
  const forge = {
    CHAT_OAUTH_CLIENT_ID: 'id',
    CHAT_OAUTH_CLIENT_SECRET: 'a-secret-of-some-length',
    FORGE_URL: 'https://forge.example.org',
    CHAT_PUBLIC_URL: 'https://chat.example.org',
  };
  const said = (CHAT_ALLOWED_USERS: string) =>
    remove(newDir(), ['alice', '--yes'], null, { ...forge, CHAT_ALLOWED_USERS });
  assert.match(await said('Alice,bob'), /may come back: .*CHAT_ALLOWED_USERS/);
  assert.match(await said('*'), /may come back/);
  assert.doesNotMatch(await said('bob'), /may come back/);
});
