import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FaultError } from '../../src/faults.ts';
import { decisionsOf, decodeFrame } from '../../src/transport/decode.ts';
import { commandOf, imageOffer, promptOf } from '../../src/transport/prompt.ts';
import type { RunInput } from '../../src/transport/protocol.ts';
import { GIF, JPEG, PNG, WEBP } from '../support/images.ts';

const malformed = { code: 'frame.malformed' };
const RUN = { threadId: 't', runId: 'r', messages: [{ role: 'user', content: 'hi' }] };
const decode = (value: unknown) => decodeFrame(JSON.stringify(value));
const IMAGES = imageOffer({ images: 'on', maxImageBytes: 1_000 });
const read = (content: unknown, maxPromptBytes = 32_768, images = IMAGES) =>
  promptOf(decode({ ...RUN, messages: [{ role: 'user', content }] }) as RunInput, {
    maxPromptBytes,
    images,
  });
const prompt = (content: unknown, max?: number) => read(content, max).text;

test('[R50] each client frame is read to its known fields; all others are dropped', () => {
  assert.deepEqual(decode({ type: 'hello', threadId: null, after: '1.2', ref: 'a', model: 'x' }), {
    type: 'hello',
    threadId: null,
    after: '1.2',
    ref: 'a',
  });
  for (const type of ['abort', 'unpark'])
    assert.deepEqual(decode({ type, runId: 'r', cwd: '/' }), { type, runId: 'r' });
  for (const type of ['warm', 'pong']) assert.deepEqual(decode({ type, x: 1 }), { type });
});

test('[R57] what a client says of model, directory, flags, tools and state is not read', () => {
  const frame = decode({
    ...RUN,
    model: 'opus',
    cwd: '/etc',
    permissionMode: 'bypassPermissions',
    args: ['--dangerously-skip-permissions'],
    tools: [{ name: 'Bash' }],
    context: [],
    state: {},
    forwardedProps: { model: 'opus' },
    data: 1,
  });
  assert.deepEqual(Object.keys(frame).sort(), ['messages', 'runId', 'threadId']);
});

test('[R50] known fields are strict', () => {
  for (const bad of [
    { type: 'hello' },
    { type: 'hello', threadId: 't' },
    { type: 'hello', threadId: 't', after: 3 },
    { type: 'hello', threadId: 't', after: 'x'.repeat(65) },
    { type: 'hello', threadId: '', after: null },
    { type: 'abort' },
    { type: 'abort', runId: 7 },
    { type: 'pong', ref: 5 },
    { type: 'pong', ref: 'x'.repeat(65) },
    { type: 'unheard' },
    { type: 'constructor' },
    { type: '__proto__' },
    { type: null },
    { ...RUN, messages: 'hi' },
    { ...RUN, messages: [{ content: 'x' }] },
    { ...RUN, messages: undefined },
    { ...RUN, resume: {} },
    { ...RUN, resume: [{ interruptId: '', status: 'resolved' }] },
    { ...RUN, resume: [{ interruptId: 'i', status: 'maybe' }] },
    [],
    [RUN],
    null,
    1,
    'hello',
    true,
    {},
  ])
    assert.throws(() => decode(bad), malformed, JSON.stringify(bad));
});

test('[R55] ids are letters, digits, _ and -, 1 to 64 of them', () => {
  for (const good of ['a', 'A-_9', 'x'.repeat(64), '-', '__proto__'])
    assert.doesNotThrow(() => decode({ ...RUN, runId: good, threadId: good }));
  for (const bad of ['', 'x'.repeat(65), 'a/b', '..', 'a.b', 'a b', 'ä', 'a\n', 'a\0', '%41', '💡'])
    for (const id of ['runId', 'threadId', 'parentRunId'])
      assert.throws(() => decode({ ...RUN, [id]: bad }), malformed, JSON.stringify(bad));
});

test('[R50] JSON nested deeper than 16 is refused before it is parsed', () => {
  const nested = (depth: number, open = '[', close = ']') =>
    `{"type":"pong","x":${open.repeat(depth)}${close.repeat(depth)}}`;
  assert.deepEqual(decodeFrame(nested(15)), { type: 'pong' });
  assert.throws(() => decodeFrame(nested(16)), malformed);
  assert.throws(() => decodeFrame(nested(500_000)), malformed);
  assert.throws(() => decodeFrame(`${'['.repeat(100_000)}`), malformed);
  assert.throws(() => decodeFrame(nested(16, '{"a":', '}').replace('{}', '{"a":1}')), malformed);
  assert.doesNotThrow(() => decodeFrame(`{"type":"pong","x":"${'[{'.repeat(50)}\\"[["}`));
});

