import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Wish } from '../../src/ui/connection.events.ts';
import type { SocketFact } from '../../src/ui/socket.ts';
import { connect, prompt, signedIn, UNKNOWN } from './support/connection.ts';

test('[R4] a fresh socket says hello with the conversation and the cursor, then catches up', () => {
  const { last, state } = connect();
  assert.deepEqual(state(), { attached: 'connecting' });
  last().say({ type: 'socket.opened' });
  assert.deepEqual(state(), { attached: 'catchingUp' });
  assert.deepEqual(last().sent, [{ type: 'hello', threadId: 't1', after: 'c1', ref: 'hello' }]);
  last().say({ type: 'server.caughtUp' });
  assert.deepEqual(state(), { attached: 'live' });
});

for (const code of [1001, 1005, 1006, 1011, 1012, 1013, 4408])
  test(`[R51] close code ${code} reconnects with resume after a jittered backoff`, () => {
    const { goLive, close, clock, state, sockets, place, last } = connect({ random: 0.5 });
    goLive();
    place.after = 'c9';
    close(code);
    assert.equal(state(), 'waiting');
    assert.equal(sockets[0]?.open, false);
    clock.increment(249);
    assert.equal(state(), 'waiting');
    clock.increment(1);
    assert.deepEqual(state(), { attached: 'connecting' });
    last().say({ type: 'socket.opened' });
    assert.deepEqual(last().sent[0], { type: 'hello', threadId: 't1', after: 'c9', ref: 'hello' });
  });

test('[R51] 4429 waits 30 s before it reconnects', () => {
  const { goLive, close, clock, state } = connect();
  goLive();
  close(4429);
  clock.increment(29_999);
  assert.equal(state(), 'waiting');
  clock.increment(1);
  assert.deepEqual(state(), { attached: 'connecting' });
});

for (const code of [1000, 1008, 1009, 4400, 4403, 4404, 4413, 4499])
  test(`[R51] close code ${code} stops, says why, and hands unanswered prompts back`, () => {
    const { goLive, close, clock, actor, state, sockets, refused, outbox } = connect();
    goLive();
    actor.send({ type: 'user.wished', wish: prompt('r1') });
    close(code);
    assert.equal(state(), 'stopped');
    assert.ok(actor.getSnapshot().context.why);
    assert.deepEqual(
      refused.map(({ wish }) => wish.ref),
      ['r1'],
    );
    assert.deepEqual(outbox(), []);
    clock.increment(600_000);
    assert.equal(sockets.length, 1);
    actor.send({ type: 'user.retried' });
    assert.deepEqual(state(), { attached: 'connecting' });
  });

