/** The real CLI behind the credential broker: what its tools can find, and what it does when the API is away. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { ScriptedApi } from '../support/scripted-api.ts';
import { startServer } from '../support/server.ts';

const KEY = 'sk-ant-canary-4410-of-the-server';
const BEARER = 'bearer-canary-4410-of-the-server';

/** Its own environment, and that of every process from the CLI down that it may read. */
const LOOK_AROUND = `
  node=${process.execPath}
  "$node" -e '
    const { readFileSync, readdirSync } = require("node:fs");
    const parent = (pid) => /^PPid:\\s+(\\d+)/m.exec(readFileSync("/proc/" + pid + "/status", "utf8"))?.[1];
    const within = (pid, root) => pid === root || (pid !== "0" && pid !== undefined && within(parent(pid), root));
    const cli = parent(process.ppid);
    for (const pid of readdirSync("/proc").filter((name) => /^\\d+$/.test(name))) {
      try {
        if (within(pid, cli)) console.log("environ of a process", readFileSync("/proc/" + pid + "/environ", "latin1"));
      } catch {}
    }
  '
  echo "environ of the parent"; cat /proc/$PPID/environ | tr '\\0' '\\n'
  echo "own"; env
`;

describe('the credential broker', { timeout: 120_000 }, () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function stage(env: Record<string, string>) {
    const api = await ScriptedApi.start();
    ends.push(() => api.stop());
    const { ANTHROPIC_API_KEY: _, ...settings } = realCliSettings(api);
    const server = await startServer({ ...settings, ...env });
    ends.push(() => server.stop());
    const cookie = await server.cookieFor('alice');
    return { api, client: await TestClient.open(server.webSocketUrl, server.origin, cookie) };
  }

  /** Runs a command by Claude's Bash tool, approved by the user; returns what Claude was told. */
  async function bash(api: ScriptedApi, client: TestClient, command: string): Promise<string> {
    api.answer = ({ toolResults }) =>
      toolResults.length > 0
        ? [{ text: 'Done.' }]
        : [{ tool: 'Bash', input: { command, description: 'look around' } }];
    const thread = await client.hello();
    const asking = await client.runEnded(client.prompt(thread, 'look around'));
    assert.ok(asking.type === 'RUN_FINISHED' && asking.outcome?.type === 'interrupt');
    const [interrupt] = asking.outcome.interrupts;
    client.send({
      threadId: thread,
      runId: 'answer-1',
      parentRunId: asking.runId,
      messages: [],
      resume: [{ interruptId: interrupt?.id, status: 'resolved', payload: true }],
    });
    const end = await client.runEnded('answer-1');
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
    return (await client.event('TOOL_CALL_RESULT')).content as string;
  }

  for (const [kind, given, sent] of [
    ['an API key', { ANTHROPIC_API_KEY: KEY }, { 'x-api-key': KEY }],
    ['a bearer token', { ANTHROPIC_AUTH_TOKEN: BEARER }, { authorization: `Bearer ${BEARER}` }],
  ] as const)
    test(`[R54] ${kind} of the server’s is in no environment that Claude’s tools can read`, async () => {
      const { api, client } = await stage(given);
      const seen = await bash(api, client, LOOK_AROUND);
      assert.match(seen, /environ of a process[\s\S]*environ of the parent[\s\S]*own/);
      assert.ok(seen.split('environ of a process').length > 3, 'the CLI, the shell and node');
      assert.match(seen, /ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+/);
      assert.ok(!seen.includes('canary-4410'));
      assert.ok(!seen.includes(api.url), 'nor where the API is');
      assert.ok(api.requests.length >= 2);
      for (const { headers } of api.requests)
        for (const [name, value] of Object.entries(sent)) assert.equal(headers[name], value);
    });

  test('[R54] a token found in the environment is worth nothing once its process has gone', async () => {
    const { api, client } = await stage({ ANTHROPIC_API_KEY: KEY, CHAT_MAX_PROCESSES: '1' });
    const seen = await bash(api, client, 'echo "$ANTHROPIC_BASE_URL $ANTHROPIC_API_KEY"');
    const [url = '', token = ''] = seen.trim().split(' ');
    const ask = async () => {
      const headers = { 'x-api-key': token, 'content-type': 'application/json' };
      const body = '{"model":"m","messages":[]}';
      const answer = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body });
      await answer.text();
      return answer.status;
    };
    assert.equal(await ask(), 200);
    // The only process there may be makes room for another conversation's.
    await client.runEnded(client.prompt(await client.hello(), 'hello'));
    assert.equal(await ask(), 403);
  });

  test('the CLI tries again when the API could not be reached', async () => {
    const api = await ScriptedApi.start();
    ends.push(() => api.stop());
    const sockets = new Set<Socket>();
    let refusals = 2;
    const line = createServer((socket) => {
      if (refusals-- > 0) return void socket.destroy();
      const onward = connect(Number(new URL(api.url).port), '127.0.0.1');
      for (const end of [socket, onward]) sockets.add(end.on('error', () => {}));
      socket.pipe(onward).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(line, 'listening');
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      line.close();
    });
    const url = `http://127.0.0.1:${(line.address() as AddressInfo).port}`;
    const { client } = await stage({ ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: url });
    const thread = await client.hello();
    const end = await client.runEnded(client.prompt(thread, 'hello'));
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
    assert.equal(client.text, 'Yes.');
    assert.ok(refusals <= -1, 'it was refused twice, and came back');
  });

  test('a wrong key is told as what it is', async () => {
    const { api, client } = await stage({ ANTHROPIC_API_KEY: KEY });
    api.answer = () => ({ status: 400, type: 'invalid_request_error', message: 'no such thing' });
    const end = await client.runEnded(client.prompt(await client.hello(), 'hello'));
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'claude.api');
    assert.match(end.message, /no such thing/);
  });
});