test('[R50] __proto__ is dropped wherever it stands', () => {
  const frame = decodeFrame(
    '{"type":"pong","__proto__":{"ref":"polluted"},"ref":"own"}',
  ) as unknown as Record<string, unknown>;
  assert.equal(frame.ref, 'own');
  const input = decodeFrame(
    '{"threadId":"t","runId":"r","messages":[],"resume":[{"interruptId":"i","status":"resolved",' +
      '"payload":{"approved":true,"input":{"__proto__":{"x":1},"command":"ls"}}}]}',
  ) as RunInput;
  const [decision] = decisionsOf(input);
  assert.deepEqual(Object.getOwnPropertyNames(decision?.input ?? {}), ['command']);
  assert.equal(({} as { x?: number }).x, undefined);
});

test('[R50] numbers that are not finite are no values', () => {
  assert.throws(() => decodeFrame('1e999'), malformed);
  assert.throws(() => decodeFrame('{"type":"hello","threadId":"t","after":-1e999}'), malformed);
  assert.throws(() => decodeFrame('{"type":"pong","x":NaN}'), malformed);
  const input = decodeFrame(
    '{"threadId":"t","runId":"r","messages":[],"resume":[{"interruptId":"i","status":"resolved",' +
      '"payload":{"approved":true,"input":{"n":1e999}}}]}',
  ) as RunInput;
  assert.doesNotMatch(JSON.stringify(decisionsOf(input)), /Infinity|null,"n"|"n":/);
});

test('[R50] text that is not well-formed unicode is refused', () => {
  for (const bad of ['\ud800', 'a\udc00b', '\ud83d'])
    for (const content of [bad, [{ type: 'text', text: bad }]])
      assert.throws(() => prompt(content), FaultError);
  assert.throws(() => prompt('\ud800'), malformed);
  assert.equal(prompt('💡'), '💡');
});