test('[R51] refused before open: no usable answer backs off, longer each time, without end', async () => {
  const { close, state, verdict, actor, clock } = connect({ random: 1 });
  const waits: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    close(1006);
    await verdict(UNKNOWN);
    assert.equal(state(), 'waiting');
    waits.push(actor.getSnapshot().context.retryMs);
    clock.increment(30_000);
    assert.deepEqual(state(), { attached: 'connecting' });
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test('[R42] refused three times running although signed in: the origin is refused, stop and say so', async () => {
  const { close, state, verdict, clock, actor } = connect();
  for (let i = 0; i < 2; i += 1) {
    close(1006);
    await verdict(signedIn());
    assert.equal(state(), 'waiting');
    clock.increment(30_000);
  }
  close(1006);
  await verdict(signedIn());
  assert.equal(state(), 'refused');
  clock.increment(600_000);
  assert.equal(state(), 'refused');
  actor.send({ type: 'user.retried' });
  assert.deepEqual(state(), { attached: 'connecting' });
});

for (const type of ['page.visible', 'network.online'] as const)
  test(`[R42] refused, and ${type}: it is tried anew, as it may have been for want of room`, async () => {
    const { close, state, verdict, clock, actor, sockets } = connect();
    const refuseThrice = async () => {
      for (let i = 0; i < 3; i += 1) {
        close(1006);
        await verdict(signedIn());
        clock.increment(30_000);
      }
    };
    await refuseThrice();
    assert.equal(state(), 'refused');
    actor.send({ type });
    assert.deepEqual(state(), { attached: 'connecting' });
    await refuseThrice();
    assert.deepEqual([state(), sockets.length], ['refused', 6]);
  });

test('a verify that never answers ends after 10 s', () => {
  const { close, state, clock } = connect();
  close(1006);
  clock.increment(10_000);
  assert.equal(state(), 'waiting');
});

test('a socket that does not open within 15 s is given up', () => {
  const { state, clock, sockets } = connect();
  clock.increment(15_000);
  assert.equal(state(), 'waiting');
  assert.equal(sockets[0]?.open, false);
});

for (const type of ['network.online', 'page.visible', 'user.retried'] as const)
  test(`${type} ends the wait at once`, () => {
    const { goLive, close, actor, state } = connect({ random: 1 });
    goLive();
    close(1006);
    actor.send({ type });
    assert.deepEqual(state(), { attached: 'connecting' });
  });

test('[R48] 50 s without a frame: the socket is closed and opened anew', () => {
  const { goLive, last, clock, state, sockets } = connect();
  goLive();
  clock.increment(40_000);
  last().say({ type: 'socket.alive' });
  clock.increment(49_999);
  assert.deepEqual(state(), { attached: 'live' });
  clock.increment(1);
  assert.equal(state(), 'waiting');
  assert.equal(sockets[0]?.open, false);
});

test('the backoff starts over only once the connection has held for 5 s', () => {
  const { goLive, close, clock, actor } = connect({ random: 1 });
  const wait = () => actor.getSnapshot().context.retryMs;
  goLive();
  close(1006);
  clock.increment(500);
  goLive();
  close(1006);
  assert.equal(wait(), 1000);
  clock.increment(1000);
  goLive();
  clock.increment(5_000);
  close(1006);
  assert.equal(wait(), 500);
});

test('[R23] after `draining` no socket comes back before the server has begun to refuse, once', () => {
  const { goLive, last, close, actor, clock } = connect({ random: 0.5 });
  goLive();
  last().say({ type: 'server.draining', reconnectAfterMs: 3_210 });
  clock.increment(2_000);
  close(1012);
  assert.equal(actor.getSnapshot().context.retryMs, 1_210);
  clock.increment(1_210);
  goLive();
  close(1012);
  assert.equal(actor.getSnapshot().context.retryMs, 500);
});

test('[R23] a socket that closes long after `draining` comes back after its own jitter', () => {
  const { goLive, last, close, actor, clock } = connect({ random: 0.5 });
  goLive();
  last().say({ type: 'server.draining', reconnectAfterMs: 3_210 });
  clock.increment(20_000);
  close(1012);
  assert.equal(actor.getSnapshot().context.retryMs, 250);
});

test('[DR6] a prompt refused by a server that goes is sent again to the next one', () => {
  const { goLive, last, close, clock, actor, prompts, refused, outbox } = connect();
  goLive();
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  last().say({ type: 'server.replied', ref: 'r1', fault: 'server.restarting' });
  assert.deepEqual(refused, []);
  assert.deepEqual(outbox(), ['r1']);
  close(1012);
  clock.increment(30_000);
  goLive();
  assert.deepEqual(prompts(), [prompt('r1')]);
});

test('[R7] a prompt cut off before its reply is sent again after the reconnect, once, with the same run id', () => {
  const { goLive, close, clock, actor, prompts, last } = connect();
  goLive();
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  assert.equal(prompts().length, 1);
  close(1006);
  clock.increment(30_000);
  last().say({ type: 'socket.opened' });
  assert.equal(prompts().length, 0, 'not before it is known what the server has');
  last().say({ type: 'server.caughtUp' });
  assert.deepEqual(prompts(), [prompt('r1')]);
  last().say({ type: 'server.replied', ref: 'r1', fault: null });
  close(1006);
  clock.increment(30_000);
  goLive();
  assert.equal(prompts().length, 0);
});

test('[R7] a prompt whose run was replayed while catching up is not sent again', () => {
  const { goLive, close, clock, actor, prompts, last } = connect();
  goLive();
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  close(1006);
  clock.increment(30_000);
  last().say({ type: 'socket.opened' });
  last().say({ type: 'server.accepted', runIds: ['r1'] });
  last().say({ type: 'server.caughtUp' });
  assert.equal(prompts().length, 0);
});

test('a prompt written while offline is sent when the connection is back', () => {
  const { goLive, close, clock, actor, prompts } = connect();
  goLive();
  close(1006);
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  clock.increment(30_000);
  goLive();
  assert.deepEqual(prompts(), [prompt('r1')]);
});

const TAKEN: SocketFact[] = [
  { type: 'server.replied', ref: 'r1', fault: null },
  { type: 'server.accepted', runIds: ['r1'] },
];
for (const taken of TAKEN)
  test(`[R29] a prompt that waits for its limit is the server’s with ${taken.type}, and not sent again`, () => {
    const { goLive, close, clock, actor, prompts, last, outbox } = connect();
    goLive();
    actor.send({ type: 'user.wished', wish: prompt('r1') });
    last().say(taken);
    assert.deepEqual(outbox(), []);
    close(1006);
    clock.increment(30_000);
    goLive();
    assert.equal(prompts().length, 0);
  });

test('[R26] a prompt refused in its reply is handed back once; one that was taken before it is not', () => {
  const { goLive, actor, last, refused, outbox } = connect();
  goLive();
  for (const runId of ['r0', 'r1']) actor.send({ type: 'user.wished', wish: prompt(runId) });
  last().say({ type: 'server.replied', ref: 'r0', fault: null });
  for (let i = 0; i < 2; i += 1)
    last().say({ type: 'server.replied', ref: 'r1', fault: 'throttled' });
  assert.deepEqual(refused, [{ wish: prompt('r1'), fault: 'throttled' }]);
  assert.deepEqual(outbox(), []);
});

test('a stop pressed twice is one wish, and one pressed while offline is kept', () => {
  const { goLive, close, clock, actor, last, outbox } = connect();
  goLive();
  close(1006);
  const abort: Wish = { type: 'abort', runId: 'r1', ref: 'abort-r1' };
  actor.send({ type: 'user.wished', wish: abort });
  actor.send({ type: 'user.wished', wish: abort });
  assert.deepEqual(outbox(), ['abort-r1']);
  clock.increment(30_000);
  goLive();
  assert.deepEqual(last().sent.slice(1), [abort]);
});

test('the outbox takes 32 wishes; the next is refused at once', () => {
  const { actor, refused, outbox } = connect();
  for (let i = 0; i < 33; i += 1) actor.send({ type: 'user.wished', wish: prompt(`r${i}`) });
  assert.equal(outbox().length, 32);
  assert.deepEqual(
    refused.map(({ wish, fault }) => [wish.ref, fault]),
    [['r32', 'queue.full']],
  );
});

test('a hello the server refuses stops the connection', () => {
  const { last, state } = connect();
  last().say({ type: 'socket.opened' });
  last().say({ type: 'server.replied', ref: 'hello', fault: 'conversation.unknown' });
  assert.equal(state(), 'stopped');
});

test('another conversation is a new hello on the same socket', () => {
  const { goLive, actor, last, place, state, sockets } = connect();
  goLive();
  Object.assign(place, { threadId: 't2', after: null });
  actor.send({ type: 'thread.changed' });
  assert.deepEqual(state(), { attached: 'catchingUp' });
  assert.deepEqual(last().sent.at(-1), {
    type: 'hello',
    threadId: 't2',
    after: null,
    ref: 'hello',
  });
  assert.equal(sockets.length, 1);
});

test('a wish that outlived a reload is sent once its user is known and all is caught up', () => {
  const { actor, last, prompts, known } = connect();
  actor.on('user.known', () => actor.send({ type: 'user.wished', wish: prompt('r1') }));
  last().say({ type: 'socket.opened' });
  assert.deepEqual(known, []);
  last().say({ type: 'server.welcomed', user: 'alice' });
  assert.deepEqual(known, ['alice']);
  assert.equal(prompts().length, 0);
  last().say({ type: 'server.caughtUp' });
  assert.deepEqual(prompts(), [prompt('r1')]);
});
