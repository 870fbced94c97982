/**
 * A process of its own for `line.test.ts`: takes a fixed number of the CLI's lines through everything between its pipe
 * and a socket, on a clock that stands still but for the pace, and prints what that took. Its young generation must
 * hold all of it: then nothing is collected on the way, and the growth of the heap is what was allocated.
 */
import { LineSplitter } from '../../src/claude/lines.ts';
import { PACE_MS, Pump } from '../../src/claude/pump.ts';
import { parseLine } from '../../src/claude/stream-json.ts';
import { Translator } from '../../src/claude/to-agui.ts';
import { encodeRow } from '../../src/transport/fanout.ts';

/** What a pipe holds, and so what one read of a fast writer gives. */
const READ_BYTES = 65_536;
const TOKEN = 'word~';

const event = (of: string) =>
  `{"type":"stream_event","event":${of},"session_id":"5f0c3b1e-8a57-4c1d-9b52-0d6f1f2a7c11","parent_tool_use_id":null,"uuid":"0bf04e4a-1dfe-40f0-8d99-1eba0cd988f1"}\n`;
const BEGIN =
  event('{"type":"message_start","message":{"id":"msg_1","role":"assistant","content":[]}}') +
  event('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}');
const DELTA = event(
  `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${TOKEN}"}}`,
);

export interface Taken {
  /** Of the whole way, and of JavaScript's heap alone: a frame's bytes are outside of it. */
  readonly heapBytes: number;
  readonly frames: number;
  readonly frameBytes: number;
  readonly textBytes: number;
  readonly parses: number;
}

let parses = 0;
const { parse } = JSON;
JSON.parse = (...args) => {
  parses += 1;
  return parse(...args);
};

/** @param readBytes How much one read of the pipe gives. */
function take(tokens: number, readBytes: number): Taken {
  let [nowMs, frames, frameBytes, blocks] = [0, 0, 0, 0];
  const clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => {} };
  const splitter = new LineSplitter();
  const translator = new Translator(
    () => `m${++blocks}`,
    () => {},
  );
  const pump = new Pump(
    (chunks) => {
      for (const chunk of chunks) {
        frames += 1;
        frameBytes += encodeRow({ term: 1, seq: frames, runId: 'r', chunk }).frame.length;
      }
    },
    clock,
    () => 0,
  );
  const hear = (bytes: Buffer) => {
    for (const line of splitter.push(bytes)) pump.push(translator.translate(parseLine(line)));
    pump.settle();
  };
  hear(Buffer.from(BEGIN));
  const input = Buffer.from(DELTA.repeat(tokens));
  [parses, frames, frameBytes] = [0, 0, 0];
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < input.length; at += readBytes) {
    nowMs += PACE_MS;
    hear(input.subarray(at, at + readBytes));
    pump.flush();
  }
  const heapBytes = process.memoryUsage().heapUsed - before;
  return { heapBytes, frames, frameBytes, textBytes: tokens * TOKEN.length, parses };
}

take(20_000, READ_BYTES); // compiles it all
take(2_000, DELTA.length);
const burst = take(20_000, READ_BYTES);
const paced = take(2_000, DELTA.length);
process.stdout.write(JSON.stringify({ burst, paced }));
