/** The real CLI in the sandbox and out of it: what works, and what is left of its processes. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { markedProcesses } from '../../src/claude/marked-processes.ts';
import { gone } from '../claude/programs.ts';
import { bwrapIsMissing } from '../support/bwrap.ts';
import {
  bashAllowed,
  type OperatorServer,
  removeDirs,
  startOperatorServer,
} from '../support/operator-server.ts';
import { ScriptedApi } from '../support/scripted-api.ts';
import { ServedProcess } from '../support/served-process.ts';

const skip = bwrapIsMissing() ?? false;
/** R61: what is left has gone within this time. */
const LEFT_MS = 5_000;

let api: ScriptedApi;
/** How long what tests left behind sleeps: it ends with the tests, also when they fail. */
const left = new Set<number>();
before(async () => {
  api = await ScriptedApi.start();
});
afterEach(() => {
  ServedProcess.endAll();
});
after(async () => {
  for (const seconds of left)
    for (const pid of pidsOf('sleep', String(seconds))) process.kill(pid, 'SIGKILL');
  await api.stop();
  removeDirs();
});

/** Claude runs `command` by its Bash tool, then says so. */
function answerWithBash(command: string): void {
  api.answer = ({ toolResults }) =>
    toolResults.length > 0
      ? [{ text: 'It ran.' }]
      : [{ tool: 'Bash', input: { command, description: 'run' } }];
}

/** Sleeps in a session of its own and with no environment, so that no marker tells of it. */
const hidden = (seconds: number) => `setsid env -i sleep ${seconds} >/dev/null 2>&1 & echo started`;
/** The same with its marker. */
const marked = (seconds: number) => `setsid sleep ${seconds} >/dev/null 2>&1 & echo started`;

