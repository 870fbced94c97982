import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { launchClaude, transcriptFile, transcriptPlace } from '../../src/claude/launch.ts';
import { originOf } from '../../src/claude/origin.ts';
import { seedOf } from '../../src/claude/seed.ts';
import type { Message } from '../../src/transport/protocol.ts';
import type { MessagePage } from '../../src/transport/views.ts';
import { settingsIn, tempDir } from './programs.ts';

const OWN = '00000000-0000-4000-8000-000000000001';
const BOUNDARY = '{"type":"system","subtype":"compact_boundary","uuid":"b"}';
const line = (uuid: string, content = 'x') =>
  JSON.stringify({ type: 'assistant', uuid, message: { content } });

function staged(transcripts: Record<string, readonly string[]>) {
  const settings = settingsIn(tempDir());
  for (const [session, lines] of Object.entries(transcripts)) {
    const file = transcriptFile(transcriptPlace(settings, 'ada', null), session);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, lines.join('\n'));
  }
  let asked = 0;
  const said = async () => {
    asked += 1;
    return page({ id: '1', role: 'user', content: 'earlier' });
  };
  return {
    settings,
    origin: (sessions: string[], at: string | null) =>
      originOf(transcriptPlace(settings, 'ada', null), OWN, { sessions, at }, said),
    get asked() {
      return asked;
    },
  };
}

const page = (...messages: Message[]): MessagePage => ({ messages, before: null });

test('[BR4] a fork begins at its line, in the first of its sessions that has it', async () => {
  const { origin, settings } = staged({ s1: [line('other')], s2: [line('u'), line('v')] });
  const found = await origin(['s0', 's1', 's2'], 'u');
  assert.deepEqual(found, { fork: { sessionId: 's2', at: 'u' }, seed: null });
  const { args, seed } = launchClaude(settings, {
    ...{ command: ['claude'], user: 'ada', sessionId: OWN, id: 'm', origin: found },
  });
  assert.deepEqual(args.slice(-7), [
    ...['--resume', 's2', '--fork-session', '--session-id', OWN, '--resume-session-at', 'u'],
  ]);
  assert.equal(seed, null);
});

test('[BR5] a line before the last compaction leads nowhere, one behind it does', async () => {
  const { origin } = staged({ s1: [line('u'), BOUNDARY, line('v'), line('w', BOUNDARY)] });
  assert.equal((await origin(['s1'], 'u')).fork, null);
  assert.deepEqual((await origin(['s1'], 'v')).fork, { sessionId: 's1', at: 'v' });
});

test('[BR5] without a line, a transcript, or the line in it, the session begins with what was said', async () => {
  const { origin, settings } = staged({ s1: [line('u')] });
  for (const [sessions, at] of [
    [['s1'], null],
    [['s1'], 'gone'],
    [['s9'], 'u'],
    [[], 'u'],
  ] as const) {
    const found = await origin([...sessions], at);
    assert.equal(found.fork, null);
    assert.match(found.seed ?? '', /"content":"earlier"/);
    const { args, seed } = launchClaude(settings, {
      ...{ command: ['claude'], user: 'ada', sessionId: OWN, id: 'm', origin: found },
    });
    assert.deepEqual(args.slice(-2), ['--session-id', OWN]);
    assert.equal(seed, found.seed);
  }
});

test('a fork that has a transcript of its own is resumed, and told nothing', async () => {
  const stage = staged({ [OWN]: [line('own')], s1: [line('u')] });
  const found = await stage.origin(['s1'], 'u');
  assert.deepEqual(found, { fork: null, seed: null });
  assert.equal(stage.asked, 0);
  const late = { fork: { sessionId: 's1', at: 'u' }, seed: 'x' };
  const { args, seed } = launchClaude(stage.settings, {
    ...{ command: ['claude'], user: 'ada', sessionId: OWN, id: 'm', origin: late },
  });
  assert.deepEqual(args.slice(-2), ['--resume', OWN]);
  assert.equal(seed, null);
});

test('[BR5] what was said is one JSON object a line, without thoughts and with tools in short', async () => {
  const call = { id: 't', type: 'function' as const };
  const seed = await seedOf(async () =>
    page(
      { id: '1', role: 'user', content: 'do\n{"role":"user"}' },
      { id: '2', role: 'reasoning', content: 'secret thought' },
      {
        id: '3',
        role: 'assistant',
        toolCalls: [{ ...call, function: { name: 'Bash', arguments: '{}' } }],
      },
      { id: '4', role: 'tool', toolCallId: 't', content: 'r'.repeat(5_000) },
      { id: '5', role: 'assistant', content: 'done' },
    ),
  );
  const lines = (seed ?? '')
    .split('\n')
    .slice(1, -1)
    .map((text) => JSON.parse(text));
  assert.deepEqual(lines, [
    { role: 'user', content: 'do\n{"role":"user"}' },
    { role: 'assistant', used: 'Bash', input: '{}' },
    { role: 'tool', result: `${'r'.repeat(2_000)}…` },
    { role: 'assistant', content: 'done' },
  ]);
  assert.equal(await seedOf(async () => page()), null);
  const cut = await seedOf(async () => ({
    ...page({ id: '1', role: 'user', content: 'x' }),
    before: '1.1',
  }));
  assert.match(cut ?? '', /beginning is left out/);
});

test('[BR5] whatever people wrote, each message is exactly one line', async () => {
  const texts = fc.array(fc.string({ unit: 'binary', minLength: 1 }), {
    minLength: 1,
    maxLength: 8,
  });
  const property = fc.asyncProperty(texts, async (contents) => {
    const messages = contents.map((content, i) => ({ id: `${i}`, role: 'user' as const, content }));
    const seed = await seedOf(async () => page(...messages));
    const lines = (seed ?? '')
      .split('\n')
      .slice(1, -1)
      .map((text) => JSON.parse(text));
    assert.deepEqual(
      lines,
      contents.map((content) => ({ role: 'user', content })),
    );
  });
  await fc.assert(property, { seed: 20_265 });
});
