/** Shares that hold: budgets, the ledger and parked prompts with the real CLI, across kill -9 and at the operator’s word. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import type { UsageOfDay } from '../../src/store/limits.ts';
import { budgeted } from '../../src/tokens.ts';
import { askControl } from '../../src/transport/control.ts';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { newDir, newFile, removeDirs } from '../support/operator-server.ts';
import { type Answer, ScriptedApi } from '../support/scripted-api.ts';
import { ServedProcess } from '../support/served-process.ts';

/** A hundred tokens of input, by the stand-in's count, and one of output for each of 400 chunks, in some eight seconds. */
const SLOW: Answer = [
  { text: Array.from({ length: 400 }, (_, i) => `${i} `).join(''), chunk: 8, everyMs: 40 },
];

describe('limits with the real CLI', { timeout: 240_000 }, () => {
  let api: ScriptedApi;
  before(async () => {
    api = await ScriptedApi.start();
  });
  afterEach(() => ServedProcess.endAll());
  after(async () => {
    await api.stop();
    removeDirs();
  });

  async function start(dataDir: string, env: Record<string, string>) {
    const served = await ServedProcess.start(dataDir, {
      ...realCliSettings(api),
      CHAT_RESERVED_TOKENS: '0',
      CHAT_LOG_LEVEL: 'error',
      ...env,
    });
    const connect = async (user: string) =>
      TestClient.open(served.webSocketUrl, served.origin, await served.cookieFor(user));
    const usage = async (user: string): Promise<UsageOfDay | undefined> => {
      const headers = { Cookie: await served.cookieFor(user) };
      const response = await fetch(`${served.origin}/chat/api/usage`, { headers });
      const body = (await response.json()) as { usage: UsageOfDay[] };
      return body.usage[0];
    };
    return { served, connect, usage };
  }

  test('[R28] [LI7] a run that crosses the day’s tokens is stopped with a receipt; the next prompt waits for midnight; others go on', async () => {
    const file = newFile('limits.json', JSON.stringify({ bob: 'unlimited' }));
    const limits = { CHAT_MAX_TOKENS_PER_DAY: '150', CHAT_LIMITS_FILE: file };
    const { connect, usage } = await start(newDir(), { ...limits, CHAT_TIME_ZONE: 'Asia/Kolkata' });
    api.answer = () => SLOW;
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    const [threadId, other] = [await alice.hello(), await bob.hello()];
    const runId = alice.prompt(threadId, 'count');
    const theirs = bob.prompt(other, 'count');
    const end = await alice.runEnded(runId);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'limits.tokens');
    const receipt = alice.events.find((e) => e.type === 'CUSTOM' && e.name === 'receipt');
    assert.ok(receipt?.type === 'CUSTOM');
    const { used, max, runTokens, resetAt } = receipt.value;
    assert.ok(used >= 150 && used === runTokens && max === 150);
    assert.equal(new Date(resetAt).toISOString().slice(11), '18:30:00.000Z', 'midnight in Kolkata');
    assert.match(alice.text, /^0 1 2 /);
    const spent = await usage('alice');
    assert.ok(spent !== undefined && spent.prompts === 1);
    assert.equal(budgeted(spent), used);

    const from = alice.frames.length;
    alice.prompt(threadId, 'once more');
    const { limit, parked, remaining, ...told } = await alice.direct('throttled', from);
    assert.deepEqual([limit, parked, remaining, told.resetAt], ['tokens', true, 0, resetAt]);
    const finished = await bob.runEnded(theirs);
    assert.ok(finished.type === 'RUN_FINISHED' && finished.outcome?.type === 'success');
    const whole = await usage('bob');
    assert.ok(whole !== undefined && budgeted(whole) > used);
    await Promise.all([alice.close(), bob.close()]);
  });

  test('[R28] [LI6] the ledger says what the API said, over a turn with a question in it and one that was aborted', async () => {
    const { connect, usage } = await start(newDir(), {});
    const client = await connect('ada');
    const threadId = await client.hello();
    api.answer = ({ toolResults }) =>
      toolResults.length > 0
        ? [{ text: 'Done.' }]
        : [{ tool: 'Bash', input: { command: 'touch made', description: 'makes it' } }];
    const asked = await client.runEnded(client.prompt(threadId, 'run it'));
    assert.ok(asked.type === 'RUN_FINISHED' && asked.outcome?.type === 'interrupt');
    const [interrupt] = asked.outcome.interrupts;
    const runId = 'goes-on';
    const resume = [{ interruptId: interrupt?.id, status: 'resolved', payload: true }];
    client.send({ threadId, runId, messages: [], resume, tools: [], context: [] });
    const done = await client.runEnded(runId);
    assert.ok(done.type === 'RUN_FINISHED');
    const told = done.usage?.[0];
    const first = await usage('ada');
    assert.deepEqual(
      [first?.prompts, first?.inputTokens, first?.outputTokens],
      [1, told?.inputTokens, told?.outputTokens],
      'the turn’s two runs together are what the CLI says of the turn',
    );
    api.answer = () => SLOW;
    const slow = client.prompt(threadId, 'count');
    const from = client.frames.length;
    await client.event('TEXT_MESSAGE_CONTENT', from);
    client.send({ type: 'abort', runId: slow });
    await client.runEnded(slow);
    const second = await usage('ada');
    assert.equal(second?.prompts, 2);
    assert.ok((second?.inputTokens ?? 0) >= (first?.inputTokens ?? 0) + 100, 'an abort is charged');
    await client.close();
  });

  test('[R27] [R28] [R29] kill -9: what was used is charged, and a parked prompt sends itself once the operator allows it', async () => {
    const dataDir = newDir();
    const file = newFile('limits.json', JSON.stringify({ ada: { requestsPerHour: 1 } }));
    const first = await start(dataDir, { CHAT_LIMITS_FILE: file });
    api.answer = () => SLOW;
    const before = await first.connect('ada');
    const threadId = await before.hello();
    before.prompt(threadId, 'count');
    await before.find((f) => 'type' in f && f.type === 'limits' && f.tokens.used > 100);
    const waiting = before.prompt(threadId, 'and then this');
    await before.direct('throttled');
    await first.served.end('SIGKILL');

    const second = await start(dataDir, { CHAT_LIMITS_FILE: file });
    const client = await second.connect('ada');
    await client.hello(threadId);
    const { limits } = await client.direct('welcome');
    assert.deepEqual([limits.hour.used, limits.hour.max, limits.runs.used], [1, 1, 0]);
    assert.ok(limits.tokens.used > 100);
    const { items } = await client.direct('pending');
    assert.deepEqual(
      items.map(({ runId, why, limit }) => [runId, why, limit]),
      [[waiting, 'parked', 'hour']],
    );
    api.answer = () => [{ text: 'Here it is.' }];
    writeFileSync(`${file}.new`, JSON.stringify({ ada: { requestsPerHour: 2 } }));
    renameSync(`${file}.new`, file);
    const end = await client.runEnded(waiting);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success');
    const starts = client.events.filter((e) => e.type === 'RUN_STARTED' && e.runId === waiting);
    assert.equal(starts.length, 1);
    await client.find(
      (frame) => 'type' in frame && frame.type === 'state' && frame.state === 'idle',
      client.frames.findLastIndex((frame) => 'chunk' in frame),
    );
    await client.close();
  });

  test('[LI9] the operator reads what was used by everybody, as a table too; others may not', async () => {
    const dataDir = newDir();
    const { served, connect } = await start(dataDir, {});
    api.answer = () => [{ text: 'Yes.' }];
    const ada = await connect('ada');
    await ada.runEnded(ada.prompt(await ada.hello(), 'hello'));
    await ada.close();
    const ask = async (user: string, query: string) =>
      fetch(`${served.origin}/chat/ops/usage${query}`, {
        headers: { Cookie: await served.cookieFor(user) },
      });
    assert.equal((await ask('ada', '')).status, 403);
    const csv = await ask('local', '?format=csv');
    assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
    const [head, line, end] = (await csv.text()).split('\r\n');
    assert.equal(
      head,
      'day,user,prompts,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,cost_usd',
    );
    assert.match(line ?? '', /^\d{4}-\d\d-\d\d,ada,1,100,1,0,0,0\.\d+$/);
    assert.equal(end, '');
    const bad = await ask('local', '?from=yesterday');
    assert.equal(bad.status, 400);
    assert.match(await bad.text(), /from: accepts a day, as 2026-11-25/);
    const asked = await askControl(dataDir, 'usage', {
      from: '2000-01-01',
      to: '2999-12-31',
      user: null,
    });
    assert.equal((asked.usage as UsageOfDay[]).length, 1);
  });
});
