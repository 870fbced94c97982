/** What a person writes, through every way out that operators have: none of it is there. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { inspect } from '../../src/cli/inspect.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { TestClient } from '../support/client.ts';
import { OpsClient } from '../support/ops-client.ts';
import { startServer } from '../support/server.ts';

const CANARY = 'CANARY-9b2';

test('[R59] no word of a prompt, an answer to a question or a title leaves by an operator’s outlet', async () => {
  const written: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const env = { CHAT_INSPECTOR_URL: 'http://inspector.example/' };
  const server = await startServer(env, { log: createLog('trace', destination) });
  const [alice, operator] = [await server.cookieFor('alice'), await server.cookieFor('local')];
  const at = [server.webSocketUrl, server.origin] as const;
  const [list, stately] = [
    await OpsClient.open(...at, operator),
    await OpsClient.open(...at, operator),
  ];
  await list.follow('*');
  stately.send({ type: 'stately', ref: '1', actor: '*' });
  let terminal = '';
  const watching = inspect(server, ['*', '--json'], {
    size: null,
    write(text) {
      terminal += text;
    },
  });
  const chat = await TestClient.open(...at, alice);
  const threadId = await chat.hello();
  const { id } = await list.row(({ kind, user }) => kind === 'session' && user === 'alice');
  await list.act({ act: 'record', actor: id });

  const asked = await chat.runEnded(chat.prompt(threadId, `tool ${CANARY}`));
  assert.ok(asked.type === 'RUN_FINISHED' && asked.outcome?.type === 'interrupt');
  const interruptId = asked.outcome.interrupts[0]?.id ?? '';
  const payload = { approved: false, message: `${CANARY} no` };
  chat.send({
    ...{ threadId, runId: 'answer', messages: [], tools: [], context: [], state: {} },
    ...{ forwardedProps: {}, resume: [{ interruptId, status: 'resolved', payload }] },
  });
  await chat.runEnded('answer');
  await chat.runEnded(chat.prompt(threadId, `error ${CANARY}`));
  const headers = { cookie: alice, origin: server.origin, 'content-type': 'application/json' };
  await fetch(`${server.origin}/chat/api/conversations/${threadId}`, {
    ...{ method: 'PATCH', headers },
    body: JSON.stringify({ title: `${CANARY} title` }),
  });
  const crashed = chat.prompt(threadId, `slow ${CANARY}`);
  const { pid = 0 } = await list.row(
    ({ kind, state, pid }) => kind === 'claude' && state === 'running' && pid !== undefined,
  );
  process.kill(pid, 'SIGKILL');
  await chat.runEnded(crashed);
  await list.row(({ fault }) => fault === 'claude.crashed');
  await list.act({ act: 'capsule', actor: id });

  const get = async (path: string) =>
    (await fetch(`${server.origin}${path}`, { headers: { cookie: operator } })).text();
  const { capsules } = JSON.parse(await get('/chat/ops/capsules'));
  assert.equal(capsules.length, 2);
  const kept = capsules.flatMap(({ name }: { name: string }) => [
    get(`/chat/ops/capsules/${name}`),
    get(`/chat/ops/capsules/${name}/steps`),
  ]);
  await stately.find(() => JSON.stringify(stately.frames).includes('claude.exited'));
  await list.event(({ event }) => event.type === 'claude.exited');
  const outlets = {
    capsules: (await Promise.all(kept)).join(''),
    metrics: await get('/metrics'),
    charts: await get('/chat/ops/charts'),
    'operators’ socket': JSON.stringify(list.frames),
    'Stately inspector': JSON.stringify(stately.frames),
  };
  await Promise.all([chat.close(), list.close(), stately.close()]);
  await server.stop();
  await watching;
  for (const [name, text] of Object.entries({ ...outlets, terminal, log: written.join('') })) {
    assert.ok(text.length > 500, `${name} tells something`);
    assert.ok(!text.includes(CANARY), `${name} holds what a person wrote`);
  }
});
