import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadOutbox, saveOutbox } from '../../src/ui/chat/outbox.ts';
import { Kept } from '../../src/ui/chat/storage.ts';
import { connect, prompt } from './support/connection.ts';
import { memory } from './support/storage.ts';

type Step = 'write' | 'cut' | 'live' | 'take' | 'takeSilently' | 'sayAgain' | 'reload';
const STEPS: Step[] = ['write', 'cut', 'live', 'take', 'takeSilently', 'sayAgain', 'reload'];

/** A page with its tab's storage, and a server that takes each run id once, in the order it first hears of them. */
function pageAndServer() {
  const tab = new Kept(memory(), 'alice');
  const taken: string[] = [];
  const written: string[] = [];
  let read = 0;
  const open = () => {
    const page = connect();
    page.actor
      .select(({ context }) => context.outbox)
      .subscribe((outbox) => saveOutbox(tab, outbox));
    return page;
  };
  let page = open();
  const isLive = () => page.actor.getSnapshot().matches({ attached: 'live' });
  const take = (answers: boolean) => {
    const frames = page.prompts();
    for (const { runId: ref } of frames.slice(read)) {
      if (!taken.includes(ref)) taken.push(ref);
      if (answers) page.last().say({ type: 'server.replied', ref, fault: null });
    }
    read = frames.length;
  };
  const steps: Record<Step, () => void> = {
    write: () => {
      const ref = `r${written.length}`;
      written.push(ref);
      page.actor.send({ type: 'user.wished', wish: prompt(ref) });
    },
    cut: () => {
      if (isLive()) page.close(1006);
      read = 0;
    },
    live: () => {
      if (isLive()) return;
      if (page.state() === 'waiting')
        page.clock.increment(page.actor.getSnapshot().context.retryMs);
      read = 0;
      page.goLive();
    },
    take: () => isLive() && take(true),
    takeSilently: () => isLive() && take(false),
    sayAgain: () => {
      for (const ref of isLive() ? taken : [])
        page.last().say({ type: 'server.replied', ref, fault: null });
    },
    reload: () => {
      page.actor.stop();
      const wishes = loadOutbox(tab);
      page = open();
      for (const wish of wishes) page.actor.send({ type: 'user.wished', wish });
      read = 0;
    },
  };
  return { steps, taken, written, left: () => page.outbox() };
}

test('[R7] over cuts, reloads and answers said twice each prompt is taken once, and in order', () => {
  const step = fc.constantFrom(...STEPS);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (sequence) => {
      const { steps, taken, written, left } = pageAndServer();
      for (const name of sequence.filter((it, i) => it !== 'write' || countOf(sequence, i) < 20))
        steps[name]();
      steps.live();
      steps.take();
      steps.sayAgain(); // a reply may be late, and is lost only with its line
      assert.deepEqual(taken, written);
      assert.deepEqual(left(), []);
    }),
    { numRuns: 300, seed: 7 },
  );
});

/** How many prompts come before: more than the outbox holds are refused, which is another rule. */
function countOf(sequence: readonly Step[], end: number): number {
  return sequence.slice(0, end).filter((name) => name === 'write').length;
}
