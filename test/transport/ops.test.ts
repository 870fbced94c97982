import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { TestClient } from '../support/client.ts';
import { OpsClient } from '../support/ops-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const CANARY = 'CANARY-7f3 what nobody but its writer may read';

async function setUp(env: Record<string, string> = {}) {
  const lines: string[] = [];
  const log = createLog(
    'debug',
    new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk));
        done();
      },
    }),
  );
  const server = await startServer(env, { log });
  const cookies = {
    alice: await server.cookieFor('alice'),
    local: await server.cookieFor('local'),
  };
  const ops = () => OpsClient.open(server.webSocketUrl, server.origin, cookies.local);
  const chat = () => TestClient.open(server.webSocketUrl, server.origin, cookies.alice);
  const get = (path: string, cookie = cookies.local) =>
    fetch(`${server.origin}/chat/ops/${path}`, { headers: { cookie }, redirect: 'manual' });
  return { server, lines, ops, chat, get, cookies, [Symbol.asyncDispose]: () => end(server) };
}

async function end(server: TestServer): Promise<void> {
  await server.stop();
}

test('[OP1] operators look in; others are refused before the upgrade, and over HTTP', async () => {
  await using at = await setUp();
  const { server, cookies } = at;
  const refused = OpsClient.open(server.webSocketUrl, server.origin, cookies.alice);
  await assert.rejects(refused, /403/);
  await assert.rejects(OpsClient.open(server.webSocketUrl, server.origin, ''), /401/);
  await assert.rejects(
    OpsClient.open(server.webSocketUrl, 'http://elsewhere.example', cookies.local),
    /403/,
  );
  for (const path of ['', 'charts', 'capsules', 'capsules/x', 'capsules/x/steps']) {
    const answer = await at.get(path, cookies.alice);
    assert.equal(answer.status, 403, path);
    assert.equal((await answer.json()).fault, 'operator.required');
    assert.equal((await at.get(path, '')).status, 401, path);
  }
});

test('[OP1] the socket of an operator who is signed out closes', async () => {
  await using at = await setUp();
  const ops = await at.ops();
  await ops.of('ops');
  ops.send({ type: 'act', ref: '1', act: 'signOut', user: 'local' });
  assert.equal((await ops.closed).code, 4401);
});

test('[OP2] it hears who is there, what changes, and how the server is', async () => {
  await using at = await setUp();
  const ops = await at.ops();
  const hello = await ops.of('ops');
  assert.deepEqual([hello.user, hello.agent.kind, hello.capsulesMax], ['local', 'demo', 50]);
  assert.ok((await ops.of('actors')).last);
  const chat = await at.chat();
  const threadId = await chat.hello();
  const session = await ops.row(({ user, kind }) => user === 'alice' && kind === 'session');
  assert.equal(session.state, 'idle');
  const runId = chat.prompt(threadId, `slow ${CANARY}`);
  const conversation = await ops.row(({ kind, run }) => kind === 'conversation' && run === runId);
  assert.equal(conversation.state, 'alive.running');
  const child = await ops.row(({ kind }) => kind === 'claude');
  assert.equal(child.of, conversation.id);
  await ops.row(
    ({ id, state, of }) => id === session.id && state === 'streaming' && of === child.of,
  );
  await ops.row(({ id, residentBytes = 0 }) => id === child.id && residentBytes > 1e6);
  await chat.runEnded(runId);
  await ops.row(({ id, state }) => id === session.id && state === 'idle');
  await chat.close();
  await ops.find(() => !ops.rows.has(session.id));
  const { figures } = await ops.of('figures');
  assert.ok(figures.sockets >= 1 && figures.residentBytes > 1e6 && figures.cpu >= 0);
  assert.doesNotMatch(JSON.stringify(ops.frames), /CANARY/);
});

