import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyEvents } from '@ag-ui/client';
import { EventSchemas } from '@ag-ui/core/schemas';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Block, ClaudeMessage } from '../../src/claude/message.ts';
import { Translator } from '../../src/claude/to-agui.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { RECORDINGS, recording } from '../support/recordings.ts';
import { asShown, replay, shownBlocks } from './replay.ts';

fc.configureGlobal({ seed: 20_261, numRuns: 200 });

const CHUNK_BYTES_MAX = 64 * 1024;

const newTranslator = () => {
  let last = 0;
  return new Translator(
    () => `m${++last}`,
    () => {},
  );
};
const translateAll = (translator: Translator, messages: readonly ClaudeMessage[]) =>
  messages.flatMap((message) => translator.translate(message));
const text = (value: string): Block => ({ type: 'text', text: value });
const assistant = (messageId: string, ...blocks: Block[]): ClaudeMessage => ({
  kind: 'assistant',
  uuid: 'l1',
  messageId,
  blocks,
  parentToolUseId: null,
  subagentName: null,
});
const textDelta = (index: number, value: string): ClaudeMessage => ({
  kind: 'delta',
  index,
  of: 'text',
  text: value,
});
const started = (messageId: string): ClaudeMessage => ({ kind: 'messageStart', messageId });
const blockStart = (index: number, block: Block): ClaudeMessage => ({
  kind: 'blockStart',
  index,
  block,
});
const stopped = (index: number): ClaudeMessage => ({ kind: 'blockStop', index });
const retry: ClaudeMessage = {
  kind: 'retry',
  attempt: 1,
  maxRetries: 4,
  delayMs: 500,
  status: 529,
};
const results = (content: string, isError = false): ClaudeMessage => ({
  kind: 'toolResults',
  uuid: 'l2',
  results: [{ toolUseId: 'toolu_1', text: content, isError }],
  parentToolUseId: null,
  subagentName: null,
});
const ofType = <T extends AguiEvent['type']>(events: readonly AguiEvent[], type: T) =>
  events.filter((event): event is Extract<AguiEvent, { type: T }> => event.type === type);
const withdrawn = (events: readonly AguiEvent[]) =>
  ofType(events, 'CUSTOM').filter(({ name }) => name === 'withdrawn');

for (const recorded of RECORDINGS) {
  test(`every run of ${recorded.name} is a valid AG-UI run`, async () => {
    for (const { events } of replay(recorded)) {
      for (const event of events) EventSchemas.parse(JSON.parse(JSON.stringify(event)));
      const verified = from(events as never[]).pipe(verifyEvents(false), toArray());
      assert.equal((await lastValueFrom(verified)).length, events.length);
    }
  });
}

for (const recorded of RECORDINGS) {
  test(`what is shown of ${recorded.name} at each turn’s end is what the CLI states`, () => {
    const shown: unknown[] = [];
    const stated: unknown[] = [];
    const events: AguiEvent[] = [];
    for (const run of replay(recorded)) {
      events.push(...run.events);
      shown.splice(0, shown.length, ...shownBlocks(events).map(normal));
      stated.push(...asShown(run.stated).map(normal));
      if (run.end === 'result') assert.deepEqual(shown, stated);
    }
    // A process that was killed leaves one block unconfirmed at most, and that one is kept.
    assert.deepEqual(shown.slice(0, stated.length), stated);
    assert.ok(shown.length <= stated.length + 1);
  });
}

/**
 * Tool input is compared as a value, because the model's own spacing of its JSON is not kept by the CLI; and
 * without directories, whose names were replaced in the recordings where no delta cut them.
 */
