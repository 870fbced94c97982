import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { KeptTranscript, PIECE_BYTES } from '../../src/claude/kept-transcript.ts';
import { tempDir } from './programs.ts';

/** What a store keeps of one session, and the sizes it was kept in. */
function shelf() {
  const state: { kept: Buffer | null; pieces: number[] } = { kept: null, pieces: [] };
  const ports = {
    load: async () => state.kept,
    keep: async (at: number, bytes: Uint8Array) => {
      state.pieces.push(bytes.length);
      state.kept = Buffer.concat([(state.kept ?? Buffer.alloc(0)).subarray(0, at), bytes]);
    },
  };
  const on = (file = join(tempDir(), 'projects', 'session.jsonl')) => ({
    file,
    transcript: new KeptTranscript(() => file, ports),
  });
  return { state, on };
}

test('[R18] a transcript that was kept on one server is there on the next', async () => {
  const { state, on } = shelf();
  const first = on(join(tempDir(), 'session.jsonl'));
  writeFileSync(first.file, 'one\n');
  await first.transcript.keep();
  appendFileSync(first.file, 'two\nhal');
  await first.transcript.keep();
  assert.deepEqual(state.pieces, [4, 4], 'only what is new, in whole lines');
  const second = on();
  await second.transcript.restore();
  assert.equal(readFileSync(second.file, 'utf8'), 'one\ntwo\n');
  assert.equal(statSync(second.file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dirname(second.file)), ['session.jsonl']);
  appendFileSync(second.file, 'three\n');
  await second.transcript.keep();
  assert.equal(String(state.kept), 'one\ntwo\nthree\n');
});

test('a file that goes on from what was kept wins, any other gives way', async () => {
  for (const [there, then] of [
    ['one\ntwo\nlate\n', 'one\ntwo\nlate\n'],
    ['one\n', 'one\ntwo\n'],
    ['one\nelse\nand more\n', 'one\ntwo\n'],
  ] as const) {
    const { state, on } = shelf();
    state.kept = Buffer.from('one\ntwo\n');
    const { file, transcript } = on(join(tempDir(), 'session.jsonl'));
    writeFileSync(file, there);
    await transcript.restore();
    assert.equal(readFileSync(file, 'utf8'), then);
    await transcript.keep();
    assert.equal(String(state.kept), then);
  }
});

test('a long growth is kept in pieces, and nothing where there is no file', async () => {
  const { state, on } = shelf();
  const { file, transcript } = on(join(tempDir(), 'session.jsonl'));
  await transcript.restore();
  await transcript.keep();
  assert.deepEqual(state.pieces, []);
  const long = `${'x'.repeat(2 * PIECE_BYTES)}\n`;
  writeFileSync(file, long);
  await transcript.keep();
  assert.deepEqual(state.pieces, [PIECE_BYTES, PIECE_BYTES, 1]);
  assert.equal(String(state.kept), long);
});
