import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaudeInput } from '../../src/claude/facts.ts';
import type { PromptImage } from '../../src/claude/lines-in.ts';
import { recording } from '../support/recordings.ts';
import { demo, gone, node, replaying, scripted } from './programs.ts';
import { replay, shownBlocks } from './replay.ts';
import { stageClaude } from './staged-claude.ts';

/** Reached only when what is awaited does not happen. */
const BOUND = { timeout: 20_000 };

const READY = { initialize: ['ready'] };
const init = { type: 'system', subtype: 'init', session_id: 's', tools: [] };
const streamEvent = (event: object) => ({ type: 'stream_event', event, parent_tool_use_id: null });
const HALF_AN_ANSWER = [
  { say: init },
  { say: streamEvent({ type: 'message_start', message: { id: 'msg_1' } }) },
  { say: streamEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text' } }) },
  {
    say: streamEvent({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'half' },
    }),
  },
];
const result = (fields: object = {}) => ({ say: { type: 'result', is_error: false, ...fields } });

test('a process is ready when it answers `initialize`', BOUND, async () => {
  const claude = stageClaude(demo);
  await claude.heard('claude.ready');
  const [spawned, ready] = claude.facts;
  assert.ok(spawned?.type === 'claude.spawned' && typeof spawned.pid === 'number');
  assert.equal(ready?.type, 'claude.ready');
  await claude.stop();
  assert.deepEqual(claude.facts.at(-1), {
    type: 'claude.exited',
    fault: null,
    code: 0,
    signal: null,
  });
});

