import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FaultError } from '../../../src/faults.ts';
import { command, KEY, type Reached, settle, stageNodes } from './staged-nodes.ts';

test('[R19] a prompt whose owner took it and went before it answered is not run again', async () => {
  const nodes = stageNodes(['a', 'b']);
  await nodes.at('b').supervisor.open(KEY);
  await nodes.store.accept(KEY, command('r'));
  nodes.fates.push('replyLost');
  const prompted = nodes.at('a').conversations.prompt(KEY, command('r'));
  await settle();
  nodes.at('b').die();
  await nodes.tick();
  assert.equal(await prompted, null);
  assert.deepEqual(nodes.ran, [{ runId: 'r', node: 'b' }]);
});

test('[R19] [R21] a prompt goes on when the database answers again', async () => {
  const nodes = stageNodes(['a', 'b']);
  await nodes.at('b').supervisor.open(KEY);
  await nodes.store.accept(KEY, command('r'));
  nodes.fates.push(new FaultError('store.unavailable'));
  const prompted = nodes.at('a').conversations.prompt(KEY, command('r'));
  await nodes.tick();
  assert.equal(await prompted, null);
  assert.deepEqual(nodes.ran, [{ runId: 'r', node: 'b' }]);
  assert.equal(nodes.claims.get('r'), 'b');
});

test('[R19] a bug is thrown, and not tried again', async () => {
  const nodes = stageNodes(['a', 'b']);
  await nodes.at('b').supervisor.open(KEY);
  await nodes.store.accept(KEY, command('r'));
  nodes.fates.push(new TypeError('a bug'));
  await assert.rejects(nodes.at('a').conversations.prompt(KEY, command('r')), TypeError);
});

test('[R19] a prompt that is aborted while nobody has it does not run', async () => {
  const nodes = stageNodes(['a', 'b', 'c']);
  await nodes.at('b').supervisor.open(KEY);
  await nodes.store.accept(KEY, command('r'));
  nodes.fates.push('unreached');
  const prompted = nodes.at('a').conversations.prompt(KEY, command('r'));
  await settle();
  nodes.at('b').die();
  await nodes.at('c').conversations.abort(KEY, 'r');
  await nodes.tick();
  assert.equal(await prompted, null);
  assert.deepEqual(nodes.ran, []);
  assert.deepEqual(nodes.withdrawn, ['r']);
});

test('[R19] an abort that overtakes its prompt on the way to the owner holds', async () => {
  const nodes = stageNodes(['a', 'b', 'c']);
  await nodes.at('b').supervisor.open(KEY);
  await nodes.store.accept(KEY, command('r'));
  nodes.fates.push('unreached');
  const prompted = nodes.at('a').conversations.prompt(KEY, command('r'));
  await settle();
  await nodes.at('c').conversations.abort(KEY, 'r'); // its owner lives, and has never heard of it
  await nodes.tick();
  assert.equal(await prompted, null);
  assert.deepEqual(nodes.ran, []);
});

test('[R19] a user’s conversations end here even where the others cannot be asked', async () => {
  const nodes = stageNodes(['a', 'b']);
  await nodes.at('a').supervisor.open(KEY);
  nodes.fates.push(new FaultError('store.unavailable'));
  await assert.rejects(nodes.at('a').conversations.endAll('ada', 1));
  assert.equal(nodes.at('a').live.size, 0);
});

const NAMES = ['a', 'b', 'c'];
const step = fc.oneof(
  fc.record({ do: fc.constant('prompt' as const), node: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('resend' as const), node: fc.constantFrom(...NAMES) }),
  fc.record({
    do: fc.constantFrom('release' as const, 'drain' as const, 'die' as const),
    node: fc.constantFrom('a', 'b'), // one is left to go on
  }),
  fc.record({
    do: fc.constant('fate' as const),
    fate: fc.constantFrom<Reached>('answered', 'replyLost', 'unreached'),
  }),
  fc.record({ do: fc.constant('tick' as const) }),
);

test('[R19] a prompt is run exactly once, whatever its owner does in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const nodes = stageNodes(NAMES);
      const accepted: string[] = [];
      const send = (node: string, runId: string) =>
        nodes
          .at(node)
          .conversations.prompt(KEY, command(runId))
          .then(() => {});
      for (const one of steps) {
        if (one.do === 'prompt' && nodes.living.has(one.node)) {
          const runId = `r${accepted.length}`;
          accepted.push(runId);
          await nodes.store.accept(KEY, command(runId));
          void send(one.node, runId);
        } else if (one.do === 'resend' && nodes.living.has(one.node)) {
          const last = accepted.at(-1);
          if (last) void send(one.node, last);
        } else if (one.do === 'fate') nodes.fates.push(one.fate);
        else if (one.do === 'tick') await nodes.tick();
        else if (one.do === 'release' || one.do === 'drain' || one.do === 'die')
          nodes.at(one.node)[one.do]();
        await settle();
      }
      // Those whose server has gone are taken over, as adoption does.
      nodes.fates.length = 0;
      nodes.at('a').die();
      nodes.at('b').die();
      const adopted = Promise.all(accepted.map((runId) => send('c', runId)));
      for (let i = 0; i < 3; i += 1) await nodes.tick();
      await adopted;
      assert.deepEqual(nodes.ran.map(({ runId }) => runId).toSorted(), accepted.toSorted());
    }),
    { numRuns: 60 },
  );
});