function normal({ of, content }: { of: string; content: string }) {
  if (of !== 'input') return { of, content };
  return { of, content: JSON.parse((content || '{}').replaceAll(/\/[\w./-]*\//g, '/')) as unknown };
}

test('the same messages give the same events', () => {
  for (const recorded of RECORDINGS) assert.deepEqual(replay(recorded), replay(recorded));
});

test('no recording makes a chunk over 64 KiB', () => {
  for (const { name, events } of RECORDINGS.flatMap((r) =>
    replay(r).map((run) => ({ name: r.name, ...run })),
  )) {
    for (const event of events) {
      const bytes = Buffer.byteLength(JSON.stringify(event));
      assert.ok(bytes <= CHUNK_BYTES_MAX, `${name}: ${event.type} takes ${bytes} bytes`);
    }
  }
});

test('blocks of a stream that broke are withdrawn by name when the CLI tries again', () => {
  const [first] = replay(recording('E0-aimock-dropplease'));
  const events = first?.events ?? [];
  const lost = withdrawn(events).map(({ value }) => value);
  const [broken, second, ...whole] = ofType(events, 'TEXT_MESSAGE_START').map(
    ({ messageId }) => messageId,
  );
  // Tried again once, then given up for a whole answer.
  assert.deepEqual(lost, [{ messageIds: [broken] }, { messageIds: [second] }]);
  assert.equal(whole.length, 1);
  assert.ok(events.some((event) => event.type === 'CUSTOM' && event.name === 'claude.api_retry'));
});

test('each broken stream of a run is withdrawn once', () => {
  const runs = replay(recording('67'));
  const lost = runs.flatMap(({ events }) => withdrawn(events)).map(({ value }) => value);
  const ids = lost.flatMap((value) => (value as { messageIds: string[] }).messageIds);
  assert.ok(ids.length >= 2);
  assert.equal(new Set(ids).size, ids.length);
});

test('a retry before anything was streamed withdraws nothing', () => {
  for (const prefix of ['60', '62', '63', '64', '66', '71']) {
    for (const { events } of replay(recording(prefix)))
      assert.deepEqual(withdrawn(events), [], prefix);
  }
});

test('a confirmed block survives a retry of the call after it', () => {
  const events = translateAll(newTranslator(), [
    started('msg_1'),
    blockStart(0, text('')),
    textDelta(0, 'kept'),
    assistant('msg_1', text('kept')),
    stopped(0),
    blockStart(1, text('')),
    textDelta(1, 'lost'),
    retry,
  ]);
  assert.deepEqual(withdrawn(events)[0]?.value, { messageIds: ['m2'] });
  assert.deepEqual(shownBlocks(events), [{ of: 'text', content: 'kept' }]);
});

test('a message that begins before the last one was confirmed withdraws it', () => {
  const events = translateAll(newTranslator(), [
    started('msg_1'),
    blockStart(0, text('')),
    textDelta(0, 'lost'),
    started('msg_2'),
  ]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['TEXT_MESSAGE_START', 'TEXT_MESSAGE_CONTENT', 'TEXT_MESSAGE_END', 'CUSTOM'],
  );
});

test('a block that never streamed appears whole', () => {
  const blocks: Block[] = [
    text('words'),
    { type: 'thinking', text: 'thoughts' },
    { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } },
  ];
  const events = newTranslator().translate(assistant('msg_1', ...blocks));
  assert.deepEqual(shownBlocks(events), [
    { of: 'text', content: 'words' },
    { of: 'thinking', content: 'thoughts' },
    { of: 'input', content: '{"command":"ls"}' },
  ]);
});

test('the one-shot recording, which streams nothing, appears whole', () => {
  const [run] = replay(recording('01'));
  assert.ok(run && run.stated.length > 0);
  assert.deepEqual(shownBlocks(run.events), asShown(run.stated));
});

test('what the stream left out of a block is added when the CLI states its full text', () => {
  const property = fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (whole, at) => {
    const sent = whole.slice(0, whole.length === 0 ? 0 : at % (whole.length + 1));
    const events = translateAll(newTranslator(), [
      started('msg_1'),
      blockStart(0, text('')),
      textDelta(0, sent),
      assistant('msg_1', text(whole)),
      stopped(0),
    ]);
    assert.deepEqual(shownBlocks(events), asShown([text(whole)]));
  });
  fc.assert(property);
});

test('no delta is empty, which AG-UI does not allow', () => {
  const events = translateAll(newTranslator(), [
    started('msg_1'),
    blockStart(0, text('')),
    textDelta(0, ''),
    assistant('msg_1', text('')),
    stopped(0),
  ]);
  assert.deepEqual(ofType(events, 'TEXT_MESSAGE_CONTENT'), []);
});

test('a signature never leaves the server', () => {
  for (const recorded of RECORDINGS) {
    const signatures = recorded.steps.flatMap((step) =>
      step.dir === 'out' ? (step.line.match(/"signature":"([^"]{8,})"/)?.[1] ?? []) : [],
    );
    const said = JSON.stringify(replay(recorded));
    for (const signature of signatures) assert.ok(!said.includes(signature), recorded.name);
  }
});

test('a subagent’s words are told in a lane of their own', () => {
  const events = translateAll(newTranslator(), [
    {
      ...assistant('msg_9', text('inner')),
      ...{ parentToolUseId: 'toolu_1', subagentName: 'Explore' },
    },
    { ...results('made'), ...{ parentToolUseId: 'toolu_1', subagentName: 'Explore' } },
    results('the report'),
  ] as ClaudeMessage[]);
  assert.deepEqual(
    events.map((event) => [event.type, 'subagentRunId' in event ? event.subagentRunId : null]),
    [
      ['SUBAGENT_STARTED', 'toolu_1'],
      ['TEXT_MESSAGE_START', 'toolu_1'],
      ['TEXT_MESSAGE_CONTENT', 'toolu_1'],
      ['TEXT_MESSAGE_END', 'toolu_1'],
      ['SUBAGENT_FINISHED', 'toolu_1'],
      ['TOOL_CALL_RESULT', 'toolu_1'],
      ['TOOL_CALL_RESULT', null],
    ],
  );
});

test('a block that ended is not ended again by the end of the turn', () => {
  const translator = newTranslator();
  translateAll(translator, [
    started('msg_1'),
    blockStart(0, text('')),
    textDelta(0, 'a'),
    stopped(0),
  ]);
  assert.deepEqual(translator.closeOpen(), []);
});

test('what is open when a question is asked is closed once', () => {
  const translator = newTranslator();
  translateAll(translator, [started('msg_1'), blockStart(0, text('')), textDelta(0, 'a')]);
  assert.deepEqual(translator.closeOpen(), [{ type: 'TEXT_MESSAGE_END', messageId: 'm1' }]);
  assert.deepEqual(translator.closeOpen(), []);
  assert.deepEqual(translator.translate(stopped(0)), []);
});

test('a block that a question cut is whole in the end', () => {
  const tool = (id: string, input: object): Block => ({
    type: 'tool_use',
    id,
    name: 'Bash',
    input,
  });
  const input = (value: string): ClaudeMessage => ({
    kind: 'delta',
    index: 1,
    of: 'input',
    text: value,
  });
  const translator = newTranslator();
  const before = translateAll(translator, [
    started('msg_1'),
    blockStart(0, tool('toolu_1', {})),
    assistant('msg_1', tool('toolu_1', { command: 'ls' })),
    stopped(0),
    blockStart(1, tool('toolu_2', {})),
    input('{"command":'),
  ]);
  const closing = translator.closeOpen();
  const after = translateAll(translator, [
    input('"pwd"}'),
    assistant('msg_1', tool('toolu_2', { command: 'pwd' })),
    stopped(1),
  ]);
  const args = ofType([...before, ...closing, ...after], 'TOOL_CALL_ARGS')
    .filter(({ toolCallId }) => toolCallId === 'toolu_2')
    .map(({ delta }) => delta);
  assert.ok(args.join('').endsWith('{"command":"pwd"}'), args.join(''));
});

test('any order of messages gives balanced blocks and no delta outside one', async () => {
  const block = fc.constantFrom<Block>(
    text(''),
    { type: 'thinking', text: '' },
    { type: 'tool_use', id: 'toolu_x', name: 'Read', input: {} },
    { type: 'other' },
  );
  const message = fc.oneof(
    fc.constantFrom('msg_1', 'msg_2').map(started),
    fc.tuple(fc.nat(2), block).map(([index, of]) => blockStart(index, of)),
    fc.tuple(fc.nat(2), fc.string()).map(([index, value]) => textDelta(index, value)),
    fc.nat(2).map(stopped),
    fc
      .tuple(fc.constantFrom('msg_1', 'msg_2'), fc.string())
      .map(([id, t]) => assistant(id, text(t))),
    fc.constant(retry),
    fc.constant<'close'>('close'),
  );
  const property = fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
    const translator = newTranslator();
    const events = messages.flatMap((m) =>
      m === 'close' ? translator.closeOpen() : translator.translate(m),
    );
    const open = new Set<string>();
    for (const event of [...events, ...translator.closeOpen()]) {
      switch (event.type) {
        case 'TEXT_MESSAGE_START':
        case 'REASONING_MESSAGE_START':
          assert.ok(!open.has(event.messageId));
          open.add(event.messageId);
          break;
        case 'TEXT_MESSAGE_CONTENT':
        case 'REASONING_MESSAGE_CONTENT':
          assert.ok(open.has(event.messageId));
          break;
        case 'TEXT_MESSAGE_END':
        case 'REASONING_MESSAGE_END':
          assert.ok(open.delete(event.messageId));
          break;
      }
    }
    // A block begun twice at one index is the CLI's mistake; all others are closed at the end.
    const reused = messages.some(
      (m, i) =>
        m !== 'close' &&
        m.kind === 'blockStart' &&
        messages
          .slice(0, i)
          .some((n) => n !== 'close' && n.kind === 'blockStart' && n.index === m.index),
    );
    if (!reused) assert.deepEqual([...open], []);
  });
  fc.assert(property);
});