test('[OP3] who follows a conversation sees what it, its sessions and Claude take', async () => {
  await using at = await setUp();
  const [ops, chat] = [await at.ops(), await at.chat()];
  const threadId = await chat.hello();
  await chat.runEnded(chat.prompt(threadId, 'hello'));
  const { id } = await ops.row(({ kind }) => kind === 'conversation');
  const followed = await ops.follow(id);
  assert.equal(followed.snapshot?.state, 'alive.ready');
  const runId = chat.prompt(threadId, `${CANARY}`);
  const started = await ops.event(({ event }) => event.type === 'run.started');
  assert.deepEqual(
    [started.kind, started.from, started.state],
    ['session', 'conversation', 'streaming'],
  );
  assert.ok(started.moved);
  await chat.runEnded(runId);
  await ops.event(({ event }) => event.type === 'run.ended');
  const seen = ops.events.map(({ kind, from, event }) => `${from} ${kind} ${event.type}`);
  for (const wanted of [
    'session conversation user.prompt',
    'conversation claude claude.prompt',
    'claude conversation claude.turnStarted',
    'claude conversation claude.turnEnded',
    'conversation session run.started',
  ])
    assert.ok(seen.includes(wanted), `${wanted} is not among ${seen.join(', ')}`);
  const prompt = ops.events.find(({ event }) => event.type === 'user.prompt');
  assert.deepEqual(prompt?.event, { type: 'user.prompt', runId });
  const granted = ops.events.find(({ event }) => event.type === 'slot.granted');
  assert.deepEqual([granted?.state, granted?.moved], ['alive.running', true]);
  const numbers = ops.events.map(({ n }) => n);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + (numbers[0] ?? 0)),
    'none is missing',
  );
  assert.doesNotMatch(JSON.stringify(ops.frames), /CANARY/);
});

test('[OP3] what has gone cannot be followed, and nothing is seen when nothing is', async () => {
  await using at = await setUp();
  const ops = await at.ops();
  const { actor, snapshot } = await ops.follow('nobody');
  assert.deepEqual([actor, snapshot], [null, null]);
  await ops.follow('*');
  const chat = await at.chat();
  await ops.event(({ event }) => event.type === 'signIn.verified');
  await ops.follow(null);
  const seen = ops.events.length;
  await chat.hello();
  await ops.row(({ user }) => user === 'alice');
  assert.equal(ops.events.length, seen);
});

test('[OP4] operators act, and each act is written to the log', async () => {
  await using at = await setUp();
  const [ops, chat] = [await at.ops(), await at.chat()];
  const threadId = await chat.hello();
  const aborted = chat.prompt(threadId, 'slow');
  const { id } = await ops.row(({ kind, run }) => kind === 'conversation' && run === aborted);
  assert.equal((await ops.act({ act: 'interrupt', actor: id })).fault, null);
  const end = await chat.runEnded(aborted);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  const idle = await ops.act({ act: 'interrupt', actor: id });
  assert.equal(idle.fault, 'run.unknown');

  const stopped = chat.prompt(threadId, 'slow');
  await ops.row(({ kind, run }) => kind === 'conversation' && run === stopped);
  await ops.act({ act: 'stopProcess', actor: id });
  const cut = await chat.runEnded(stopped);
  assert.equal(cut.type === 'RUN_ERROR' && cut.code, 'interrupted');

  const session = await ops.row(({ kind, user }) => kind === 'session' && user === 'alice');
  await ops.act({ act: 'closeSession', actor: session.id });
  assert.equal((await chat.closed).code, 1012);
  assert.equal((await ops.act({ act: 'closeSession', actor: session.id })).fault, 'actor.unknown');

  await ops.act({ act: 'logLevel', level: 'error' });
  const audit = at.lines
    .map((line) => JSON.parse(line))
    .filter((line) => line.audit === 'operator');
  assert.deepEqual(
    audit.map(({ by, act }) => `${by} ${act}`),
    ['interrupt', 'interrupt', 'stopProcess', 'closeSession', 'closeSession', 'logLevel'].map(
      (act) => `local ${act}`,
    ),
  );
  const written = at.lines.length;
  const again = await at.chat();
  await again.hello();
  await again.close();
  assert.equal(at.lines.length, written, 'sessions log at the new level too');
});

test('[OP1] who is taken off the list of operators neither sees nor acts any more', async () => {
  await using at = await setUp({ CHAT_OPERATORS: 'alice' });
  const { server, cookies } = at;
  const ops = await OpsClient.open(server.webSocketUrl, server.origin, cookies.alice);
  await ops.of('ops');
  await server.reload({ CHAT_CLAUDE_BIN: 'demo', CHAT_DATA_DIR: server.dataDir });
  assert.equal((await ops.closed).code, 4403);
  const refused = OpsClient.open(server.webSocketUrl, server.origin, cookies.alice);
  await assert.rejects(refused, /403/);
});

