import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { LineSplitter } from '../../src/claude/lines.ts';

fc.configureGlobal({ seed: 20_264, numRuns: 500 });

const text = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', '\n\n', '漢字', '😀', '\r')))
  .map((parts) => parts.join('').toWellFormed());
const cuts = fc.array(fc.nat(10_000), { maxLength: 30 });

/** `bytes` in pieces, cut at `at` wherever that falls: inside a character as well. */
function pieces(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...at.map((n) => n % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

function read(splitter: LineSplitter, chunks: readonly Buffer[]): string[] {
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

test('a text cut anywhere gives the lines it has as a whole', () => {
  const property = fc.property(text, cuts, (whole, at) => {
    const expected = whole.split('\n').filter((line) => line !== '');
    assert.deepEqual(read(new LineSplitter(), pieces(Buffer.from(whole), at)), expected);
  });
  fc.assert(property);
});

test('each line is given as soon as its newline is there', () => {
  const splitter = new LineSplitter();
  assert.deepEqual(splitter.push(Buffer.from('a\nb')), ['a']);
  assert.deepEqual(splitter.push(Buffer.from('c\n\nd\ne')), ['bc', 'd']);
  assert.deepEqual(splitter.end(), ['e']);
  assert.deepEqual(splitter.end(), []);
});

test('a character cut in two survives', () => {
  const splitter = new LineSplitter();
  for (const byte of Buffer.from('😀')) assert.deepEqual(splitter.push(Buffer.from([byte])), []);
  assert.deepEqual(splitter.push(Buffer.from('\n')), ['😀']);
});

test('bytes that are no UTF-8 do not throw, and their line stays one line', () => {
  const property = fc.property(fc.uint8Array(), cuts, (bytes, at) => {
    const whole = Buffer.from(bytes);
    const newlines = whole.filter((byte) => byte === 0x0a).length;
    assert.ok(read(new LineSplitter(), pieces(whole, at)).length <= newlines + 1);
  });
  fc.assert(property);
});

test('a line over the bound is dropped and counted, and the next is read, wherever it is cut', () => {
  const max = 64;
  const lines = fc.array(fc.integer({ min: 1, max: 3 * max }), { minLength: 1, maxLength: 12 });
  const property = fc.property(lines, fc.integer({ min: 1, max }), (lengths, chunkBytes) => {
    const whole = Buffer.from(lengths.map((length) => `${'x'.repeat(length)}\n`).join(''));
    const splitter = new LineSplitter(max);
    const at = Array.from(
      { length: Math.ceil(whole.length / chunkBytes) },
      (_, i) => i * chunkBytes,
    );
    const kept = lengths.filter((length) => length <= max).map((length) => 'x'.repeat(length));
    assert.deepEqual(read(splitter, pieces(whole, at)), kept);
    assert.equal(splitter.dropped, lengths.length - kept.length);
  });
  fc.assert(property);
});

test('a last line over the bound without a newline is dropped as well', () => {
  const splitter = new LineSplitter(8);
  assert.deepEqual(read(splitter, [Buffer.from('123456'), Buffer.from('789')]), []);
  assert.equal(splitter.dropped, 1);
});

test('a line of exactly the bound is read', () => {
  const splitter = new LineSplitter(8);
  assert.deepEqual(read(splitter, [Buffer.from('1234'), Buffer.from('5678\n')]), ['12345678']);
  assert.equal(splitter.dropped, 0);
});

test('a read of nothing but newlines gives no line, however long it is', () => {
  assert.deepEqual(read(new LineSplitter(), [Buffer.alloc(64 * 1024, '\n')]), []);
});

test('nothing is kept of an endless line once it is over the bound', async () => {
  const splitter = new LineSplitter(256 * 1024);
  const chunks = Array.from({ length: 64 }, () => pushOne(splitter));
  await new Promise(setImmediate); // a WeakRef holds what it names until its task is over
  collectGarbage();
  assert.equal(chunks.filter((chunk) => chunk.deref() !== undefined).length, 0);
  assert.equal(splitter.dropped, 1);
  assert.deepEqual(splitter.push(Buffer.from('\nnext\n')), ['next']);
});

const ENDS = [
  [
    '{"type":"assistant","message":{"id":"msg_1","content":[{"type":"text","text":"',
    '"}]},"uuid":"u"}',
  ],
  ['{"is_error":false,"result":"', '","model_usage_since_last_result":{"m":{"outputTokens":7}}}'],
] as const;

test('[P6] a long line that repeats what was streamed comes without its middle, and is still JSON', () => {
  const texts = ['word ', 'line\n', '漢字', '😀', '"\\', '\u0001\ud83d'];
  for (const [head, tail] of ENDS) {
    for (const unit of [...texts, texts.join(' and ')]) {
      const text = unit.repeat(Math.ceil(5_000_000 / Buffer.byteLength(JSON.stringify(unit))));
      const whole = `${head}${JSON.stringify(text).slice(1, -1)}${tail}`;
      const [line = '', next] = read(new LineSplitter(), [
        ...inReads(Buffer.from(`${whole}\nnext\n`)),
      ]);
      assert.ok(Buffer.byteLength(line) < 1_200_000, `${unit}: ${line.length} units are kept`);
      assert.deepEqual(
        Object.keys(JSON.parse(line)),
        Object.keys(JSON.parse(`${head}${tail}`)),
        unit,
      );
      assert.ok(line.startsWith(whole.slice(0, 1_000)) && line.endsWith(whole.slice(-1_000)));
      assert.equal(next, 'next');
    }
  }
});

test('a line that is no repetition, or is of a size that models write, comes whole', () => {
  const [[head, tail]] = ENDS;
  const lines = [
    `{"type":"control_request","request":{"input":"${'x'.repeat(3_000_000)}"}}`,
    `${head}${'x'.repeat(1_000_000)}${tail}`,
  ];
  assert.deepEqual(read(new LineSplitter(), inReads(Buffer.from(lines.join('\n')))), lines);
});

/** As a pipe gives them. */
function inReads(bytes: Buffer): Buffer[] {
  const count = Math.ceil(bytes.length / 65_536);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536));
}

function pushOne(splitter: LineSplitter): WeakRef<Buffer> {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  splitter.push(chunk);
  return new WeakRef(chunk);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
