/** A choice in a conversation’s life: the next turn is another process’s, and no turn is disturbed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Choices } from '../../src/machines/choices.ts';
import { choicesOn } from '../support/choices.ts';
import { memoryStore } from '../support/memory-store.ts';
import { EXITED, READY, SPAWNED, stageConversation, turnEnded } from './staged-conversation.ts';

const CHOSE = { type: 'user.chose' as const };

test('[CH3] a process that is idle ends, and the next prompt starts another', () => {
  const staged = stageConversation();
  staged.run('r1');
  staged.say(turnEnded());
  staged.send(CHOSE);
  assert.deepEqual(staged.state, { alive: 'stopping' });
  staged.prompt('r2');
  staged.say(EXITED);
  assert.deepEqual(staged.state, { alive: 'admitted' });
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.state, { alive: 'running' });
});

test('[CH3] a running turn ends as it would have, and what waits behind it is another process’s', () => {
  const staged = stageConversation();
  staged.run('r1');
  staged.prompt('r2');
  staged.send(CHOSE);
  assert.deepEqual(staged.state, { alive: 'running' });
  assert.ok(staged.commands.every(({ type }) => type === 'claude.prompt'));
  staged.say(turnEnded());
  assert.deepEqual(staged.state, { alive: 'stopping' });
  staged.say(EXITED, SPAWNED, READY);
  assert.deepEqual(staged.ledger.story, ['start r1', 'end r1 done', 'start r2']);
});

test('[CH3] one that is being started is ended once it has, and one that waits for room is not', () => {
  const staged = stageConversation();
  staged.prompt('r1');
  staged.send(CHOSE);
  staged.say(SPAWNED);
  staged.say(READY);
  assert.deepEqual(staged.state, { alive: 'running' });
  const other = stageConversation();
  other.prompt('r1');
  other.say(SPAWNED);
  other.send(CHOSE);
  other.say(READY);
  assert.deepEqual(other.state, { alive: 'stopping' });
  other.say(EXITED, SPAWNED, READY);
  assert.deepEqual(other.ledger.story, ['start r1']);
});

test('[CH2] a prompt waits for what is being chosen, and choices are made in their order', async () => {
  const store = memoryStore();
  const cloned = Promise.withResolvers<void>();
  const choices = choicesOn(store, {
    claudeModels: ['opus', 'haiku'],
    clone: () => cloned.promise,
  });
  const first = choices.choose('ada/t', { repository: 'ada/engine' });
  const second = choices.choose('ada/t', { model: 'haiku' });
  let waited = false;
  const waiting = choices.making('ada/t')?.then(() => {
    waited = true;
  });
  assert.deepEqual(await choices.of('ada/t'), { model: null, effort: null, repository: null });
  assert.equal(waited, false);
  cloned.resolve();
  assert.equal((await first).repository, 'ada/engine');
  const set = { model: 'haiku', effort: null, repository: 'ada/engine' };
  assert.deepEqual(await second, set);
  await waiting;
  assert.deepEqual(await choices.of('ada/t'), set);
  assert.equal(await choices.directoryOf('ada/t'), '/nonexistent/ada/ada/engine');
  await store.close();
});

test('[CH6] a repository is chosen before the first prompt only, and a clone that fails changes nothing', async () => {
  const store = memoryStore();
  let clones = 0;
  const clone = async () => {
    if (++clones === 1) throw new Error('no');
  };
  const choices = choicesOn(store, { clone });
  assert.ok(choices instanceof Choices);
  await assert.rejects(choices.choose('ada/t', { repository: 'ada/engine' }), /no/);
  assert.equal((await choices.of('ada/t')).repository, null);
  await choices.choose('ada/t', { repository: 'ada/engine' });
  await store.accept('ada/t', { runId: 'r1', digest: 'd', text: 'hello' });
  const refused = { code: 'choice.refused' };
  await assert.rejects(choices.choose('ada/t', { repository: 'ada/other' }), refused);
  await assert.rejects(choices.choose('ada/t', { repository: null }), refused);
  await choices.choose('ada/t', { repository: 'ada/engine' }); // said again, as after a reconnect
  assert.equal(clones, 2);
  await store.close();
});

test('[R57] no text that is not on the list gets anywhere', async () => {
  const store = memoryStore();
  const choices = choicesOn(store, { claudeModels: ['opus'] });
  const anything = fc.option(fc.oneof(fc.string(), fc.constantFrom('opus', '--help', 'low')));
  const change = fc.record({ model: anything, effort: anything, repository: anything });
  await fc.assert(
    fc.asyncProperty(change, async (wish) => {
      await choices.choose('ada/t', wish).catch(() => {});
      const { model, effort, repository } = await store.choice('ada/t');
      assert.ok(model === null || model === 'opus');
      assert.deepEqual([effort, repository], [null, null]);
    }),
  );
  await store.close();
});
