/** What the connection machine does when a sign-in ends, comes back, or is another user’s. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, prompt, SIGNED_OUT, signedIn, UNKNOWN } from './support/connection.ts';

/** A page whose sign-in has ended, for certain, with a prompt that was not answered. */
async function signedOut() {
  const page = connect();
  page.goLive();
  page.actor.send({ type: 'user.wished', wish: prompt('r1') });
  page.close(4401);
  await page.verdict(SIGNED_OUT);
  return page;
}

test('[R36] 4401 asks once who is signed in, and stays as it is when it is nobody', async () => {
  const { state, clock, sockets, asked, outbox, refused, reloads } = await signedOut();
  assert.deepEqual(state(), { signedOut: 'resting' });
  clock.increment(600_000);
  assert.deepEqual([sockets.length, asked(), reloads()], [1, 1, 0]);
  assert.deepEqual([outbox(), refused], [['r1'], []]);
});

test('[R36] 4401 while a newer sign-in of the same user is there comes back with the cursor', async () => {
  const { goLive, close, verdict, state, clock, place, last, sockets } = connect();
  goLive();
  place.after = 'c9';
  close(4401);
  assert.equal(state(), 'verifying');
  assert.equal(sockets[0]?.open, false);
  await verdict(signedIn());
  assert.equal(state(), 'waiting');
  clock.increment(500);
  last().say({ type: 'socket.opened' });
  assert.deepEqual(last().sent, [{ type: 'hello', threadId: 't1', after: 'c9', ref: 'hello' }]);
});

test('[R36] sign-ins that end at once are not tried faster and faster', async () => {
  const { goLive, close, verdict, clock, actor } = connect({ random: 1 });
  const waits: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    goLive();
    close(4401);
    await verdict(signedIn());
    waits.push(actor.getSnapshot().context.retryMs);
    clock.increment(30_000);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000]);
});

test('[R51] refused before open: 401 waits for a new sign-in', async () => {
  const { close, state, verdict } = connect();
  close(1006);
  assert.equal(state(), 'verifying');
  await verdict(SIGNED_OUT);
  assert.deepEqual(state(), { signedOut: 'resting' });
});

for (const type of ['page.visible', 'page.focused', 'network.online', 'signIn.seen'] as const)
  test(`signed out, ${type} asks again; the user is back: so is the page, and what waited is sent`, async () => {
    const { actor, state, verdict, goLive, prompts, asked, reloads } = await signedOut();
    actor.send({ type: 'user.wished', wish: prompt('r2') });
    const event = type === 'signIn.seen' ? { type, user: 'alice' } : { type };
    actor.send(event);
    assert.deepEqual(state(), { signedOut: 'asking' });
    await verdict(SIGNED_OUT);
    assert.deepEqual(state(), { signedOut: 'resting' });
    actor.send(event);
    await verdict(signedIn());
    assert.deepEqual(state(), { attached: 'connecting' });
    goLive();
    assert.deepEqual(prompts(), [prompt('r1'), prompt('r2')]);
    assert.deepEqual([asked(), reloads()], [3, 0]);
  });

test('a sign-in that is seen while it is asked is asked for again', async () => {
  const { actor, state, verdict, verdicts } = await signedOut();
  actor.send({ type: 'page.focused' });
  actor.send({ type: 'signIn.seen', user: 'alice' });
  verdicts.at(-2)?.(SIGNED_OUT); // the answer from before it
  await verdict(signedIn());
  assert.deepEqual(state(), { attached: 'connecting' });
});

test('signed out and no usable answer: it is asked again, later each time', async () => {
  const { actor, state, verdict, clock, asked } = await signedOut();
  actor.send({ type: 'page.focused' });
  await verdict(UNKNOWN);
  assert.deepEqual(state(), { signedOut: 'unsure' });
  clock.increment(500);
  assert.deepEqual(state(), { signedOut: 'asking' });
  clock.increment(10_000);
  assert.deepEqual(state(), { signedOut: 'unsure' });
  clock.increment(1_000);
  await verdict(signedIn());
  assert.deepEqual(state(), { attached: 'connecting' });
  assert.equal(asked(), 4);
});

