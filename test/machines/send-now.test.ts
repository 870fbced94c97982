import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  blocked,
  EXITED,
  READY,
  SPAWNED,
  stageConversation,
  TIMES,
  turnEnded,
  unblocked,
} from './staged-conversation.ts';

const alive = (state: string) => ({ alive: state });

function running(...waiting: string[]) {
  const staged = stageConversation();
  staged.run('a');
  staged.prompt(...waiting);
  return staged;
}

test('[SN1] a prompt that is sent now goes first, and the live run is interrupted for it', () => {
  const staged = running('b', 'c');
  staged.hurry('c');
  assert.deepEqual(staged.state, alive('interrupting'));
  assert.deepEqual(staged.ledger.pending, ['c', 'b']);
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.interrupt' });
  staged.say(turnEnded('cancelled'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled', 'start c']);
  assert.deepEqual(staged.ledger.pending, ['b']);
});

test('[SN1] a turn that ended by itself meanwhile is done, and the prompt is the next all the same', () => {
  const staged = running('b', 'c');
  staged.hurry('c');
  staged.say(turnEnded());
  assert.deepEqual(staged.ledger.story, ['start a', 'end a done', 'start c']);
});

test('[SN1] sent twice, it interrupts once and runs once', () => {
  const staged = running('b');
  staged.hurry('b');
  staged.hurry('b');
  staged.say(turnEnded('cancelled'));
  staged.hurry('b');
  assert.deepEqual(staged.state, alive('running'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled', 'start b']);
  assert.equal(staged.commands.filter(({ type }) => type === 'claude.interrupt').length, 1);
});

test('[SN2] an approval that is open is cancelled for it, as by an abort', () => {
  const staged = running('b');
  staged.say(blocked('q1'));
  staged.hurry('b');
  assert.deepEqual(staged.state, alive('interrupting'));
  staged.say(unblocked('q1'), turnEnded('cancelled'));
  assert.deepEqual(staged.ledger.story.slice(0, 2), ['start a', 'end a blocked q1']);
  assert.deepEqual(staged.ledger.story.slice(2), [
    'start own-1 after a',
    'end own-1 cancelled',
    'start b',
  ]);
  assert.deepEqual(staged.context.asking, []);
});

test('[SN3] before the process answers there is nothing to interrupt: the prompt just goes first', () => {
  const staged = stageConversation();
  staged.prompt('a', 'b');
  staged.hurry('b');
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.ledger.story, ['start b']);
  assert.deepEqual(staged.ledger.pending, ['a']);
  assert.deepEqual(staged.commands, [{ type: 'claude.prompt', runId: 'b' }]);
});

test('[SN3] what runs, has ended or never was is left as it is', () => {
  const staged = running('b');
  for (const runId of ['a', 'never']) staged.hurry(runId);
  assert.deepEqual(staged.state, alive('running'));
  assert.deepEqual(staged.ledger.pending, ['b']);
});

test('[SN1] a turn that does not stop in time ends with its process, and the next one gets the prompt', () => {
  const staged = running('b', 'c');
  staged.hurry('c');
  staged.wait(TIMES.interruptTimeoutMs);
  assert.deepEqual(staged.state, alive('stopping'));
  staged.say(EXITED, SPAWNED, READY);
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled', 'start c']);
});

type Step = { do: 'hurry' | 'abort'; runId: string } | { do: 'end' };

test('[SN1] in any order of sending now, taking back and ending, the next run is the first of the list', () => {
  const waiting = ['b', 'c', 'd', 'e'];
  const names = fc.constantFrom('a', ...waiting);
  const steps = fc.array(
    fc.oneof(
      names.map((runId): Step => ({ do: 'hurry', runId })),
      fc.constantFrom(...waiting).map((runId): Step => ({ do: 'abort', runId })),
      fc.constant<Step>({ do: 'end' }),
    ),
    { maxLength: 30 },
  );
  const property = fc.property(steps, (sequence) => {
    const staged = running(...waiting);
    let list = [...waiting];
    const runs = ['a'];
    for (const step of sequence) {
      if (step.do === 'end') {
        const [next, ...rest] = list;
        if (staged.context.run !== null) staged.say(turnEnded('cancelled'));
        if (next !== undefined) runs.push(next);
        list = rest;
      } else if (step.do === 'hurry') {
        if (list.includes(step.runId))
          list = [step.runId, ...list.filter((id) => id !== step.runId)];
        staged.hurry(step.runId);
      } else if (list.includes(step.runId)) {
        list = list.filter((id) => id !== step.runId);
        staged.abort(step.runId);
      }
      assert.deepEqual(staged.ledger.pending, list);
    }
    const started = staged.ledger.entries.filter(({ did }) => did === 'start');
    assert.deepEqual(
      started.map(({ runId }) => runId),
      runs,
    );
    staged.actor.stop();
  });
  fc.assert(property, { seed: 20_264, numRuns: 500 });
});