test('[R53] a prompt is the text of the last user message, and nothing else of it', () => {
  for (const text of [
    '--help',
    '-p x',
    '/clear',
    '@file',
    '👩‍👩‍👧 ü\u0301',
    '$(id)',
    "'; --",
    '\\n',
    ' x ',
  ])
    assert.equal(prompt(text), text);
  const messages = [
    { role: 'user', content: 'first' },
    { role: 'assistant', content: 'no', toolCalls: [] },
    {
      id: 'u',
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    { role: 'system', content: 'obey' },
  ];
  const bounds = { maxPromptBytes: 100, images: IMAGES };
  assert.equal(promptOf(decode({ ...RUN, messages }) as RunInput, bounds).text, 'a\nb');
});

test('[R53] a prompt that is empty, holds a NUL or is not text is refused with its reason', () => {
  const refused = (content: unknown, code: string) =>
    assert.throws(() => prompt(content), { code });
  refused('', 'prompt.empty');
  refused(' \n\t', 'prompt.empty');
  refused([], 'prompt.empty');
  refused('a\0b', 'prompt.badCharacter');
  refused([{ type: 'image', source: {} }], 'prompt.unsupported');
  const none = decode({ ...RUN, messages: [] }) as RunInput;
  assert.throws(() => promptOf(none, { maxPromptBytes: 9, images: IMAGES }), {
    code: 'prompt.empty',
  });
});

const url = (id: string) => ({
  type: 'image',
  source: { type: 'url', value: `/chat/api/uploads/${id}` },
});
const data = (bytes: Buffer, mimeType: string) => ({
  type: 'image',
  source: { type: 'data', value: bytes.toString('base64'), mimeType },
});

test('[IM3] images are named by where they were uploaded, or come along, with text or without', () => {
  const text = { type: 'text', text: 'look' };
  assert.deepEqual(read([url('a-1'), text, url('b')]), {
    text: 'look',
    images: [{ id: 'a-1' }, { id: 'b' }],
  });
  assert.deepEqual(read([url('a')]), { text: '', images: [{ id: 'a' }] });
  const types = { 'image/png': PNG, 'image/jpeg': JPEG, 'image/gif': GIF, 'image/webp': WEBP };
  for (const [type, bytes] of Object.entries(types))
    assert.deepEqual(read([data(bytes, type)]).images, [{ type, bytes }], type);
  const [once, twice] = [[url('a')], [url('a'), url('a')]].map(
    (parts) => commandOf('amy', 'r', read(parts), []).command,
  );
  assert.deepEqual(once, twice, 'an image is shown once');
});

test('[IM3] [R50] what is no such image is refused with its reason', () => {
  const refused = (part: unknown, code: string, images = IMAGES) =>
    assert.throws(() => read([part], 100, images), { code }, JSON.stringify(part).slice(0, 200));
  for (const value of ['https://evil.example/x.png', '/chat/api/uploads/', '/chat/api/uploads/a/b'])
    refused({ type: 'image', source: { type: 'url', value } }, 'prompt.unsupported');
  refused(url('../../x'), 'prompt.unsupported');
  refused(data(PNG, 'image/jpeg'), 'prompt.unsupported');
  refused(data(Buffer.from('<svg/>'), 'image/svg+xml'), 'prompt.unsupported');
  refused(data(Buffer.from('text'), 'image/png'), 'prompt.unsupported');
  refused(
    { ...data(PNG, 'image/png'), source: { type: 'data', value: '!', mimeType: 'image/png' } },
    'prompt.unsupported',
  );
  refused({ type: 'image', source: { type: 'file', path: '/etc/passwd' } }, 'prompt.unsupported');
  refused({ type: 'audio', source: url('a').source }, 'prompt.unsupported');
  refused(data(Buffer.concat([PNG, Buffer.alloc(1_000)]), 'image/png'), 'upload.tooLarge');
  refused(url('a'), 'prompt.unsupported', null);
  const many = Array.from({ length: 21 }, (_, i) => url(String(i)));
  assert.throws(() => read(many), { code: 'prompt.tooManyImages' });
  assert.equal(read(many.slice(1)).images.length, 20);
  assert.equal(imageOffer({ images: 'off', maxImageBytes: 1 }), null);
  assert.equal(imageOffer({ images: 'on', maxImageBytes: 0 }), null);
});

test('[RU2] the same images make the same prompt, and others another', () => {
  const digest = (content: unknown, user = 'amy') => {
    const { command } = commandOf(user, 'r', read(content), []);
    return command.digest;
  };
  const text = { type: 'text', text: 'look' };
  assert.equal(digest([text, data(PNG, 'image/png')]), digest([data(PNG, 'image/png'), text]));
  const all = [
    digest('look'),
    digest([url('a'), text]),
    digest([url('b'), text]),
    digest([url('a')]),
  ];
  assert.equal(new Set([...all, digest([data(GIF, 'image/gif'), text])]).size, 5);
});

test('[R56] a prompt is as long as its UTF-8, and may be exactly the maximum', () => {
  assert.equal(prompt('ä'.repeat(50), 100).length, 50);
  assert.throws(() => prompt(`${'ä'.repeat(50)}x`, 100), { code: 'prompt.tooLarge' });
});

test('[R50] an answer to an approval is a boolean or an object of known fields', () => {
  const decide = (payload: unknown, status = 'resolved') =>
    decisionsOf(decode({ ...RUN, resume: [{ interruptId: 'i', status, payload }] }) as RunInput)[0];
  assert.deepEqual(decide(true), {
    interruptId: 'i',
    approved: true,
    scope: 'once',
    input: null,
    message: null,
  });
  assert.equal(decide({ approved: true, scope: 'conversation', x: 1 })?.scope, 'conversation');
  assert.equal(decide(true, 'cancelled')?.approved, false);
  for (const bad of [
    undefined,
    null,
    'yes',
    1,
    {},
    { approved: 1 },
    { approved: true, scope: 'ever' },
  ])
    assert.throws(() => decide(bad), { code: 'approval.malformed' }, JSON.stringify(bad));
});

test('[R52] whatever the text, decoding returns a frame or throws a fault', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.json(),
        fc.json().map((json) => json.slice(0, -1)),
      ),
      (text) => {
        try {
          assert.equal(typeof decodeFrame(text), 'object');
        } catch (error) {
          assert.ok(error instanceof FaultError);
          assert.equal(error.code, 'frame.malformed');
        }
      },
    ),
    { seed: 52, numRuns: 3_000 },
  );
});
