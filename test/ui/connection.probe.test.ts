import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, prompt } from './support/connection.ts';

const PROBE = { type: 'pong', ref: 'probe' } as const;
const answer = { type: 'server.replied', ref: 'probe', fault: null } as const;

for (const cause of ['page.visible', 'network.online'] as const)
  test(`[CL5] after ${cause} the server is asked for a sign of life; answered, all stays as it is`, () => {
    const { goLive, actor, last, state, sockets, clock } = connect();
    goLive();
    actor.send({ type: cause });
    assert.deepEqual(last().sent.at(-1), PROBE);
    assert.deepEqual(state(), { attached: { live: 'probing' } });
    clock.increment(999);
    last().say(answer);
    assert.deepEqual(state(), { attached: 'live' });
    clock.increment(10_000);
    assert.deepEqual(state(), { attached: 'live' });
    assert.equal(sockets.length, 1);
  });

test('[CL5] no answer within a second is said, and after four more the socket is given up', () => {
  const { goLive, actor, state, sockets, clock, last } = connect({ random: 0.5 });
  goLive();
  actor.send({ type: 'page.visible' });
  clock.increment(1_000);
  assert.deepEqual(state(), { attached: { live: 'doubtful' } });
  clock.increment(3_999);
  assert.deepEqual(state(), { attached: { live: 'doubtful' } });
  clock.increment(1);
  assert.equal(state(), 'waiting');
  assert.equal(sockets[0]?.open, false);
  clock.increment(250);
  assert.deepEqual(state(), { attached: 'connecting' });
  last().say({ type: 'socket.opened' });
  assert.deepEqual(last().sent[0], { type: 'hello', threadId: 't1', after: 'c1', ref: 'hello' });
});

test('[CL5] a late answer makes it sure again', () => {
  const { goLive, actor, state, clock, last } = connect();
  goLive();
  actor.send({ type: 'page.visible' });
  clock.increment(3_000);
  last().say(answer);
  assert.deepEqual(state(), { attached: 'live' });
});

test('[R7] what is sent while it is doubtful goes at once, is settled by its reply, and again where it was lost', () => {
  const { goLive, actor, state, clock, last, prompts, outbox } = connect({ random: 0.5 });
  goLive();
  actor.send({ type: 'page.visible' });
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  actor.send({ type: 'user.wished', wish: prompt('r2') });
  assert.equal(prompts().length, 2);
  last().say({ type: 'server.replied', ref: 'r1', fault: null });
  assert.deepEqual(state(), { attached: { live: 'probing' } }, 'a reply to something else');
  assert.deepEqual(outbox(), ['r2']);
  for (const ms of [1_000, 4_000, 250]) clock.increment(ms);
  goLive();
  assert.deepEqual(
    prompts().map((frame) => 'runId' in frame && frame.runId),
    ['r2'],
  );
});

test('[CL5] while frames still come on a slow line, an answer that is late is no reason to let go', () => {
  const { goLive, actor, state, clock, last, sockets } = connect();
  goLive();
  actor.send({ type: 'page.visible' });
  last().say({ type: 'socket.alive' });
  clock.increment(1_000);
  assert.deepEqual(
    state(),
    { attached: { live: 'doubtful' } },
    'it may have come before the sleep',
  );
  last().say({ type: 'socket.alive' });
  assert.deepEqual(state(), { attached: 'live' });
  clock.increment(49_999);
  assert.deepEqual(state(), { attached: 'live' });
  clock.increment(1);
  assert.equal(state(), 'waiting');
  assert.equal(sockets.length, 1);
});

test('[CL5] another conversation that is opened on a dead socket is asked for on a new one within seconds', () => {
  for (const before of [0, 1_500]) {
    const { goLive, actor, state, clock, last, place } = connect({ random: 0.5 });
    goLive();
    actor.send({ type: 'page.visible' });
    clock.increment(before);
    place.threadId = 't2';
    actor.send({ type: 'thread.changed' });
    assert.deepEqual(state(), { attached: 'catchingUp' });
    clock.increment(10_000);
    assert.equal(state(), 'waiting');
    clock.increment(250);
    last().say({ type: 'socket.opened' });
    assert.deepEqual(last().sent[0], { type: 'hello', threadId: 't2', after: 'c1', ref: 'hello' });
  }
});

test('[CL5] once a hello is answered, what was said takes its time on a slow line', () => {
  const { state, clock, last } = connect();
  last().say({ type: 'socket.opened' });
  clock.increment(9_000);
  last().say({ type: 'server.welcomed', user: 'alice' });
  clock.increment(40_000);
  assert.deepEqual(state(), { attached: 'catchingUp' });
  last().say({ type: 'server.caughtUp' });
  assert.deepEqual(state(), { attached: 'live' });
});