test('a turn’s words are handed out before its end is told', BOUND, async () => {
  const claude = stageClaude(demo, { prompts: { a: 'tell me' } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  const ended = await claude.heard('claude.turnEnded');
  assert.equal(ended.how, 'done');
  assert.equal(ended.fault, null);
  assert.ok(ended.deltas > 10);
  assert.ok(claude.text.includes('demo agent'));
  const last = claude.said.findLastIndex(({ type }) => type === 'claude.chunks');
  assert.ok(last < claude.said.indexOf(ended));
  assert.ok(claude.said.findIndex(({ type }) => type === 'claude.turnStarted') < last);
  await claude.stop();
  assert.equal(
    claude.said.findLastIndex(({ type }) => type === 'claude.chunks'),
    last,
  );
});

test(
  'a request of a kind that is not known is answered with an error, and counted',
  BOUND,
  async () => {
    const request = {
      type: 'control_request',
      request_id: 'r1',
      request: { subtype: 'telepathy' },
    };
    const claude = stageClaude(
      scripted({
        initialize: ['ready'],
        user: [{ say: { type: 'system', subtype: 'init' } }, { say: request }],
        control_response: ['echo', { say: { type: 'result', is_error: false } }],
      }),
    );
    await claude.heard('claude.ready');
    claude.prompt('a');
    await claude.heard('claude.turnEnded');
    const { heard } = JSON.parse(claude.text) as { heard: { response: Record<string, unknown> } };
    assert.equal(heard.response.subtype, 'error');
    assert.equal(heard.response.request_id, 'r1');
    assert.deepEqual(claude.unknown, ['control_request telepathy']);
    await claude.stop();
  },
);

test('two turns on one process are told apart, and the deltas counted through', BOUND, async () => {
  const claude = stageClaude(demo, { prompts: { a: 'error', b: 'error again' } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  const first = await claude.heard('claude.turnEnded');
  const from = claude.said.length;
  claude.prompt('b');
  const second = await claude.heard('claude.turnEnded', from);
  assert.ok(second.deltas > first.deltas);
  assert.ok(claude.said.slice(from).some(({ type }) => type === 'claude.turnStarted'));
  await claude.stop();
});

test(
  'a question is handed out before the fact names it, and the answer goes on',
  BOUND,
  async () => {
    const claude = stageClaude(replaying('40-permission-allow'));
    await claude.heard('claude.ready');
    claude.prompt('a');
    const asked = await claude.heard('claude.asked');
    const blockedAt = await claude.heard('claude.blocked');
    assert.equal(blockedAt.requestId, asked.requestId);
    assert.ok(claude.said.indexOf(asked) < claude.said.indexOf(blockedAt));
    assert.equal(asked.request.toolName, 'Bash');
    claude.tell({ type: 'claude.answer', requestId: asked.requestId });
    assert.equal((await claude.heard('claude.turnEnded')).how, 'done');
    await claude.stop();
  },
);

test('what a process plays of a recording is what the recording translates to', BOUND, async () => {
  for (const name of ['40-permission-allow', '42-permission-deny', '49-ask-user-question']) {
    const claude = stageClaude(replaying(name));
    await claude.heard('claude.ready');
    claude.prompt('a');
    const { requestId } = await claude.heard('claude.asked');
    claude.tell({ type: 'claude.answer', requestId });
    await claude.heard('claude.turnEnded');
    await claude.stop();
    const expected = replay(recording(name)).flatMap(({ events }) => events);
    assert.deepEqual(shownBlocks(claude.events), shownBlocks(expected), name);
  }
});

test('an interrupt ends the turn as cancelled, and the process lives', BOUND, async () => {
  const claude = stageClaude(demo, { prompts: { a: 'slow', b: 'error' } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  await claude.heard('claude.chunks');
  claude.tell({ type: 'claude.interrupt' });
  const ended = await claude.heard('claude.turnEnded');
  assert.equal(ended.how, 'cancelled');
  assert.equal(ended.fault, null);
  const from = claude.said.length;
  claude.prompt('b');
  assert.equal((await claude.heard('claude.turnEnded', from)).how, 'failed');
  await claude.stop();
});

test('an interrupt before the turn has begun is told again when it begins', BOUND, async () => {
  // As the CLI does: it takes the first for one between turns, and starts the turn all the same.
  const claude = stageClaude(
    node(`
      import { createInterface } from 'node:readline';
      const say = (message) => console.log(JSON.stringify(message));
      let began = false;
      for await (const line of createInterface({ input: process.stdin })) {
        const { type, request, request_id } = JSON.parse(line);
        if (type !== 'control_request') continue;
        say({ type: 'control_response', response: { subtype: 'success', request_id } });
        if (request.subtype !== 'interrupt') continue;
        if (began) say({ type: 'result', is_error: true, terminal_reason: 'aborted_streaming' });
        else say({ type: 'system', subtype: 'init' });
        began = true;
      }
    `),
  );
  await claude.heard('claude.ready');
  claude.prompt('a');
  claude.tell({ type: 'claude.interrupt' });
  assert.equal((await claude.heard('claude.turnEnded')).how, 'cancelled');
  await claude.stop();
});

test('[R62] an API that is asked and says nothing is a stall', BOUND, async () => {
  const script = {
    ...READY,
    user: [...HALF_AN_ANSWER, { say: { type: 'system', subtype: 'status', status: 'requesting' } }],
    interrupt: [result({ is_error: true, terminal_reason: 'aborted_streaming', errors: ['odd'] })],
  };
  const claude = stageClaude(scripted(script), { input: { stallMs: 50 } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  await claude.heard('claude.stalled');
  claude.tell({ type: 'claude.interrupt' });
  assert.equal((await claude.heard('claude.turnEnded')).how, 'cancelled');
  assert.deepEqual(claude.all('claude.words'), [], 'the CLI’s words for an interrupt help nobody');
  await claude.stop();
  assert.equal(claude.all('claude.stalled').length, 1);
});

test('the words of a crash are cut of secrets', BOUND, async () => {
  const script = { start: [{ err: 'panic: key is hush-hush\n' }, { exit: 3 }] };
  const redact = (words: string) => words.replace('hush-hush', '[cut]');
  const claude = stageClaude(scripted(script), { input: { redact } });
  await claude.heard('claude.exited');
  assert.deepEqual(claude.all('claude.words'), [
    { type: 'claude.words', words: 'panic: key is [cut]' },
  ]);
});

test('an interrupt while a question is open takes it back', BOUND, async () => {
  const claude = stageClaude(demo, { prompts: { a: 'tool' } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  const { requestId } = await claude.heard('claude.blocked');
  claude.tell({ type: 'claude.interrupt' });
  assert.equal((await claude.heard('claude.unblocked')).requestId, requestId);
  assert.equal((await claude.heard('claude.turnEnded')).how, 'cancelled');
  await claude.stop();
});

test(
  'an error of the API is a fault, and its words are handed out before the end',
  BOUND,
  async () => {
    const claude = stageClaude(demo, { prompts: { a: 'error' } });
    await claude.heard('claude.ready');
    claude.prompt('a');
    const ended = await claude.heard('claude.turnEnded');
    assert.deepEqual([ended.how, ended.fault], ['failed', 'claude.api']);
    assert.deepEqual(claude.all('claude.words'), [
      { type: 'claude.words', words: 'Overloaded (demo)' },
    ]);
    await claude.stop();
  },
);

const VERDICTS = [
  [{}, 'done', null],
  [{ is_error: true, terminal_reason: 'aborted_streaming' }, 'cancelled', null],
  [{ is_error: false, terminal_reason: 'aborted_tools' }, 'cancelled', null],
  [{ is_error: true, terminal_reason: 'api_error' }, 'failed', 'claude.api'],
  [{ is_error: true, api_error_status: 401, subtype: 'success' }, 'failed', 'claude.api'],
  [{ is_error: true, terminal_reason: 'max_turns' }, 'failed', 'claude.failed'],
  [{ is_error: true }, 'failed', 'claude.failed'],
] as const;

test('how a turn ended is told by the error flag, the reason and the status', BOUND, async () => {
  for (const [fields, how, fault] of VERDICTS) {
    const claude = stageClaude(scripted({ ...READY, user: [{ say: init }, result(fields)] }));
    await claude.heard('claude.ready');
    claude.prompt('a');
    const ended = await claude.heard('claude.turnEnded');
    assert.deepEqual([ended.how, ended.fault], [how, fault], JSON.stringify(fields));
    claude.abandon();
  }
});

test('a stop between turns ends the process without a fault', BOUND, async () => {
  const claude = stageClaude(demo);
  await claude.heard('claude.ready');
  await claude.stop();
  assert.deepEqual(claude.all('claude.words'), []);
  assert.equal(claude.all('claude.exited').length, 1);
});

test('a stop in a turn lets the turn say how it ended, then ends the process', BOUND, async () => {
  const claude = stageClaude(demo, { prompts: { a: 'slow' } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  await claude.heard('claude.chunks');
  claude.tell({ type: 'claude.stop' });
  claude.tell({ type: 'claude.stop' });
  await claude.heard('claude.exited');
  const last = claude.facts.slice(-2).map(({ type }) => type);
  assert.deepEqual(last, ['claude.turnEnded', 'claude.exited']);
  assert.equal(claude.all('claude.exited')[0]?.fault, null);
  claude.abandon();
});

test(
  'a process that stops in a turn is a crash, told with the last of its words',
  BOUND,
  async () => {
    const claude = stageClaude(
      scripted({
        ...READY,
        user: [...HALF_AN_ANSWER, { err: 'warning\nout of memory\n' }, { exit: 3 }],
      }),
    );
    await claude.heard('claude.ready');
    claude.prompt('a');
    const exited = await claude.heard('claude.exited');
    assert.deepEqual(exited, {
      type: 'claude.exited',
      fault: 'claude.crashed',
      code: 3,
      signal: null,
    });
    assert.deepEqual(claude.all('claude.words'), [
      { type: 'claude.words', words: 'out of memory' },
    ]);
    assert.equal(claude.text, 'half');
    assert.equal(claude.events.at(-1)?.type, 'TEXT_MESSAGE_END');
    const words = claude.said.findIndex(({ type }) => type === 'claude.words');
    assert.ok(words < claude.said.indexOf(exited));
    claude.abandon();
  },
);

test(
  'a process that is killed in a turn keeps what it said, and tells the signal',
  BOUND,
  async () => {
    const claude = stageClaude(replaying('85-sigkill-stream', 8));
    await claude.heard('claude.ready');
    claude.prompt('a');
    const exited = await claude.heard('claude.exited');
    assert.deepEqual([exited.fault, exited.signal], ['claude.crashed', 'SIGKILL']);
    assert.ok(claude.text.length > 0);
    claude.abandon();
  },
);

test('a process that ends before it answers is a failed start, with its words', BOUND, async () => {
  const claude = stageClaude(
    scripted({ start: [{ err: 'Error: Session ID x is already in use.\n' }, { exit: 1 }] }),
  );
  const exited = await claude.heard('claude.exited');
  assert.equal(exited.fault, 'claude.startFailed');
  assert.deepEqual(claude.all('claude.words')[0]?.words, 'Error: Session ID x is already in use.');
  claude.abandon();
});

test('a program that is not there is a failed start', BOUND, async () => {
  const claude = stageClaude(['/nonexistent/claude']);
  const exited = await claude.heard('claude.exited');
  assert.equal(exited.fault, 'claude.startFailed');
  assert.equal(claude.all('claude.words')[0]?.words, 'ENOENT');
  claude.abandon();
});

test('a process that refuses `initialize` is a failed start', BOUND, async () => {
  let readyId = '';
  const claude = stageClaude(
    scripted({
      initialize: [
        {
          say: {
            type: 'control_response',
            response: { subtype: 'error', request_id: 'the-first', error: 'no' },
          },
        },
      ],
    }),
    {
      input: {
        newUuid: () => {
          readyId ||= 'the-first';
          return readyId;
        },
      },
    },
  );
  assert.equal((await claude.heard('claude.exited')).fault, 'claude.startFailed');
  claude.abandon();
});

test('a launch that cannot be made is a bug that ends this process alone', BOUND, async () => {
  const claude = stageClaude(demo, {
    input: {
      launch: () => {
        throw new Error('no directory');
      },
    },
  });
  assert.equal((await claude.heard('claude.exited')).fault, 'claude.startFailed');
  assert.equal((claude.bugs[0] as Error).message, 'no directory');
  claude.abandon();
});

test('an actor that is abandoned kills its process and says nothing more', BOUND, async () => {
  const ended = Promise.withResolvers<void>();
  const admit: ClaudeInput['admit'] = async (start, end) => {
    await start();
    await end;
    ended.resolve();
  };
  const claude = stageClaude(demo, { prompts: { a: 'slow' }, input: { admit } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  await claude.heard('claude.chunks');
  const [spawned] = claude.all('claude.spawned');
  claude.abandon();
  const said = claude.said.length;
  await ended.promise;
  await gone(spawned?.pid ?? 0);
  assert.equal(claude.said.length, said);
});

test('an actor that is abandoned before there was room never starts a process', BOUND, async () => {
  const room = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const admit: ClaudeInput['admit'] = async (start, ended) => {
    await room.promise;
    await start();
    await ended;
    done.resolve();
  };
  const claude = stageClaude(demo, { input: { admit } });
  claude.abandon();
  room.resolve();
  await done.promise;
  assert.deepEqual(claude.said, []);
});

test('a stop before there was room ends without a process and without a fault', BOUND, async () => {
  const claude = stageClaude(demo, { input: { admit: () => new Promise(() => {}) } });
  await claude.stop();
  assert.deepEqual(claude.facts, [
    { type: 'claude.exited', fault: null, code: null, signal: null },
  ]);
});

test('a start settles when the process answers, and ends when it has gone', BOUND, async () => {
  const order: string[] = [];
  const admit: ClaudeInput['admit'] = async (start, ended) => {
    await start();
    order.push('started');
    await ended;
    order.push('ended');
  };
  const claude = stageClaude(demo, { input: { admit } });
  await claude.heard('claude.ready');
  await claude.stop();
  assert.deepEqual(order, ['started', 'ended']);
});

test('progress is told at most ten times a second, and every delta is counted', BOUND, async () => {
  const clock = {
    now: () => 0,
    setTimeout: (fn: () => void) => setImmediate(fn),
    clearTimeout: (id: unknown) => clearImmediate(id as NodeJS.Immediate),
  };
  const claude = stageClaude(demo, { prompts: { a: 'flood' }, input: { clock } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  const ended = await claude.heard('claude.turnEnded');
  assert.equal(claude.all('claude.progress').length, 1);
  assert.equal(ended.deltas, 20_000);
  assert.equal(claude.text, 'word '.repeat(20_000));
  await claude.stop();
});

test('lines that nobody understands are passed over', BOUND, async () => {
  const odd = [{ raw: 'no JSON\n\n{"type":"telepathy"}\n[]\nnull\n' }, { say: { type: 'system' } }];
  const claude = stageClaude(
    scripted({ initialize: [...odd, 'ready'], user: [...odd, { say: init }, ...odd, result()] }),
  );
  await claude.heard('claude.ready');
  claude.prompt('a');
  assert.equal((await claude.heard('claude.turnEnded')).how, 'done');
  assert.deepEqual(claude.bugs, []);
  await claude.stop();
});

test('[R53] a prompt goes by stdin as it is, and nothing of it is an argument', BOUND, async () => {
  const prompts = {
    help: '--help',
    flag: '-p x',
    slash: '/clear',
    at: '@/etc/passwd',
    nul: 'a\u0000b',
    lines: 'one\ntwo\r\n\u2028',
    json: '{"type":"control_request","request":{"subtype":"interrupt"}}',
  };
  const claude = stageClaude(scripted({ ...READY, user: ['echo', { say: init }, result()] }), {
    prompts,
  });
  await claude.heard('claude.ready');
  for (const [runId, text] of Object.entries(prompts)) {
    const from = claude.said.length;
    claude.prompt(runId);
    await claude.heard('claude.turnEnded', from);
    const shown = shownBlocks(claude.events).at(-1)?.content ?? '{}';
    const { heard, argv, env } = JSON.parse(shown);
    assert.equal(heard.message.content, text);
    assert.equal(heard.client_composed, true);
    assert.deepEqual(argv, []);
    assert.ok(!Object.values(env).includes(text));
  }
  await claude.stop();
});

test('[R59] no fact holds a prompt, an answer or a word of Claude’s', BOUND, async () => {
  const claude = stageClaude(demo, {
    input: {
      desk: {
        promptText: (runId) => `canary-prompt ${runId}`,
        promptImages: () => null,
        isExpanded: () => false,
        takeUntitled: () => null,
        takeAnswer: () => ({ behavior: 'deny', message: 'canary-answer' }),
      },
    },
  });
  await claude.heard('claude.ready');
  claude.prompt('tool');
  const { requestId } = await claude.heard('claude.blocked');
  claude.tell({ type: 'claude.answer', requestId });
  await claude.heard('claude.turnEnded');
  const from = claude.said.length;
  claude.prompt('error');
  await claude.heard('claude.turnEnded', from);
  await claude.stop();
  const said = JSON.stringify(claude.events);
  assert.ok(said.includes('canary-answer'));
  const facts = JSON.stringify(claude.facts);
  for (const word of ['canary', 'demo agent', 'notes.txt', 'Overloaded', 'ls -l'])
    assert.ok(!facts.includes(word), word);
});

test(
  '[R12] a paused process says the rest when it is resumed, an interrupt’s end included',
  BOUND,
  async () => {
    const claude = stageClaude(demo, { prompts: { a: 'slow', b: 'error' } });
    await claude.heard('claude.ready');
    claude.prompt('a');
    await claude.heard('claude.chunks');
    claude.tell({ type: 'claude.pause' });
    claude.tell({ type: 'claude.interrupt' });
    claude.prompt('b');
    claude.tell({ type: 'claude.resume' });
    const ended = await claude.heard('claude.turnEnded');
    assert.equal(ended.how, 'cancelled');
    const next = await claude.heard('claude.turnEnded', claude.said.indexOf(ended) + 1);
    assert.equal(next.how, 'failed');
    await claude.stop();
  },
);

test(
  '[R12] [R61] a process that is stopped while paused goes, and its last words are not lost',
  BOUND,
  async () => {
    const claude = stageClaude(demo, { prompts: { a: 'slow' } });
    await claude.heard('claude.ready');
    claude.prompt('a');
    await claude.heard('claude.chunks');
    claude.tell({ type: 'claude.pause' });
    await claude.stop();
    const last = claude.facts.slice(-2);
    assert.deepEqual(
      last.map(({ type }) => type),
      ['claude.turnEnded', 'claude.exited'],
    );
    assert.ok(last[1]?.type === 'claude.exited' && last[1].fault === null);
  },
);

test(
  '[IM5] a prompt is written once its images are read, and what stops it comes after it',
  BOUND,
  async () => {
    const images = Promise.withResolvers<readonly PromptImage[]>();
    const program = scripted({
      ...READY,
      user: [{ say: init }],
      interrupt: [result({ subtype: 'error_during_execution' })],
    });
    const claude = stageClaude(program, { prompts: { a: 'look' }, images: { a: images.promise } });
    await claude.heard('claude.ready');
    claude.prompt('a');
    claude.tell({ type: 'claude.interrupt' });
    images.resolve([{ type: 'image/png', bytes: Buffer.from('png') }]);
    await claude.heard('claude.turnEnded');
    const kinds = claude.facts.map(({ type }) => type);
    assert.ok(kinds.indexOf('claude.turnStarted') < kinds.indexOf('claude.turnEnded'));
    await claude.stop();
  },
);

test('images that cannot be read end the process, and the error is told', BOUND, async () => {
  const images = Promise.withResolvers<readonly PromptImage[]>();
  const claude = stageClaude(demo, { prompts: { a: 'look' }, images: { a: images.promise } });
  await claude.heard('claude.ready');
  claude.prompt('a');
  images.reject(new Error('no such image'));
  const exited = await claude.heard('claude.exited');
  assert.equal(exited.fault, 'claude.crashed');
  assert.deepEqual(claude.bugs.map(String), ['Error: no such image']);
});
