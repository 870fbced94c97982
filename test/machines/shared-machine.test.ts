/** Many conversations of several users on one machine: gate, room and evictions together, Claude played. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actor, createActor, fromCallback, SimulatedClock } from 'xstate';
import type { ClaudeCommand, ClaudeEmitted, ClaudeInput } from '../../src/claude/facts.ts';
import { Admission } from '../../src/machines/admission.ts';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import type { Conversation } from '../../src/machines/conversation.ts';
import { makeRoom, pinned } from '../../src/machines/make-room.ts';
import { RunGate } from '../../src/machines/run-gate.ts';
import {
  blocked,
  EXITED,
  Ledger,
  READY,
  SPAWNED,
  TIMES,
  turnEnded,
} from './staged-conversation.ts';

fc.configureGlobal({ seed: 30_304, numRuns: 100 });

/** Grants, starts and evictions follow each other within a few ticks. */
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await new Promise(setImmediate);
}

interface One {
  readonly key: string;
  readonly actor: Actor<typeof conversationMachine>;
  readonly ledger: Ledger;
}

function stageMachine(runsMax: number, processesMax: number) {
  const clock = new SimulatedClock();
  const gate = new RunGate(runsMax);
  const all: One[] = [];
  const living = () => all as unknown as Conversation[];
  const memory = { isTight: false };
  const admission = new Admission({
    processesMax,
    memoryIsTight: () => memory.isTight,
    pinned: () => pinned(living()),
    onFull: (waiting) => makeRoom(living(), waiting, 1),
    clock: {
      setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
      clearTimeout: (id) => clock.clearTimeout(id as number),
    },
  });
  return {
    ...{ gate, admission, all, memory },
    second: () => clock.increment(1_000),
    add(user: string): void {
      const claude = fromCallback<ClaudeCommand, ClaudeInput, ClaudeEmitted>((scope) => {
        const ended = Promise.withResolvers<void>();
        const gone = new AbortController();
        const start = async () => {
          scope.sendBack(SPAWNED);
          scope.sendBack(READY);
        };
        admission.admit(user, start, ended.promise, gone.signal).catch(() => {});
        scope.receive(({ type }) => {
          if (type === 'claude.stop') scope.sendBack(EXITED);
        });
        return () => {
          gone.abort();
          ended.resolve();
        };
      });
      const ledger = new Ledger();
      const onGranted = () => actor.send({ type: 'slot.granted' });
      const slot = gate.slot({ user, onGranted, onMoved: () => {} });
      const roomIsWanted = () => admission.state.waiting > 0;
      const actor: One['actor'] = createActor(conversationMachine.provide({ actors: { claude } }), {
        clock,
        input: { ports: { ...ledger.ports(), slot, roomIsWanted }, ...TIMES },
      });
      actor.start();
      all.push({ key: `${user}/${all.length}`, actor, ledger });
    },
  };
}

/** Which conversation, and what is done there: a prompt comes, its run ends or asks, it is answered or aborted. */
const step = fc.record({
  who: fc.nat(9),
  does: fc.constantFrom('prompt', 'prompt', 'prompt', 'end', 'end', 'ask', 'answer', 'abort'),
});

test('[R30] in any order: bounds hold, and every prompt gets its turn and its room', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 3 }),
    fc.nat(2),
    fc.boolean(),
    fc.array(step, { maxLength: 50 }),
    async (runsMax, spare, isTight, steps) => {
      const machine = stageMachine(runsMax, runsMax + spare);
      const { gate, admission, all } = machine;
      machine.memory.isTight = isTight;
      for (let i = 0; i < 10; i++) machine.add(['ada', 'bob', 'eve'][i % 3] ?? '');
      const taken = new Set<string>();
      let prompts = 0;
      let answers = 0;
      const isAsking = ({ actor }: One) =>
        actor.getSnapshot().matches({ alive: 'awaitingApproval' });
      const answer = ({ actor }: One) => {
        const runId = `answer ${++answers}`;
        taken.add(runId);
        actor.send({ type: 'user.answer', runId, requestIds: ['q'] });
      };
      const bounded = () => {
        const open = all.flatMap(({ ledger }) => ledger.open ?? []);
        assert.ok(
          open.filter((runId) => runId.startsWith('p') && !taken.has(runId)).length <= runsMax,
        );
        assert.ok(admission.state.alive <= runsMax + spare);
        for (const { ledger } of all) assert.deepEqual(ledger.broken, []);
      };
      for (const { who, does } of steps) {
        const one = all[who] as One;
        const { context } = one.actor.getSnapshot();
        const isRunning = one.actor.getSnapshot().matches({ alive: 'running' });
        if (does === 'prompt') {
          if (isAsking(one)) taken.add(`p${prompts}`);
          one.actor.send({ type: 'user.prompt', runId: `p${prompts++}` });
        } else if (does === 'end' && isRunning) one.actor.send(turnEnded());
        else if (does === 'ask' && isRunning) one.actor.send(blocked('q'));
        else if (does === 'answer' && isAsking(one)) answer(one);
        else if (does === 'abort')
          one.actor.send({ type: 'user.abort', runId: context.queue[0] ?? '' });
        bounded();
        await settled();
        bounded();
      }
      // Everybody answers, every turn ends: then all that waited has run.
      for (let i = 0; i < 300 && all.some(isBusy); i++) {
        for (const one of all) {
          if (isAsking(one)) answer(one);
          else if (one.actor.getSnapshot().context.run !== null) one.actor.send(turnEnded());
          await settled();
          bounded();
        }
        machine.second();
        await settled();
      }
      assert.deepEqual(
        all.filter(isBusy).map(({ actor }) => actor.getSnapshot().value),
        [],
      );
      assert.deepEqual(gate.state, { running: 0, queued: 0 });
      for (let run = 0; run < prompts; run++) {
        const fates = all.filter(
          ({ ledger }) => ledger.endOf(`p${run}`) || ledger.withdrawn.includes(`p${run}`),
        );
        assert.equal(fates.length, 1, `p${run}`);
      }
      for (const { actor } of all) actor.stop();
    },
  );
  await fc.assert(property);
});

const isBusy = ({ actor }: One) => {
  const { run, queue, asking } = actor.getSnapshot().context;
  return run !== null || queue.length > 0 || asking.length > 0;
};
