import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createActor, createMachine } from 'xstate';
import { InspectorHub, type Living } from '../../src/machines/inspection/hub.ts';
import { ActorRegistry } from '../../src/machines/registry.ts';
import { Following } from '../../src/transport/ops/following.ts';
import type { OpsServerFrame, StatelyMessage } from '../../src/transport/ops/protocol.ts';
import { StatelyTelling } from '../../src/transport/ops/stately-telling.ts';
import { TestClient } from '../support/client.ts';
import { OpsClient } from '../support/ops-client.ts';
import { startServer } from '../support/server.ts';

const CANARY = 'CANARY-7f3 what nobody but its writer may read';

async function setUp(env: Record<string, string> = {}) {
  const server = await startServer(env);
  const cookies = {
    alice: await server.cookieFor('alice'),
    local: await server.cookieFor('local'),
  };
  const get = (cookie: string, language = 'en', path = 'stately') =>
    fetch(`${server.origin}/chat/ops/${path}`, {
      headers: { cookie, 'accept-language': language },
      redirect: 'manual',
    });
  return {
    cookies,
    get,
    ops: () => OpsClient.open(server.webSocketUrl, server.origin, cookies.local),
    chat: () => TestClient.open(server.webSocketUrl, server.origin, cookies.alice),
    [Symbol.asyncDispose]: async () => void (await server.stop()),
  };
}

const brief = ({ type, sessionId }: StatelyMessage) => `${type} ${sessionId}`;

test('[OP7] there is a page for operators where an inspector is set, and none where it is not', async () => {
  await using without = await setUp();
  assert.equal((await without.get(without.cookies.local)).status, 404);

  await using at = await setUp({ CHAT_INSPECTOR_URL: 'https://inspector.example/a?b="c&d' });
  assert.equal((await at.get('')).status, 401);
  assert.equal((await at.get(at.cookies.alice)).status, 403);
  for (const [language, words] of [
    ['en', /<html lang="en">[\s\S]*Connect<\/button>/],
    ['de', /<html lang="de">[\s\S]*Verbinden<\/button>/],
  ] as const) {
    const answer = await at.get(at.cookies.local, language);
    assert.equal(answer.status, 200);
    const html = await answer.text();
    assert.match(html, words);
    assert.match(html, /data-address="https:\/\/inspector\.example\/a\?b=%22c&#38;d"/);
    const policy = answer.headers.get('content-security-policy') ?? '';
    const rules = new Map(
      policy.split('; ').map((rule) => rule.split(/ (.*)/s) as [string, string]),
    );
    assert.equal(rules.get('frame-src'), 'https://inspector.example');
    assert.equal(rules.get('connect-src'), "'self'");
    assert.equal(rules.get('default-src'), "'none'");
    assert.equal(rules.get('frame-ancestors'), "'none'");
    assert.match(rules.get('script-src') ?? '', /^'sha256-[\w+/=]+'$/);
    assert.match(rules.get('style-src') ?? '', /^'sha256-[\w+/=]+'$/);
  }
});

test('[OP7] who asks is told of those that live, then what they take, and nothing of what is written', async () => {
  await using at = await setUp();
  const [ops, chat] = [await at.ops(), await at.chat()];
  const threadId = await chat.hello();
  await chat.runEnded(chat.prompt(threadId, `first ${CANARY}`));
  const { id } = await ops.row(({ kind }) => kind === 'conversation');
  const session = await ops.row(({ kind, user }) => kind === 'session' && user === 'alice');
  assert.equal((await ops.stately('*')).fault, null);
  const own = (type: StatelyMessage['type'], of: string) =>
    ops.message((message) => message.type === type && message.sessionId === of);
  for (const actor of [id, session.id, `claude:${id}`]) await own('@xstate.actor', actor);
  assert.ok(ops.messages.every(({ type }) => type === '@xstate.actor'));
  const conversation = ops.messages.find(({ sessionId }) => sessionId === id);
  assert.deepEqual(
    conversation?.type === '@xstate.actor' && [
      conversation.name,
      conversation.snapshot.value,
      conversation.snapshot.status,
      JSON.parse(conversation.definition).initial,
    ],
    ['conversation', { alive: 'ready' }, 'active', 'dormant'],
  );

  const runId = chat.prompt(threadId, `slow ${CANARY}`);
  const prompted = await ops.message(
    (message) => message.type === '@xstate.event' && message.event.type === 'user.prompt',
  );
  assert.deepEqual('event' in prompted && prompted.event, { type: 'user.prompt', runId });
  const running = await ops.message(
    ({ type, sessionId, ...message }) =>
      type === '@xstate.snapshot' &&
      sessionId === id &&
      'snapshot' in message &&
      JSON.stringify(message.snapshot.value) === '{"alive":"running"}',
  );
  assert.equal('snapshot' in running && running.snapshot.context?.run, runId);
  const asked = await ops.message(
    ({ sessionId, type }) => type === '@xstate.event' && sessionId === `claude:${id}`,
  );
  assert.equal(asked.type === '@xstate.event' && asked.sourceId, id);
  const later = await at.chat();
  await later.hello();
  await chat.runEnded(runId);
  const introduced = new Set<string>();
  for (const message of ops.messages) {
    if (message.type === '@xstate.actor') introduced.add(message.sessionId);
    assert.ok(introduced.has(message.sessionId), `${brief(message)} before its actor`);
  }
  assert.ok(introduced.size >= 5, 'the session that came later, too');
  assert.doesNotMatch(
    JSON.stringify(ops.frames.filter(({ type }) => type === 'stately')),
    /CANARY|alice/,
  );
});

