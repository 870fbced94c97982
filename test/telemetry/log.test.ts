import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { TestClient } from '../support/client.ts';
import { heldStore } from '../support/held-store.ts';
import { startServer } from '../support/server.ts';

function capture(level = 'trace') {
  const lines: string[] = [];
  const log = createLog(level, { write: (line: string) => void lines.push(line) });
  return {
    log,
    lines,
    get all() {
      return lines.join('');
    },
  };
}

const CANARY = 'CANARY-7f3a';

test('[R59] a field that may hold a secret or a person’s words is cut, however deep a call puts it', () => {
  const { log, lines } = capture();
  for (const name of [
    'cookie',
    'authorization',
    'set-cookie',
    'code',
    'text',
    'prompt',
    'content',
    'delta',
    'chunk',
    'message',
    'token',
    'secret',
    'value',
  ]) {
    log.info({ [name]: CANARY }, 'one');
    log.info({ a: { [name]: CANARY } }, 'two');
    log.info({ a: { b: { [name]: CANARY } } }, 'three');
  }
  assert.equal(lines.length, 39);
  for (const line of lines) assert.doesNotMatch(line, new RegExp(CANARY));
});

test('[R59] an error is its kind and its place, never its words', () => {
  const captured = capture();
  const { log } = captured;
  try {
    JSON.parse(`{"prompt": ${CANARY}`);
  } catch (error) {
    log.error({ err: error }, 'failed');
  }
  // Lines of the message that begin with “at” are taken for frames of the stack.
  log.error({ err: new Error(`${CANARY}\n at ${CANARY} (x)`) }, 'failed');
  const changed = new Error(`words\n    at ${CANARY} (x)`);
  assert.match(changed.stack ?? '', /words/); // looked at, it stays as it is
  changed.message = 'other';
  log.error({ err: changed }, 'failed');
  log.error({ err: `thrown text ${CANARY}` }, 'failed');
  log.error({ err: new Error('outer', { cause: new Error(CANARY) }) }, 'failed');
  log.error({ err: new AggregateError([new Error(CANARY)], CANARY) }, 'failed');
  assert.equal(captured.lines.length, 6);
  assert.doesNotMatch(captured.all, new RegExp(CANARY));
});

test('an error keeps its code: it names what the system said', () => {
  // `code` is among the fields that are cut, so that ENOSPC and ECONNRESET are cut as well.
  const captured = capture();
  captured.log.error({ err: Object.assign(new Error('x'), { code: 'ENOSPC' }) }, 'failed');
  assert.match(captured.all, /ENOSPC/);
});

test('a line is JSON with level, time and message', () => {
  const { log, lines } = capture();
  log.info({ user: 'alice' }, 'session opened');
  const line = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
  assert.deepEqual([line.level, line.user, line.msg], ['info', 'alice', 'session opened']);
  assert.match(String(line.time), /^\d{4}-\d\d-\d\dT/);
});

test('[R59] a whole session, its failures too, logs no cookie, code, prompt or token text', async () => {
  const captured = capture();
  const held = heldStore();
  const server = await startServer(
    { CHAT_MAX_REQUESTS_PER_HOUR: '4', FORWARD_AUTH_SECRET: `${CANARY}-edge-secret` },
    { store: held.store, log: captured.log },
  );
  const cookie = await server.cookieFor('alice');
  const value = cookie.split('=')[1] ?? '';
  const link = new URL(server.signInUrl());
  const code = link.searchParams.get('code') ?? '';
  await fetch(link, { redirect: 'manual' });
  await fetch(link, { redirect: 'manual' });
  await fetch(`${server.origin}/chat/auth/verify`, {
    headers: { cookie, 'X-Forward-Auth-Secret': CANARY },
  });
  await fetch(`${server.origin}/chat/${CANARY}?${CANARY}`);
  held.fail('getSignIn');
  await fetch(`${server.origin}/chat/api/me`, { headers: { cookie } });

  const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const texts = [`error ${CANARY}`, `a tool ${CANARY}`];
  for (const text of texts) await client.runEnded(client.prompt(threadId, text));
  const runId = client.prompt(threadId, `slow ${CANARY}`);
  await client.event('TOOL_CALL_RESULT');
  client.send({ type: 'abort', runId });
  await client.runEnded(runId);
  client.prompt(threadId, `a\0${CANARY}`);
  client.prompt(threadId, `flood ${CANARY}`);
  await client.event('TEXT_MESSAGE_CONTENT', client.frames.length);
  client.prompt(threadId, `throttled ${CANARY}`);
  await client.direct('throttled');
  const spoken = client.text
    .split(/\s+/)
    .filter((word) => word.length > 8)
    .slice(0, 5);
  await client.close();
  for (const bad of [
    `{"type":"${CANARY}"`,
    { type: CANARY },
    { type: 'hello', threadId: `${CANARY} `, after: null },
  ]) {
    const broken = await open();
    broken.send(bad);
    await broken.closed;
  }
  const unlucky = await open();
  const elsewhere = await unlucky.hello(); // a prompt is parked where the others were
  held.fail('take', 5);
  unlucky.prompt(elsewhere, `refused ${CANARY}`);
  await unlucky.closed;
  held.fail('append', 50);
  const last = await open();
  await last.hello(randomUUID());
  last.prompt(randomUUID(), `append ${CANARY}`);
  await server.stop();

  const log = captured.all;
  assert.ok(captured.lines.length > 8);
  assert.doesNotMatch(log, new RegExp(CANARY));
  for (const secret of [value, value.split('.')[0], value.split('.')[1], code, ...spoken])
    assert.ok(!log.includes(secret ?? ''), 'a secret, or what was said, is in the log');
});