test('[OP6] what a session took that was to be recorded is kept when it ends', async () => {
  await using at = await setUp();
  const [ops, chat] = [await at.ops(), await at.chat()];
  await chat.hello();
  const { id } = await ops.row(({ kind, user }) => kind === 'session' && user === 'alice');
  await ops.act({ act: 'record', actor: id });
  await chat.close();
  await ops.find(() => !ops.rows.has(id));
  const { capsules } = await (await at.get('capsules')).json();
  assert.deepEqual(
    capsules.map(({ kind, why }: { kind: string; why: string }) => [kind, why]),
    [['session', 'ended']],
  );
  const steps = await (await at.get(`capsules/${capsules[0].name}/steps`)).json();
  assert.deepEqual([steps.identical, steps.steps.at(-1).snapshot.state], [true, 'closed']);
});

test('[OP4] a frame that cannot be read ends the socket', async () => {
  await using at = await setUp();
  for (const frame of [
    '{',
    '{"type":"act","ref":"1","act":"explode","actor":"x"}',
    '{"type":"follow"}',
  ]) {
    const ops = await at.ops();
    ops.send(frame);
    assert.equal((await ops.closed).code, 4400, frame);
  }
});

test('[OP6] a crash is kept as a capsule by itself, one that is asked for too, and both replay', async () => {
  await using at = await setUp();
  const [ops, chat] = [await at.ops(), await at.chat()];
  const threadId = await chat.hello();
  const session = await ops.row(({ kind, user }) => kind === 'session' && user === 'alice');
  assert.equal((await ops.act({ act: 'capsule', actor: session.id })).fault, 'actor.unrecorded');
  await ops.act({ act: 'record', actor: session.id });
  await ops.row(({ id, recorded }) => id === session.id && recorded === true);
  const runId = chat.prompt(threadId, `slow ${CANARY}`);
  const { pid = 0 } = await ops.row(
    ({ kind, pid, state }) => kind === 'claude' && pid !== undefined && state === 'running',
  );
  process.kill(pid, 'SIGKILL');
  await chat.runEnded(runId);
  const row = await ops.row(
    ({ kind, fault }) => kind === 'conversation' && fault === 'claude.crashed',
  );
  for (const actor of [row.id, session.id]) {
    const { fault, name } = await ops.act({ act: 'capsule', actor });
    assert.equal(fault, null);
    assert.ok(name);
  }
  const { capsules } = await (await at.get('capsules')).json();
  const kinds = capsules.map(({ kind, why }: { kind: string; why: string }) => `${kind} ${why}`);
  assert.deepEqual(kinds.sort(), [
    'conversation claude.crashed',
    'conversation operator',
    'session operator',
  ]);
  for (const { name, events } of capsules) {
    const text = await (await at.get(`capsules/${name}`)).text();
    assert.doesNotMatch(text, /CANARY|alice/);
    const steps = await (await at.get(`capsules/${name}/steps`)).json();
    assert.deepEqual([steps.identical, steps.sameMachine], [true, true], name);
    assert.equal(steps.steps.length, events + 1);
  }
  const dir = join(at.server.dataDir, 'capsules');
  assert.equal(readdirSync(dir).length, 3);
  const damaged = capsules[0].name.replace('.json', '-damaged.json');
  writeFileSync(join(dir, damaged), '{"format":"greenroom-capsule/1"');
  assert.equal((await (await at.get('capsules')).json()).capsules.length, 3, 'the others are told');
  assert.equal((await at.get(`capsules/${damaged}/steps`)).status, 404);
  assert.equal((await at.get('capsules/..%2f..%2fgreenroom.db')).status, 404);
});

test('[OP2] each machine has a drawing of its own definition', async () => {
  await using at = await setUp();
  const answer = await at.get('charts');
  const { charts } = await answer.json();
  assert.deepEqual(
    charts.map(({ kind }: { kind: string }) => kind),
    ['session', 'conversation', 'parked'],
  );
  for (const id of [
    'state:authenticating',
    'state:throttled',
    'edge:idle:streaming',
    'edge::closed',
  ])
    assert.match(charts[0].svg, new RegExp(`id="${id}"`), id);
  assert.match(charts[1].svg, /id="state:alive\.running"/);
  assert.match(charts[1].svg, /id="edge:alive\.running:alive\.awaitingApproval"/);
  const etag = answer.headers.get('etag') ?? '';
  const again = await fetch(answer.url, {
    headers: { cookie: at.cookies.local, 'if-none-match': etag },
  });
  assert.equal(again.status, 304);
});