test('another user signed in: nothing of the first is sent or given back, and the page starts afresh', async () => {
  const { actor, state, verdict, sockets, reloads, outbox, refused } = await signedOut();
  actor.send({ type: 'signIn.seen', user: 'bob' });
  await verdict(signedIn('bob'));
  assert.equal(state(), 'replaced');
  assert.deepEqual([sockets.length, reloads()], [1, 1]);
  assert.deepEqual([outbox(), refused], [['r1'], []], 'kept for the first, as it was stored');
});

test('a welcome for another user than before ends the socket before anything is sent', () => {
  const { goLive, close, clock, actor, last, state, prompts, reloads, sockets } = connect();
  goLive('alice');
  close(1006);
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  clock.increment(30_000);
  last().say({ type: 'socket.opened' });
  last().say({ type: 'server.welcomed', user: 'bob' });
  assert.equal(state(), 'replaced');
  assert.equal(sockets.at(-1)?.open, false);
  assert.deepEqual([prompts().length, reloads()], [0, 1]);
});

test('[R44] a live page whose browser is another user’s now asks, and starts afresh', async () => {
  const { goLive, actor, state, verdict, reloads, asked } = connect();
  goLive('alice');
  actor.send({ type: 'signIn.seen', user: 'alice' });
  assert.deepEqual([state(), asked()], [{ attached: 'live' }, 0]);
  actor.send({ type: 'signIn.seen', user: 'bob' });
  assert.equal(state(), 'verifying');
  await verdict(signedIn('bob'));
  assert.deepEqual([state(), reloads()], ['replaced', 1]);
});

test('[R44] an edge that is not set up rightly is said, not tried for ever', async () => {
  const { goLive, close, clock, verdict, actor, state, sockets, refused } = connect();
  goLive();
  actor.send({ type: 'user.wished', wish: prompt('r1') });
  close(1006);
  clock.increment(30_000);
  close(1006);
  await verdict({ is: 'barred', fault: 'auth.edgeSecret' });
  assert.equal(state(), 'stopped');
  assert.match(actor.getSnapshot().context.why ?? '', /proxy/);
  assert.deepEqual(
    refused.map(({ wish }) => wish.ref),
    ['r1'],
  );
  clock.increment(600_000);
  assert.equal(sockets.length, 2);
});

test('a refused socket tells who is signed in all the same', async () => {
  const { close, verdict, known } = connect();
  close(1006);
  await verdict(signedIn('alice'));
  assert.deepEqual(known, ['alice']);
});

test('signing out closes the socket and asks nothing; a page that is still there comes back', () => {
  const { goLive, actor, state, sockets, clock, asked } = connect();
  goLive();
  actor.send({ type: 'user.left', forget: false });
  assert.deepEqual([state(), sockets[0]?.open, asked()], ['leaving', false, 0]);
  actor.send({ type: 'signIn.seen', user: 'bob' });
  assert.equal(state(), 'leaving');
  clock.increment(10_000);
  assert.deepEqual(state(), { attached: 'connecting' });
});

test('signed out for good, the page tells the other tabs, and shows nothing when Back leads to it', () => {
  const { goLive, actor, state, reloads } = connect();
  const told: string[] = [];
  actor.on('user.forgotten', ({ user }) => told.push(user));
  goLive('alice');
  actor.send({ type: 'page.restored' });
  assert.deepEqual(state(), { attached: 'live' });
  actor.send({ type: 'user.left', forget: true });
  assert.deepEqual(told, ['alice']);
  actor.send({ type: 'page.restored' });
  assert.deepEqual([state(), reloads()], ['replaced', 1]);
});

test('what its user wants forgotten in another tab is not kept in this one', async () => {
  const { actor, state, reloads } = await signedOut();
  let disowned = 0;
  actor.on('unsent.disowned', () => {
    disowned += 1;
  });
  actor.send({ type: 'signIn.forgotten', user: 'bob' });
  assert.deepEqual([state(), disowned], [{ signedOut: 'resting' }, 0]);
  actor.send({ type: 'signIn.forgotten', user: 'alice' });
  assert.deepEqual([state(), reloads(), disowned], ['replaced', 1, 1]);
});