test('[OP7] a process that is ended is told as stopped', async () => {
  await using at = await setUp();
  const [ops, chat] = [await at.ops(), await at.chat()];
  const threadId = await chat.hello();
  await chat.runEnded(chat.prompt(threadId, 'hello'));
  const { id } = await ops.row(({ kind }) => kind === 'conversation');
  await ops.stately(id);
  await ops.message(({ sessionId }) => sessionId === `claude:${id}`);
  await ops.act({ act: 'stopProcess', actor: id });
  const end = await ops.message(
    (message) => message.sessionId === `claude:${id}` && message.type === '@xstate.snapshot',
  );
  assert.deepEqual('snapshot' in end && end.snapshot, { status: 'stopped' });
});

test('[OP7] who asks for one is told of those around it; what has gone is unknown, and none ends it', async () => {
  await using at = await setUp();
  const [ops, chat, other] = [await at.ops(), await at.chat(), await at.chat()];
  assert.equal((await ops.stately('nobody')).fault, 'actor.unknown');
  const threadId = await chat.hello();
  await other.hello();
  await chat.runEnded(chat.prompt(threadId, 'hello'));
  const { id } = await ops.row(({ kind }) => kind === 'conversation');
  await ops.stately(id);
  await ops.message(({ sessionId }) => sessionId === id);
  const watching = await ops.row(({ kind, of }) => kind === 'session' && of === id);
  assert.deepEqual(
    ops.messages.map(brief).sort(),
    [id, watching.id, `claude:${id}`].map((actor) => `@xstate.actor ${actor}`).sort(),
  );

  const seen = ops.events.length;
  await chat.runEnded(chat.prompt(threadId, 'again'));
  await ops.message(({ type }) => type === '@xstate.snapshot');
  assert.equal(ops.events.length, seen, 'not in the other way as well');
  await ops.stately(null);
  const told = ops.messages.length;
  await chat.runEnded(chat.prompt(threadId, 'unseen'));
  await ops.follow(id);
  assert.equal(ops.messages.length, told);
});

test('[OP7] what is over its budget is left out and counted; how it stands then follows', async () => {
  const registry = new ActorRegistry<Living>();
  const hub = new InspectorHub({ conversation: registry });
  const machine = createMachine({ id: 'conversation', on: { 'user.nudge': {} } });
  const actor = createActor(machine);
  registry.start('a', { id: 'a', actor }, () => {});
  const frames: OpsServerFrame[] = [];
  let unsent = 0;
  const following = new Following({
    hub,
    groupOf: (id) => new Set([id]),
    tell: (frame) => frames.push(frame),
    unsentBytes: () => unsent,
  });
  using _ = { [Symbol.dispose]: () => following.close() };
  const told = async () => {
    await setTimeout(250);
    return frames.splice(0).filter((frame) => frame.type === 'stately');
  };
  assert.ok(following.follow('a', new StatelyTelling(hub)));
  await told();
  for (let i = 0; i < 3_000; i += 1) actor.send({ type: 'user.nudge' });
  const over = await told();
  assert.ok((over.at(-1)?.dropped ?? 0) > 1_000);
  const last = over.flatMap(({ messages }) => messages).at(-1);
  assert.deepEqual(last && 'event' in last && last.event, { type: 'greenroom.leftOut' });

  unsent = 1e6;
  const before = over.at(-1)?.dropped ?? 0;
  actor.send({ type: 'user.nudge' });
  const behind = await told();
  assert.equal(behind.at(-1)?.dropped, before + 1, 'a slow line takes no events');
});