test('a tool result within the bound is passed on as it is', () => {
  const [event] = newTranslator().translate(results('total 8'));
  assert.deepEqual(event, {
    type: 'TOOL_CALL_RESULT',
    messageId: 'r:toolu_1',
    toolCallId: 'toolu_1',
    role: 'tool',
    content: 'total 8',
  });
});

test('a tool result that is an error says so', () => {
  const [event] = ofType(newTranslator().translate(results('no', true)), 'TOOL_CALL_RESULT');
  assert.deepEqual(event?.metadata, { isError: true });
});

test('a result over 64 KiB is cut to a beginning of itself, marked, and still a valid chunk', () => {
  const unit = fc.constantFrom('a', '"', '\\', '\n', '\u0000', 'é', '漢', '😀', '\u2028');
  const long = fc
    .tuple(fc.array(unit, { minLength: 1, maxLength: 24 }), fc.integer({ min: 1, max: 12_000 }))
    .map(([units, times]) => units.join('').repeat(times));
  const property = fc.property(long, fc.boolean(), (content, isError) => {
    const [event] = ofType(
      newTranslator().translate(results(content, isError)),
      'TOOL_CALL_RESULT',
    );
    assert.ok(event);
    const encoded = JSON.stringify(event);
    assert.ok(Buffer.byteLength(encoded) <= CHUNK_BYTES_MAX);
    assert.ok(String(event.content).isWellFormed());
    if (event.content === content) {
      assert.ok(event.metadata?.truncated === undefined);
    } else {
      const kept = String(event.content).replace(/\uFFFD$/, '');
      assert.ok(content.startsWith(kept));
      assert.ok(Buffer.byteLength(JSON.stringify(content)) > 60 * 1024, 'cut without need');
      assert.equal(event.metadata?.truncated, true);
      assert.equal(event.metadata?.length, content.length);
    }
  });
  fc.assert(property, { numRuns: 150 });
});

test('a result of half surrogate pairs is cut as well as any other', () => {
  const [event] = ofType(
    newTranslator().translate(results('\ud83d'.repeat(200_000))),
    'TOOL_CALL_RESULT',
  );
  assert.ok(Buffer.byteLength(JSON.stringify(event)) <= CHUNK_BYTES_MAX);
});

test('what a turn left unconfirmed stays when the next one begins', () => {
  const translator = newTranslator();
  translateAll(translator, [started('msg_1'), blockStart(0, text('')), textDelta(0, 'kept')]);
  translator.endTurn();
  assert.deepEqual(withdrawn(translateAll(translator, [started('msg_2')])), []);
});
