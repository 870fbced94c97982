import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { Heartbeats } from '../../src/claude/heartbeats.ts';

/** A pipe that takes what is written when it is told to. */
function pipe(reads = true) {
  const heard: string[] = [];
  const duplex = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      heard.push(String(chunk));
      if (reads) done();
    },
  });
  return { duplex, heard };
}

function start() {
  const state = { mayBeat: true, timers: 0, tick: () => {} };
  const heartbeats = new Heartbeats({
    everyMs: 100,
    mayBeat: () => state.mayBeat,
    clock: {
      setInterval: (callback, ms) => {
        assert.equal(ms, 100);
        state.tick = callback;
        return ++state.timers;
      },
      clearInterval: () => void state.timers--,
    },
  });
  return { state, heartbeats };
}

test('[R16] one timer beats for all, the first time at once', () => {
  const { state, heartbeats } = start();
  const [a, b] = [pipe(), pipe()];
  heartbeats.add(a.duplex);
  heartbeats.add(b.duplex);
  state.tick();
  assert.deepEqual(
    [a.heard, b.heard],
    [
      ['\n', '\n'],
      ['\n', '\n'],
    ],
  );
  assert.equal(state.timers, 1);
});

test('[R16] nobody hears a beat while nothing may run', () => {
  const { state, heartbeats } = start();
  const { duplex, heard } = pipe();
  state.mayBeat = false;
  heartbeats.add(duplex);
  state.tick();
  assert.deepEqual(heard, []);
  state.mayBeat = true;
  state.tick();
  assert.deepEqual(heard, ['\n']);
});

test('[R16] nothing is queued for a keeper that does not read', () => {
  const { state, heartbeats } = start();
  const { duplex, heard } = pipe(false);
  heartbeats.add(duplex);
  for (let i = 0; i < 100; i++) state.tick();
  assert.deepEqual(heard, ['\n']);
  assert.equal(duplex.writableLength, 1);
});

test('[R16] there is no timer while there is no pipe', async () => {
  const { state, heartbeats } = start();
  const { duplex } = pipe();
  heartbeats.add(duplex);
  const closed = new Promise((resolve) => duplex.once('close', resolve));
  duplex.destroy();
  await closed;
  assert.equal(state.timers, 0);
});