/** Pids of processes with exactly this command line. */
function pidsOf(...command: string[]): number[] {
  return readdirSync('/proc')
    .filter(
      (name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`) === `${command.join('\0')}\0`,
    )
    .map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A turn of `user` whose Bash tool leaves `sleep seconds` behind; resolves to its pid. */
async function leave(server: OperatorServer, user: string, seconds: number, command = hidden) {
  answerWithBash(command(seconds));
  const client = await server.connect(user);
  const thread = await client.hello();
  const end = await client.runEnded(client.prompt(thread, 'run it'));
  assert.equal(end.type, 'RUN_FINISHED');
  const [pid] = pidsOf('sleep', String(seconds));
  assert.ok(pid !== undefined, 'it lives on after the turn');
  return { client, thread, pid };
}

/** No other process sleeps so long: tests may run beside each other. */
function newSeconds(): number {
  const seconds = randomInt(1_000_000, 100_000_000);
  left.add(seconds);
  return seconds;
}

async function goneInTime(pid: number): Promise<void> {
  const late = setTimeout(() => assert.fail(`${pid} is left`), LEFT_MS);
  await gone(pid);
  clearTimeout(late);
}

describe('the real CLI in the sandbox', { skip, timeout: 120_000 }, () => {
  const start = () => startOperatorServer(api, { CHAT_SANDBOX: 'bwrap', ...bashAllowed() });

  test('[SB1] a turn with a tool works, and the page is told of the sandbox', async () => {
    const server = await start();
    answerWithBash('echo $((6 * 7)) > made && cat made && git rev-parse --is-inside-work-tree');
    const client = await server.connect('ada');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'compute'));
    assert.equal(client.text, 'It ran.');
    assert.equal((await client.event('TOOL_CALL_RESULT')).content, '42\ntrue');
    assert.equal(read(`${server.dataDir}/users/ada/workspace/made`), '42\n');
    assert.equal((await client.direct('welcome')).sandbox, 'bwrap');
    const ready = await (await fetch(`${server.served.origin}/readyz`)).json();
    assert.equal((ready as { sandbox: string }).sandbox, 'bwrap');
    await server.served.end('SIGTERM');
  });

  test('[R54] a tool reads neither the store nor another user’s files', async () => {
    const server = await start();
    const { dataDir } = server;
    answerWithBash(
      `ls -A ${dataDir} ${dataDir}/users; cat ${dataDir}/greenroom.db ${dataDir}/cookie-secret 2>&1`,
    );
    const other = await server.connect('bob');
    await other.runEnded(other.prompt(await other.hello(), 'make me a home'));
    const client = await server.connect('ada');
    await client.runEnded(client.prompt(await client.hello(), 'look around'));
    const content = String((await client.event('TOOL_CALL_RESULT')).content);
    assert.match(content, new RegExp(`${dataDir}:\nusers\n\n${dataDir}/users:\nada\n`));
    assert.equal(content.match(/No such file/g)?.length, 2);
    await server.served.end('SIGTERM');
  });

  test('a conversation is resumed in a new process', async () => {
    const server = await start();
    api.answer = () => [{ text: 'Yes.' }];
    const client = await server.connect('ada');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'the canary of the first turn'));
    await server.served.end('SIGTERM');
    const next = await startOperatorServer(api, { CHAT_SANDBOX: 'bwrap' }, server.dataDir);
    const again = await next.connect('ada');
    await again.hello(thread);
    await again.runEnded(again.prompt(thread, 'and the second'));
    assert.match(JSON.stringify(api.requests.at(-1)?.body), /canary of the first turn/);
    await next.served.end('SIGTERM');
  });

  test('[R61] nothing is left after an abort, and the process goes on', async () => {
    const server = await start();
    const { client, thread, pid } = await leave(server, 'ada', newSeconds());
    api.answer = () => [{ text: 'Once ' }, { stall: true }];
    const runId = client.prompt(thread, 'go on');
    await client.find((frame) => JSON.stringify(frame).includes('"Once "'));
    client.send({ type: 'abort', runId });
    await client.runEnded(runId);
    await goneInTime(pid);
    api.answer = () => [{ text: 'Here.' }];
    const end = await client.runEnded(client.prompt(thread, 'and now?'));
    assert.equal(end.type, 'RUN_FINISHED');
    await server.served.end('SIGTERM');
  });

  test('[R61] nothing is left after kill -9 of the server', async () => {
    const server = await start();
    const { pid } = await leave(server, 'ada', newSeconds());
    await server.served.end('SIGKILL');
    await goneInTime(pid);
    for (const { pid: other, dataDir } of await markedProcesses())
      if (dataDir === server.dataDir) await goneInTime(other);
  });

  test('[R61] nothing is left after a crash of the CLI', async () => {
    const server = await start();
    const { pid } = await leave(server, 'ada', newSeconds());
    const cli = (await markedProcesses()).filter(({ dataDir }) => dataDir === server.dataDir);
    // The youngest is the program: bwrap stands before it twice.
    process.kill(Math.max(...cli.map((process) => process.pid)), 'SIGKILL');
    await goneInTime(pid);
    await server.served.end('SIGTERM');
  });

  test('[R61] nothing is left after a drain', async () => {
    const server = await start();
    const { pid } = await leave(server, 'ada', newSeconds());
    assert.equal(await server.served.end('SIGTERM'), 0);
    await goneInTime(pid);
  });
});

describe('the real CLI without a sandbox', { timeout: 120_000 }, () => {
  test('[R61] a server kills what one before it on the same data left behind', async () => {
    const [first, second] = [newSeconds(), newSeconds()];
    const server = await startOperatorServer(api, bashAllowed());
    const { pid } = await leave(server, 'ada', first, marked);
    await server.served.end('SIGKILL');
    const other = await startOperatorServer(api, bashAllowed());
    const kept = await leave(other, 'ada', second, marked);
    const next = await startOperatorServer(api, bashAllowed(), server.dataDir);
    assert.deepEqual(
      (await markedProcesses()).filter(({ dataDir }) => dataDir === server.dataDir),
      [],
    );
    assert.deepEqual(pidsOf('sleep', String(first)), []);
    assert.deepEqual(pidsOf('sleep', String(second)), [kept.pid], 'another server’s is left alone');
    assert.notEqual(pid, kept.pid);
    for (const { served } of [other, next]) await served.end('SIGTERM');
    await goneInTime(kept.pid);
  });
});
