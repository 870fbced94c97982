/** The main path with the real CLI: a browser's socket, the server, claude, and a loopback Messages API. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { forgetTranscript, MARKER, userDirs } from '../../src/claude/launch.ts';
import { settingsIn } from '../claude/programs.ts';
import { TestClient } from '../support/client.ts';
import { type MessagesApi, realCliSettings, startMessagesApi } from '../support/messages-api.ts';
import { runningUnder } from '../support/processes.ts';
import { startServer, type TestServer } from '../support/server.ts';

const LONG = Array.from({ length: 60 }, (_, i) => `sentence number ${i} of a long answer. `).join(
  '',
);

describe('the real CLI', { timeout: 120_000 }, () => {
  let api: MessagesApi;
  let server: TestServer;

  before(async () => {
    api = await startMessagesApi();
    api.mock.on(
      { systemMessage: /naming a coding session/ },
      { content: '{"title":"Garden naming"}' },
    );
    api.answer('garden', 'Roses.');
    api.answer('first', 'The first answer, **in full**.');
    api.answer('long', LONG);
    api.answer('second', 'The second answer.');
    api.answer('plain text', 'I got text.');
    api.answer('again', 'Back again.');
    server = await startServer(realCliSettings(api));
  });
  after(async () => {
    await server.stop();
    await api.stop();
  });

  const connect = async (user: string) =>
    TestClient.open(server.webSocketUrl, server.origin, await server.cookieFor(user));

  test('text arrives before the answer is complete, and all deltas make the final text', async () => {
    const client = await connect('alice');
    const thread = await client.hello();
    const run = client.prompt(thread, 'a long one, please');
    await client.event('TEXT_MESSAGE_CONTENT');
    assert.ok(client.text.length < LONG.length, 'the first text frame is not the whole answer');
    const end = await client.runEnded(run);
    assert.equal(end.type, 'RUN_FINISHED');
    assert.equal(client.text, LONG);
    await client.close();
  });

  test('two turns run in one process, and the second knows the first', async () => {
    const client = await connect('bob');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'the first turn'));
    const [first] = processesOf(server);
    await client.runEnded(client.prompt(thread, 'the second turn'));
    const pids = processesOf(server);
    assert.ok(first !== undefined && pids.includes(first));
    assert.equal(client.text, 'The first answer, **in full**.The second answer.');
    await client.close();
  });

  test('an aborted run ends as cancelled with its partial text, and the next one works', async () => {
    const client = await connect('carol');
    const thread = await client.hello();
    const run = client.prompt(thread, 'a long one to stop');
    await client.event('TEXT_MESSAGE_CONTENT');
    client.send({ type: 'abort', runId: run });
    const end = await client.runEnded(run);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    assert.ok(LONG.startsWith(client.text) && client.text.length < LONG.length);
    const from = client.frames.length;
    await client.runEnded(client.prompt(thread, 'the second turn'));
    const text = client.frames
      .slice(from)
      .map((f) => ('chunk' in f && f.chunk.type === 'TEXT_MESSAGE_CONTENT' ? f.chunk.delta : ''))
      .join('');
    assert.equal(text, 'The second answer.');
    await client.close();
  });

  test('[R53] what looks like a command, a flag or a file mention reaches Claude as plain text', async () => {
    const client = await connect('dave');
    const thread = await client.hello();
    for (const prompt of [
      '/clear',
      '/model opus',
      '--help',
      '-p x',
      '@/etc/passwd',
      '"; touch /tmp/x; "',
    ]) {
      const requests = api.mock.getRequests().length;
      const end = await client.runEnded(client.prompt(thread, `${prompt} as plain text`));
      assert.equal(end.type, 'RUN_FINISHED', prompt);
      const sent = JSON.stringify(
        api.mock
          .getRequests()
          .slice(requests)
          .map(({ body }) => body),
      );
      assert.ok(sent.includes(JSON.stringify(`${prompt} as plain text`).slice(1, -1)), prompt);
      assert.ok(!sent.includes('root:x:'), 'no file was read');
    }
    assert.equal(client.text, 'I got text.'.repeat(6));
    await client.close();
  });

  test('an approval is asked for, and what runs is what was allowed', async () => {
    const command = 'echo made > allowed.txt && cat allowed.txt';
    api.mock.on(
      { userMessage: /make a file/, hasToolResult: false },
      {
        toolCalls: [
          { name: 'Bash', arguments: JSON.stringify({ command, description: 'make a file' }) },
        ],
      },
    );
    api.mock.on(
      { userMessage: /make a file/, hasToolResult: true },
      { content: 'The file is made.' },
    );
    const client = await connect('grace');
    const thread = await client.hello();
    const asking = await client.runEnded(client.prompt(thread, 'make a file'));
    assert.ok(asking.type === 'RUN_FINISHED' && asking.outcome?.type === 'interrupt');
    const [interrupt] = asking.outcome.interrupts;
    assert.equal(interrupt?.metadata?.input.command, command);
    client.send({
      threadId: thread,
      runId: 'answer-1',
      parentRunId: asking.runId,
      messages: [],
      resume: [{ interruptId: interrupt?.id, status: 'resolved', payload: true }],
    });
    const end = await client.runEnded('answer-1');
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
    const result = await client.event('TOOL_CALL_RESULT');
    assert.equal(result.content, 'made');
    assert.ok(client.text.endsWith('The file is made.'));
    assert.equal(
      readFileSync(`${server.dataDir}/users/grace/workspace/allowed.txt`, 'utf8'),
      'made\n',
    );
    await client.close();
  });

  test('a conversation whose process had to make room goes on in a new one', async () => {
    const small = await startServer({ ...realCliSettings(api), CHAT_MAX_PROCESSES: '1' });
    const cookie = await small.cookieFor('erin');
    const [one, two] = [
      await TestClient.open(small.webSocketUrl, small.origin, cookie),
      await TestClient.open(small.webSocketUrl, small.origin, cookie),
    ];
    const [thread, other] = [await one.hello(), await two.hello()];
    await one.runEnded(one.prompt(thread, 'the first turn'));
    const before = processesOf(small);
    await two.runEnded(two.prompt(other, 'the second turn'));
    const requests = api.mock.getRequests().length;
    await one.runEnded(one.prompt(thread, 'and again'));
    assert.notDeepEqual(processesOf(small), before);
    const bodies = api.mock
      .getRequests()
      .slice(requests)
      .map((request) => JSON.stringify(request.body));
    assert.ok(
      bodies.some((body) => body.includes('the first turn')),
      'the resumed process knows the earlier turn',
    );
    assert.equal(await small.stop(), 0);
  });

  test('Claude names a conversation after its first prompt, until its user does', async () => {
    const named = await startServer({ ...realCliSettings(api), CHAT_TITLES: 'claude' });
    const cookie = await named.cookieFor('hugo');
    const client = await TestClient.open(named.webSocketUrl, named.origin, cookie);
    const thread = await client.hello();
    const titleIs = (title: string) =>
      client.find(
        (frame) =>
          'type' in frame && frame.type === 'conversation' && frame.conversation?.title === title,
      );
    const run = client.prompt(thread, 'please name the garden');
    await titleIs('please name the garden');
    await titleIs('Garden naming');
    await client.runEnded(run);
    assert.equal(client.text, 'Roses.', 'the answer is not touched by it');
    const requests = api.mock.getRequests().length;
    await client.runEnded(client.prompt(thread, 'the second turn'));
    assert.equal(api.mock.getRequests().length, requests + 1, 'it is named once');
    await client.close();
    await named.stop();
  });

  test('what the CLI keeps of a conversation can be deleted, with every word of it', async () => {
    const client = await connect('gina');
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'plain text of a canary-7781'));
    await client.close();
    const settings = settingsIn(server.dataDir);
    const { config } = userDirs(settings, 'gina');
    const holding = () =>
      readdirSync(config, { recursive: true, encoding: 'utf8' }).filter((file) =>
        read(join(config, file)).includes('canary-7781'),
      );
    const [transcript = ''] = holding();
    assert.match(transcript, /\.jsonl$/);
    forgetTranscript(settings, 'gina', basename(transcript, '.jsonl'));
    assert.deepEqual(holding(), []);
  });

  test('a server that stops leaves no process', async () => {
    const other = await startServer(realCliSettings(api));
    const client = await TestClient.open(
      other.webSocketUrl,
      other.origin,
      await other.cookieFor('frank'),
    );
    const thread = await client.hello();
    client.prompt(thread, 'a long one again');
    await client.event('TEXT_MESSAGE_CONTENT');
    // What the CLI has at work for a moment is its own.
    const started = (await runningUnder(other.dataDir)).filter(
      ({ parent }) => parent === process.pid,
    );
    assert.equal(started.length, 1);
    assert.equal(await other.stop(), 0);
    assert.deepEqual(processesOf(other), []);
    assert.equal((await client.closed).code, 1012);
  });
});

/** Pids of everything that was started for this server's users. */
function processesOf({ dataDir }: TestServer): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environ = read(`/proc/${pid}/environ`);
      return environ.includes(`${MARKER}=`) && environ.includes(dataDir);
    })
    .map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
