import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromCallback } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import type {
  ClaudeCommand,
  ClaudeEmitted,
  ClaudeFact,
  ClaudeInput,
} from '../../src/claude/facts.ts';
import type {
  ConversationContext,
  ConversationEvent,
} from '../../src/machines/conversation.events.ts';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import {
  blocked,
  CRASHED,
  EXITED,
  Ledger,
  READY,
  SPAWNED,
  STALLED,
  START_FAILED,
  type Staged,
  stageConversation,
  TIMES,
  TURN_STARTED,
  turnEnded,
  unblocked,
} from './staged-conversation.ts';

fc.configureGlobal({ seed: 20_263, numRuns: 300 });

const SPOKE: ConversationEvent = { type: 'claude.spoke' };
const DRAIN: ConversationEvent = { type: 'conversation.drain' };
const STOP: ConversationEvent = { type: 'conversation.stop' };
const EVICT: ConversationEvent = { type: 'process.evict' };
const RECLAIM: ConversationEvent = { type: 'process.reclaim' };
const GRANTED: ConversationEvent = { type: 'slot.granted' };
const JOURNAL_FAILED: ConversationEvent = { type: 'journal.failed' };
const WARM: ConversationEvent = { type: 'user.warm' };
const alive = (state: string) => ({ alive: state });

function running(runId = 'a'): Staged {
  const staged = stageConversation();
  staged.run(runId);
  return staged;
}

function ready(): Staged {
  const staged = running('earlier');
  staged.say(turnEnded());
  staged.ledger.entries.length = 0;
  staged.commands.length = 0;
  return staged;
}

function awaiting(...requestIds: string[]): Staged {
  const staged = running('a');
  staged.say(...requestIds.map(blocked));
  return staged;
}

test('a conversation begins without a process', () => {
  const staged = stageConversation();
  assert.equal(staged.state, 'dormant');
  assert.equal(staged.processes, 0);
});

test('a prompt starts the process, and is given to it once it answers', () => {
  const staged = stageConversation();
  staged.prompt('a');
  assert.deepEqual(staged.state, alive('admitted'));
  assert.deepEqual(staged.ledger.pending, ['a']);
  staged.say(SPAWNED);
  assert.deepEqual(staged.state, alive('starting'));
  assert.equal(staged.ledger.listens, 1);
  assert.deepEqual(staged.commands, []);
  staged.say(READY);
  assert.deepEqual(staged.state, alive('running'));
  assert.deepEqual(staged.ledger.story, ['start a']);
  assert.deepEqual(staged.commands, [{ type: 'claude.prompt', runId: 'a' }]);
  assert.deepEqual(staged.ledger.pending, []);
});

test('a warmed process waits for the first prompt', () => {
  const staged = stageConversation();
  staged.send(WARM);
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.state, alive('ready'));
  staged.prompt('a');
  assert.deepEqual(staged.state, alive('running'));
  assert.deepEqual(staged.ledger.story, ['start a']);
});

test('warming a living conversation changes nothing', () => {
  const staged = running();
  staged.send(WARM);
  assert.deepEqual(staged.state, alive('running'));
  assert.equal(staged.processes, 1);
});

test('a turn that ends well ends its run as done, and the process waits', () => {
  const staged = running();
  staged.say(TURN_STARTED, { type: 'claude.progress', deltas: 3, tokens: NO_TOKENS }, turnEnded());
  assert.deepEqual(staged.state, alive('ready'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a done']);
});

test('a turn that ends with an error ends its run with that fault', () => {
  const staged = running();
  staged.say(turnEnded('failed'));
  assert.deepEqual(staged.state, alive('ready'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.api']);
});

test('prompts are run in the order they came, one at a time', () => {
  const staged = running('a');
  staged.prompt('b', 'c');
  assert.deepEqual(staged.ledger.pending, ['b', 'c']);
  staged.say(turnEnded());
  assert.deepEqual(staged.ledger.pending, ['c']);
  staged.say(turnEnded('failed'));
  staged.say(turnEnded());
  assert.deepEqual(staged.ledger.story, [
    'start a',
    'end a done',
    'start b',
    'end b claude.api',
    'start c',
    'end c done',
  ]);
  assert.deepEqual(
    staged.commands.map((command) => 'runId' in command && command.runId),
    ['a', 'b', 'c'],
  );
});

test('a prompt that waits can be taken back, in every state it can wait in', () => {
  const waits: Record<string, () => Staged> = {
    admitted: () => {
      const staged = stageConversation();
      staged.prompt('x');
      return staged;
    },
    starting: () => {
      const staged = stageConversation();
      staged.prompt('x');
      staged.say(SPAWNED);
      return staged;
    },
    running: () => {
      const staged = running();
      staged.prompt('x');
      return staged;
    },
    awaitingApproval: () => {
      const staged = running();
      staged.prompt('x');
      staged.say(blocked('q'));
      return staged;
    },
    interrupting: () => {
      const staged = running();
      staged.prompt('x');
      staged.abort('a');
      return staged;
    },
    stopping: () => {
      const staged = ready();
      staged.send(EVICT);
      staged.prompt('x');
      return staged;
    },
  };
  for (const [state, start] of Object.entries(waits)) {
    const staged = start();
    assert.deepEqual(staged.state, alive(state));
    staged.abort('x');
    assert.deepEqual(staged.state, alive(state));
    assert.deepEqual(staged.ledger.withdrawn, ['x']);
    assert.deepEqual(staged.ledger.pending, []);
    assert.ok(!staged.ledger.started('x'));
  }
});

test('aborting the run interrupts the turn, and its end ends the run as cancelled', () => {
  const staged = running();
  staged.abort('a');
  assert.deepEqual(staged.state, alive('interrupting'));
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.interrupt' });
  assert.equal(staged.ledger.open, 'a');
  staged.say(turnEnded('cancelled'));
  assert.deepEqual(staged.state, alive('ready'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled']);
});

test('a turn that ended by itself before the abort reached it is done, not cancelled', () => {
  const staged = running();
  staged.abort('a');
  staged.say(turnEnded('done'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a done']);
});

test('an abort that comes after the end of its run touches no other', () => {
  const staged = running();
  staged.prompt('b');
  staged.say(turnEnded());
  staged.abort('a');
  assert.deepEqual(staged.state, alive('running'));
  assert.equal(staged.ledger.open, 'b');
  staged.say(turnEnded());
  staged.abort('b');
  assert.deepEqual(staged.state, alive('ready'));
});

test('a second abort of the same run does nothing more', () => {
  const staged = running();
  staged.abort('a');
  staged.abort('a');
  assert.equal(staged.commands.filter(({ type }) => type === 'claude.interrupt').length, 1);
});

test('a prompt sent while a turn is interrupted runs after it', () => {
  const staged = running();
  staged.abort('a');
  staged.prompt('b');
  assert.equal(staged.ledger.open, 'a');
  staged.say(turnEnded('cancelled'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled', 'start b']);
});

test('an interrupt that is not obeyed in time ends the process, and the run as cancelled', () => {
  const staged = running();
  staged.abort('a');
  staged.wait(TIMES.interruptTimeoutMs - 1);
  assert.deepEqual(staged.state, alive('interrupting'));
  staged.wait(1);
  assert.deepEqual(staged.state, alive('stopping'));
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.stop' });
  staged.say(EXITED);
  assert.equal(staged.state, 'dormant');
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled']);
});

test('[R63] a question ends the run as waiting and stays open without a timer', () => {
  const staged = awaiting('q1');
  assert.deepEqual(staged.state, alive('awaitingApproval'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a blocked q1']);
  staged.wait(100 * TIMES.processIdleMs);
  assert.deepEqual(staged.state, alive('awaitingApproval'));
});

test('the answer goes on in a run whose parent is the one that asked', () => {
  const staged = awaiting('q1');
  staged.answer('b', 'q1');
  assert.deepEqual(staged.state, alive('running'));
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.answer', requestId: 'q1' });
  staged.say(turnEnded());
  assert.deepEqual(staged.ledger.story, [
    'start a',
    'end a blocked q1',
    'start b after a',
    'end b done',
  ]);
});

test('questions asked together are one list, and a part of the answers leaves the rest open', () => {
  const staged = awaiting('q1', 'q2', 'q3');
  assert.deepEqual(staged.context.asking, ['q1', 'q2', 'q3']);
  staged.answer('b', 'q1', 'q3');
  assert.deepEqual(staged.state, alive('awaitingApproval'));
  assert.deepEqual(staged.context.asking, ['q2']);
  staged.answer('c', 'q2');
  assert.deepEqual(staged.state, alive('running'));
  const answers = staged.commands.filter(({ type }) => type === 'claude.answer');
  assert.deepEqual(
    answers.map((command) => 'requestId' in command && command.requestId),
    ['q1', 'q3', 'q2'],
  );
  // Each further question is put on the journal by a run of its own.
  assert.deepEqual(staged.ledger.story.slice(-3), [
    'start b after own-2',
    'end b blocked q2',
    'start c after b',
  ]);
});

test('every question that is open is on the journal when the conversation waits', () => {
  const staged = awaiting('q1', 'q2');
  const asked = staged.ledger.entries.flatMap((entry) =>
    entry.did === 'end' && entry.how === 'blocked' ? [entry.asks] : [],
  );
  assert.deepEqual(asked.at(-1), ['q1', 'q2']);
});

test('a plain prompt while approvals are awaited denies them all with its text', () => {
  const staged = awaiting('q1', 'q2');
  staged.prompt('no');
  assert.deepEqual(staged.ledger.denied, [{ runId: 'no', requestIds: ['q1', 'q2'] }]);
  assert.deepEqual(staged.state, alive('running'));
  assert.equal(staged.ledger.open, 'no');
  assert.deepEqual(
    staged.commands.slice(1).map(({ type }) => type),
    ['claude.answer', 'claude.answer'],
  );
  assert.deepEqual(staged.ledger.pending, []);
});

test('prompts that waited before the question run after the turn that asked', () => {
  const staged = running('a');
  staged.prompt('b');
  staged.say(blocked('q'));
  staged.answer('c', 'q');
  assert.equal(staged.ledger.open, 'c');
  staged.say(turnEnded());
  assert.equal(staged.ledger.open, 'b');
});

test('an answer when nothing is asked is not for the machine to act on', () => {
  for (const staged of [running(), ready()]) {
    assert.equal(
      staged.actor.getSnapshot().can({ type: 'user.answer', runId: 'x', requestIds: ['q'] }),
      false,
    );
    staged.answer('x', 'q');
    assert.ok(!staged.ledger.started('x'));
  }
});

test('a question Claude takes back lets the turn go on', () => {
  const staged = awaiting('q1');
  staged.say(unblocked('q1'));
  assert.deepEqual(staged.state, alive('running'));
  staged.send(SPOKE);
  staged.say(turnEnded());
  assert.equal(staged.ledger.open, null);
  assert.deepEqual(staged.state, alive('ready'));
});

test('a question Claude takes back leaves the others open', () => {
  const staged = awaiting('q1', 'q2');
  staged.say(unblocked('q1'));
  assert.deepEqual(staged.state, alive('awaitingApproval'));
  assert.deepEqual(staged.context.asking, ['q2']);
});

test('what Claude says while approvals are awaited is a run that goes on from the one that asked', () => {
  const staged = awaiting('q1');
  staged.send(SPOKE);
  assert.deepEqual(staged.ledger.story.slice(2), ['start own-1 after a']);
  staged.answer('b', 'q1');
  assert.deepEqual(staged.ledger.story.slice(3), ['end own-1 done', 'start b after own-1']);
});

test('a question behind words of its own repeats every question that is open', () => {
  const staged = awaiting('q1');
  staged.send(SPOKE);
  staged.say(blocked('q2'));
  assert.deepEqual(staged.ledger.story.slice(2), [
    'start own-1 after a',
    'end own-1 blocked q1,q2',
  ]);
});

test('aborting a run that waits for approval interrupts the turn', () => {
  const staged = awaiting('q1');
  staged.abort('a');
  assert.deepEqual(staged.state, alive('interrupting'));
  staged.say(unblocked('q1'), turnEnded('cancelled'));
  assert.deepEqual(staged.state, alive('ready'));
  assert.deepEqual(staged.context.asking, []);
});

/** The journal must not end in a question that nobody can answer any more. */
function endsInAQuestion({ ledger }: Staged): boolean {
  const last = ledger.entries.at(-1);
  return last?.did === 'end' && last.how === 'blocked';
}

test('[R63] a crash while approvals are awaited is on the journal', () => {
  const staged = awaiting('q1');
  staged.say(CRASHED);
  assert.equal(staged.state, 'dormant');
  assert.ok(!endsInAQuestion(staged));
});

test('[R63] an abort while approvals are awaited is on the journal', () => {
  const staged = awaiting('q1');
  staged.abort('a');
  staged.say(unblocked('q1'), turnEnded('cancelled'));
  assert.ok(!endsInAQuestion(staged));
});

test('[R63] an abort while approvals are awaited that has to end the process is on the journal', () => {
  const staged = awaiting('q1');
  staged.abort('a');
  staged.wait(TIMES.interruptTimeoutMs);
  staged.say(EXITED);
  assert.ok(!endsInAQuestion(staged));
});

test('[R63] a stop of the server while approvals are awaited is on the journal', () => {
  const staged = awaiting('q1');
  staged.send(STOP);
  staged.say(turnEnded('cancelled'), EXITED);
  assert.equal(staged.state, 'stopped');
  assert.ok(!endsInAQuestion(staged));
});

test('[R63] a turn that ends while approvals are awaited takes them off the journal’s end', () => {
  const staged = awaiting('q1');
  staged.say(turnEnded('failed'));
  assert.ok(!endsInAQuestion(staged));
});

test('a turn Claude begins by itself is a run of the server’s own, without a parent', () => {
  const staged = ready();
  staged.say(TURN_STARTED);
  assert.deepEqual(staged.state, alive('running'));
  staged.say(turnEnded());
  assert.deepEqual(staged.ledger.story, ['start own-1', 'end own-1 done']);
});

test('a prompt during a turn of Claude’s own waits for it', () => {
  const staged = ready();
  staged.say(TURN_STARTED);
  staged.prompt('b');
  assert.deepEqual(staged.ledger.pending, ['b']);
  staged.say(turnEnded());
  assert.equal(staged.ledger.open, 'b');
});

test('a turn of Claude’s own can be aborted by its run id', () => {
  const staged = ready();
  staged.say(TURN_STARTED);
  staged.abort('own-1');
  assert.deepEqual(staged.state, alive('interrupting'));
});

const QUIET: ConversationEvent = { type: 'claude.quiet' };

test('words between turns open a run of the server’s own, which ends when all is said', () => {
  const staged = ready();
  staged.send(SPOKE, QUIET);
  assert.deepEqual(staged.ledger.story.slice(-2), ['start own-1', 'end own-1 done']);
  assert.deepEqual(staged.state, { alive: 'ready' });
});

test('a prompt does not wait for subagents that outlive their turn', () => {
  const staged = running();
  staged.say(turnEnded('done', true));
  staged.send(SPOKE);
  assert.deepEqual(staged.state, { alive: 'delegating' });
  staged.prompt('b');
  assert.deepEqual(staged.ledger.story, [
    ...['start a', 'end a done'],
    ...['start own-1', 'end own-1 done', 'start b'],
  ]);
  assert.deepEqual(staged.state, { alive: 'running' });
});

test('an abort of what subagents say between turns ends it as cancelled, with no word of the CLI’s', () => {
  const staged = running();
  staged.say(turnEnded('done', true));
  staged.send(SPOKE);
  staged.abort('own-1');
  staged.send(QUIET);
  assert.equal(staged.ledger.story.at(-1), 'end own-1 cancelled');
  assert.deepEqual(staged.state, { alive: 'ready' });
});

test('a turn that fails while a subagent asks ends as failed', () => {
  const staged = running();
  staged.say(blocked('q1'), turnEnded('failed', true));
  assert.equal(staged.ledger.story.at(-1), 'end own-1 claude.api');
});

test('a turn that ends with a question and no subagent leaves nothing open', () => {
  const staged = running();
  staged.say(blocked('q1'), turnEnded('done'));
  assert.deepEqual(staged.state, { alive: 'ready' });
});

test('[R63] what a subagent asks stays open when the turn ends that began it', () => {
  const staged = running();
  staged.say(blocked('q1'), turnEnded('done', true));
  assert.deepEqual(staged.state, { alive: 'awaitingApproval' });
  assert.equal(staged.ledger.story.at(-1), 'end own-1 blocked q1');
  staged.answer('c', 'q1');
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.answer', requestId: 'q1' });
  staged.send(QUIET);
  assert.equal(staged.ledger.story.at(-1), 'end c done');
});

test('words in a turn whose run is open open no other', () => {
  const staged = running();
  staged.send(SPOKE);
  assert.deepEqual(staged.ledger.story, ['start a']);
});

test('words before the process answers do not leave two runs open', () => {
  const staged = stageConversation();
  staged.prompt('a');
  staged.say(SPAWNED);
  staged.send(SPOKE);
  staged.say(READY);
  assert.deepEqual(staged.ledger.broken, []);
});

test('a process that cannot be started fails the prompt that needed it, and tries again for the next', () => {
  const staged = stageConversation();
  staged.prompt('a', 'b');
  staged.say(SPAWNED, START_FAILED);
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.startFailed']);
  assert.deepEqual(staged.state, alive('admitted'));
  assert.deepEqual(staged.ledger.pending, ['b']);
  staged.say(SPAWNED, READY);
  assert.equal(staged.ledger.open, 'b');
});

test('a warmed process that cannot be started is nobody’s fault', () => {
  const staged = stageConversation();
  staged.send(WARM);
  staged.say(SPAWNED, START_FAILED);
  assert.equal(staged.state, 'dormant');
  assert.deepEqual(staged.ledger.story, []);
});

test('a process that does not answer in time is ended, and the prompt fails as overdue', () => {
  const staged = stageConversation();
  staged.prompt('a', 'b');
  staged.say(SPAWNED);
  staged.wait(TIMES.startTimeoutMs - 1);
  assert.deepEqual(staged.state, alive('starting'));
  staged.wait(1);
  assert.deepEqual(staged.state, alive('stopping'));
  staged.say(EXITED);
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.startTimeout']);
  assert.deepEqual(staged.state, alive('admitted'));
  staged.say(SPAWNED, READY);
  assert.equal(staged.ledger.open, 'b');
});

test('waiting for room has no timeout: the queue in front may be long', () => {
  const staged = stageConversation();
  staged.prompt('a');
  staged.wait(100 * TIMES.startTimeoutMs);
  assert.deepEqual(staged.state, alive('admitted'));
});

test('[R10] a crash in a turn fails its run, and the next prompt starts a new process', () => {
  const staged = running('a');
  staged.prompt('b');
  staged.say(CRASHED);
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.crashed']);
  assert.deepEqual(staged.state, alive('admitted'));
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.ledger.story.slice(2), ['start b']);
});

test('a crash while a turn is interrupted fails its run as crashed', () => {
  const staged = running();
  staged.abort('a');
  staged.say(CRASHED);
  assert.equal(staged.state, 'dormant');
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.crashed']);
});

test('a crash between turns ends no run', () => {
  const staged = ready();
  staged.say(CRASHED);
  assert.equal(staged.state, 'dormant');
  assert.deepEqual(staged.ledger.story, []);
});

test('a prompt that waits behind a question survives a crash of the process', () => {
  const staged = running('a');
  staged.prompt('b');
  staged.say(blocked('q'), CRASHED);
  assert.equal(staged.ledger.endOf('b'), undefined);
  assert.deepEqual(staged.ledger.pending, ['b']);
});

test('an idle process is ended after a while, and the conversation goes on without', () => {
  const staged = ready();
  staged.wait(TIMES.processIdleMs - 1);
  assert.deepEqual(staged.state, alive('ready'));
  staged.wait(1);
  assert.deepEqual(staged.state, alive('stopping'));
  staged.say(EXITED);
  assert.equal(staged.state, 'dormant');
  assert.deepEqual(staged.ledger.story, []);
});

test('an evicted process is ended like an idle one', () => {
  const staged = ready();
  staged.send(EVICT);
  assert.deepEqual(staged.state, alive('stopping'));
});

test('only an idle process is evicted', () => {
  const interrupting = running();
  interrupting.abort('a');
  const starting = stageConversation();
  starting.prompt('a');
  for (const staged of [running(), awaiting('q'), interrupting, starting, stageConversation()]) {
    const before = staged.state;
    staged.send(EVICT);
    assert.deepEqual(staged.state, before);
  }
});

test('a process that others want the room of is ended when its turn is over, not before', () => {
  const staged = running();
  staged.ledger.roomIsWanted = true;
  staged.say({ type: 'claude.progress', deltas: 1, tokens: NO_TOKENS });
  assert.deepEqual(staged.state, alive('running'));
  staged.say(turnEnded());
  assert.deepEqual(staged.state, alive('stopping'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a done']);
});

test('[R30] others who want the room go before the next prompt of a conversation', () => {
  const staged = running('a');
  staged.prompt('b');
  staged.ledger.roomIsWanted = true;
  staged.say(turnEnded());
  assert.deepEqual(staged.state, alive('stopping'));
  staged.say(EXITED, SPAWNED, READY);
  assert.equal(staged.ledger.open, 'b');
});

test('a prompt that comes while the process is being ended starts the next one', () => {
  const staged = ready();
  staged.wait(TIMES.processIdleMs);
  staged.prompt('b');
  assert.deepEqual(staged.state, alive('stopping'));
  assert.equal(staged.processes, 1);
  staged.say(EXITED);
  assert.deepEqual(staged.state, alive('admitted'));
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.ledger.story, ['start b']);
});

test('a conversation nobody uses stops after a while', () => {
  const staged = stageConversation();
  staged.wait(TIMES.dormantMs - 1);
  assert.equal(staged.state, 'dormant');
  staged.wait(1);
  assert.equal(staged.state, 'stopped');
  assert.equal(staged.actor.getSnapshot().status, 'done');
});

test('a stop without a process stops at once', () => {
  const staged = stageConversation();
  staged.send(STOP);
  assert.equal(staged.state, 'stopped');
});

const STOPPABLE: Record<string, { start: () => Staged; story: string[] }> = {
  admitted: {
    start: () => {
      const staged = stageConversation();
      staged.send(WARM);
      return staged;
    },
    story: [],
  },
  starting: {
    start: () => {
      const staged = stageConversation();
      staged.send(WARM);
      staged.say(SPAWNED);
      return staged;
    },
    story: [],
  },
  ready: { start: ready, story: [] },
  running: { start: running, story: ['start a', 'end a interrupted'] },
  interrupting: {
    start: () => {
      const staged = running();
      staged.abort('a');
      return staged;
    },
    story: ['start a', 'end a interrupted'],
  },
  stopping: {
    start: () => {
      const staged = ready();
      staged.send(EVICT);
      return staged;
    },
    story: [],
  },
};

for (const [state, { start, story }] of Object.entries(STOPPABLE)) {
  test(`[R23] a stop while ${state} ends the process, then the conversation`, () => {
    const staged = start();
    assert.deepEqual(staged.state, alive(state));
    staged.send(STOP);
    assert.deepEqual(staged.state, alive('stopping'));
    assert.equal(staged.processes, 1);
    assert.deepEqual(staged.commands.at(-1), { type: 'claude.stop' });
    staged.say(EXITED);
    assert.equal(staged.state, 'stopped');
    assert.equal(staged.processes, 0);
    assert.deepEqual(staged.ledger.story, story);
  });
}

test('[R10] a turn that ends because the server stops ends its run as interrupted', () => {
  const staged = running();
  staged.send(STOP);
  staged.say(turnEnded('cancelled'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a interrupted']);
  staged.say(EXITED);
  assert.equal(staged.state, 'stopped');
});

test('[R11] prompts that wait when the server stops are neither started nor ended', () => {
  const staged = running('a');
  staged.prompt('b', 'c');
  staged.send(STOP);
  staged.say(turnEnded('cancelled'), EXITED);
  assert.equal(staged.state, 'stopped');
  assert.deepEqual(staged.ledger.story, ['start a', 'end a interrupted']);
  assert.deepEqual(staged.ledger.pending, ['b', 'c']);
});

test('a prompt during a stop starts nothing', () => {
  const staged = running('a');
  staged.send(STOP);
  staged.prompt('late');
  staged.say(EXITED);
  assert.equal(staged.state, 'stopped');
  assert.ok(!staged.ledger.started('late'));
});

test('[R20] a journal that fails ends the run with that fault, and the conversation', () => {
  const staged = running('a');
  staged.send(JOURNAL_FAILED);
  assert.deepEqual(staged.state, alive('stopping'));
  staged.say(turnEnded('cancelled'), EXITED);
  assert.equal(staged.state, 'stopped');
  assert.deepEqual(staged.ledger.story, ['start a', 'end a store.unavailable']);
});

test('[R20] a journal that fails without a process ends the conversation', () => {
  const staged = stageConversation();
  staged.send(JOURNAL_FAILED);
  assert.equal(staged.state, 'stopped');
});

test('the deltas the machine knows are the last it was told', () => {
  const staged = running();
  staged.say({ type: 'claude.progress', deltas: 3, tokens: NO_TOKENS });
  assert.equal(staged.context.deltas, 3);
  staged.say(turnEnded());
  assert.equal(staged.context.deltas, 5);
});

test('[R23] a conversation without a process ends as soon as the server drains', () => {
  const staged = stageConversation();
  staged.send(DRAIN);
  assert.equal(staged.state, 'stopped');
});

test('[R23] a turn at work ends as it would have; what waits behind it is not started', () => {
  const staged = running();
  staged.prompt('b');
  staged.send(DRAIN);
  assert.deepEqual(staged.state, alive('running'));
  staged.say(turnEnded());
  assert.deepEqual(staged.state, alive('stopping'));
  staged.say(EXITED);
  assert.equal(staged.state, 'stopped');
  assert.deepEqual(staged.ledger.story, ['start a', 'end a done']);
  assert.deepEqual(staged.ledger.pending, ['b']);
  assert.deepEqual(staged.ledger.withdrawn, []);
});

test('[R11] [R23] a process that is not ready yet is stopped, and its prompt waits', () => {
  for (const facts of [[], [SPAWNED]]) {
    const staged = stageConversation();
    staged.prompt('a');
    staged.say(...facts);
    staged.send(DRAIN);
    assert.deepEqual(staged.state, alive('stopping'));
    staged.say(EXITED);
    assert.equal(staged.state, 'stopped');
    assert.deepEqual(staged.ledger.story, []);
    assert.deepEqual(staged.ledger.pending, ['a']);
  }
});

test('[R23] an approval stays answerable while the server drains, and is interrupted by its stop', () => {
  const answered = running();
  answered.say(blocked('q1'));
  answered.send(DRAIN);
  answered.answer('b', 'q1');
  assert.deepEqual(answered.state, alive('running'));
  answered.say(turnEnded());
  assert.deepEqual(answered.state, alive('stopping'));

  const waiting = running();
  waiting.say(blocked('q1'));
  waiting.send(DRAIN, STOP);
  waiting.say(EXITED);
  assert.equal(waiting.ledger.story.at(-1), 'end own-1 interrupted');
});

/** Every fact and wish with few names, as the model sees them. */
const MODEL_EVENTS: readonly ConversationEvent[] = [
  { type: 'user.prompt', runId: 'a' },
  { type: 'user.prompt', runId: 'b' },
  WARM,
  { type: 'user.answer', runId: 'c', requestIds: ['q1'] },
  { type: 'user.answer', runId: 'd', requestIds: ['q1', 'q2'] },
  { type: 'user.abort', runId: 'a' },
  { type: 'user.abort', runId: 'b' },
  EVICT,
  RECLAIM,
  GRANTED,
  JOURNAL_FAILED,
  DRAIN,
  STOP,
  SPOKE,
  SPAWNED,
  READY,
  TURN_STARTED,
  blocked('q1'),
  blocked('q2'),
  unblocked('q1'),
  turnEnded('done'),
  turnEnded('done', true),
  { type: 'claude.quiet' },
  turnEnded('failed'),
  EXITED,
  CRASHED,
  START_FAILED,
  STALLED,
  { type: 'claude.progress', deltas: 1, tokens: NO_TOKENS },
];
const TIMERS = {
  'xstate.after.dormancy.conversation.dormant': TIMES.dormantMs,
  'xstate.after.crashPause.conversation.suspended': TIMES.crashPauseMs,
  'xstate.after.startTimeout.conversation.alive.starting': TIMES.startTimeoutMs,
  'xstate.after.processIdle.conversation.alive.ready': TIMES.processIdleMs,
  'xstate.after.interruptTimeout.conversation.alive.interrupting': TIMES.interruptTimeoutMs,
};

const nameOf = (context: ConversationContext) => [
  context.run,
  context.blockedRun,
  context.queue,
  context.slot,
  context.asking,
  context.fault,
  context.crashes.length,
  context.draining,
  context.leaving,
];

test('every state is reached by its shortest path in a real actor as in the model', () => {
  const machine = conversationMachine.provide({
    actors: { claude: fromCallback<ClaudeCommand, ClaudeInput, ClaudeEmitted>(() => {}) },
  });
  const slot = { ...new Ledger().ports().slot, isHeld: true };
  const ports = { ...new Ledger().ports(), newRunId: () => 'own', slot };
  // The first crash is one too many, else the model counts them in every other state as well.
  const times = { ...TIMES, crashesMax: 1 };
  const timers = Object.keys(TIMERS).map((type) => ({ type }) as unknown as ConversationEvent);
  const paths = getShortestPaths(machine, {
    input: { ports, ...times },
    events: [...MODEL_EVENTS, ...timers],
    limit: 120_000,
    filterEvents: (snapshot, event) => {
      if (snapshot.status !== 'active' || !snapshot.can(event)) return false;
      const { queue, asking, run, blockedRun } = snapshot.context;
      // A run id is given once, and so is a request's.
      if (event.type === 'user.prompt' || event.type === 'user.answer') {
        if ([...queue, run, blockedRun].includes(event.runId)) return false;
      }
      if (event.type === 'user.answer') return event.requestIds.every((id) => asking.includes(id));
      if (event.type === 'claude.blocked') return !asking.includes(event.requestId);
      // Nothing is printed before the first line is written; see the test about words before readiness.
      if (event.type === 'claude.spoke')
        return !snapshot.matches({ alive: 'admitted' }) && !snapshot.matches({ alive: 'starting' });
      return true;
    },
    serializeState: ({ value, context }) => JSON.stringify([value, ...nameOf(context)]),
  });
  const values = new Set(paths.map(({ state }) => JSON.stringify(state.value)));
  // `answering` is passed through within one step.
  assert.equal(values.size, 12, [...values].join(' '));
  assert.ok(paths.length > 50, `only ${paths.length} paths`);

  for (const { steps, state } of paths) {
    const staged = stageConversation(times);
    // The model knows few names, so a path may use one again.
    staged.ledger.namesRepeat = true;
    staged.ledger.slotsAreScarce = true;
    for (const { event } of steps.slice(1)) {
      const delay = (TIMERS as Record<string, number>)[event.type];
      if (event.type === 'slot.granted') staged.ledger.grant();
      else if (delay === undefined) staged.send(event);
      else staged.wait(delay);
    }
    const own = (context: ConversationContext) =>
      JSON.stringify(nameOf(context)).replaceAll(/own-\d+/g, 'own');
    assert.deepEqual(staged.state, state.value);
    assert.equal(own(staged.context), own(state.context));
    staged.actor.stop();
    assert.equal(staged.processes, 0);
  }
});

/**
 * Random lives. The people may do anything at any time; the process does what processes do: it says nothing
 * before it is spawned, ends only turns it began, and has the last word before it exits.
 */
type Move =
  | { by: 'user'; event: ConversationEvent }
  | { by: 'claude'; choice: number }
  /** The conversation has its turn, where it waits for one. */
  | { by: 'gate' }
  | { by: 'clock'; ms: number };

const names = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6');
const requests = fc.constantFrom('q1', 'q2', 'q3');
const move = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .oneof(
        { weight: 4, arbitrary: names.map((runId) => ({ type: 'user.prompt' as const, runId })) },
        { weight: 2, arbitrary: names.map((runId) => ({ type: 'user.abort' as const, runId })) },
        { weight: 2, arbitrary: names.map((runId) => ({ type: 'user.hurry' as const, runId })) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(names, fc.uniqueArray(requests, { minLength: 1 }))
            .map(([runId, requestIds]) => ({ type: 'user.answer' as const, runId, requestIds })),
        },
        { weight: 1, arbitrary: fc.constantFrom(WARM, EVICT, RECLAIM, DRAIN) },
      )
      .map((event): Move => ({ by: 'user', event })),
  },
  { weight: 6, arbitrary: fc.nat(99).map((choice): Move => ({ by: 'claude', choice })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        1,
        TIMES.interruptTimeoutMs,
        TIMES.startTimeoutMs,
        TIMES.processIdleMs,
        TIMES.crashPauseMs,
      )
      .map((ms): Move => ({ by: 'clock', ms })),
  },
);
const moves = fc.array(move, { maxLength: 80 });
const gate = fc.constant<Move>({ by: 'gate' });
const scarceMoves = fc.array(
  fc.oneof({ weight: 4, arbitrary: move }, { weight: 1, arbitrary: gate }),
  {
    maxLength: 80,
  },
);

/** What the process may do next, as far as the test has played it. */
class PlayedProcess {
  #phase: 'none' | 'admitted' | 'starting' | 'idle' | 'turn' = 'none';
  #asking: string[] = [];
  #seen = 0;
  #asked = 0;
  #stopping = false;

  options(staged: Staged): (ClaudeFact | ConversationEvent)[] {
    if (staged.processes === 0) {
      this.#phase = 'none';
      return [];
    }
    if (this.#phase === 'none') this.#phase = 'admitted';
    this.#hear(staged.commands);
    const exit = this.#stopping ? [EXITED] : [];
    switch (this.#phase) {
      case 'admitted':
        return this.#stopping ? exit : [SPAWNED, START_FAILED];
      case 'starting':
        return [...exit, READY, START_FAILED];
      case 'idle':
        return [...exit, TURN_STARTED, CRASHED];
      default: {
        const ends = [turnEnded('done'), turnEnded('failed'), turnEnded('cancelled')];
        const id = `q${(this.#asked % 3) + 1}`;
        const asks = this.#asking.includes(id) ? [] : [blocked(id)];
        return [...exit, ...ends, ...asks, ...this.#asking.map(unblocked), SPOKE, STALLED, CRASHED];
      }
    }
  }

  did(fact: ClaudeFact | ConversationEvent): void {
    if (fact.type === 'claude.spawned') this.#phase = 'starting';
    if (fact.type === 'claude.ready') this.#phase = 'idle';
    if (fact.type === 'claude.turnStarted') this.#phase = 'turn';
    if (fact.type === 'claude.turnEnded') {
      this.#phase = 'idle';
      this.#asking = [];
    }
    if (fact.type === 'claude.blocked') {
      this.#asked += 1;
      this.#asking.push(fact.requestId);
    }
    if (fact.type === 'claude.unblocked')
      this.#asking = this.#asking.filter((id) => id !== fact.requestId);
    if (fact.type === 'claude.exited') {
      this.#phase = 'none';
      this.#asking = [];
      this.#stopping = false;
    }
  }

  #hear(commands: readonly ClaudeCommand[]): void {
    for (const command of commands.slice(this.#seen)) {
      if (command.type === 'claude.prompt') this.#phase = 'turn';
      if (command.type === 'claude.stop') this.#stopping = true;
      if (command.type === 'claude.answer')
        this.#asking = this.#asking.filter((id) => id !== command.requestId);
    }
    this.#seen = commands.length;
  }
}

function live(sequence: readonly Move[], scarce = false): { staged: Staged; sent: Set<string> } {
  const staged = stageConversation();
  staged.ledger.slotsAreScarce = scarce;
  const process = new PlayedProcess();
  const sent = new Set<string>();
  for (const move of sequence) {
    if (staged.state === 'stopped') break;
    if (move.by === 'clock') staged.wait(move.ms);
    else if (move.by === 'user') userMoves(staged, move.event, sent);
    else if (move.by === 'gate') {
      if (staged.ledger.slot === 'wanted') staged.ledger.grant();
      staged.check();
    } else {
      const options = process.options(staged);
      const fact = options[move.choice % Math.max(1, options.length)];
      if (fact === undefined) continue;
      staged.send(fact as ConversationEvent);
      process.did(fact);
    }
  }
  return { staged, sent };
}

/** A run id is used once, and an answer names only what is asked, as the layers above see to it. */
function userMoves(staged: Staged, event: ConversationEvent, sent: Set<string>): void {
  if (event.type === 'user.answer') {
    const { context } = staged.actor.getSnapshot();
    if (sent.has(event.runId) || !staged.actor.getSnapshot().can(event)) return;
    if (!event.requestIds.every((id) => context.asking.includes(id))) return;
    sent.add(event.runId);
  } else if (event.type === 'user.prompt') {
    if (sent.has(event.runId)) return;
    sent.add(event.runId);
  }
  staged.send(event);
}

test('in any life: one process exactly while alive, never two runs open, each started and ended once', () => {
  const property = fc.property(moves, (sequence) => {
    const { staged } = live(sequence);
    const { entries } = staged.ledger;
    const ends = entries.filter((entry) => entry.did === 'end').map(({ runId }) => runId);
    assert.equal(new Set(ends).size, ends.length);
    assert.equal(staged.context.run, staged.ledger.open);
    staged.actor.stop();
    assert.equal(staged.processes, 0);
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('in any life: a prompt is started, withdrawn or waits', () => {
  const property = fc.property(moves, (sequence) => {
    const { staged, sent } = live(sequence);
    const { ledger } = staged;
    for (const runId of sent) {
      const fates = [
        ledger.started(runId),
        ledger.withdrawn.includes(runId),
        ledger.pending.includes(runId),
      ];
      assert.equal(fates.filter(Boolean).length, 1, `${runId}: ${fates}`);
    }
    staged.actor.stop();
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('in any life: a stop leaves no run open and no process', () => {
  const property = fc.property(moves, (sequence) => {
    const { staged } = live(sequence);
    if (staged.state !== 'stopped') {
      staged.send(STOP);
      if (staged.state !== 'stopped') staged.say(EXITED);
    }
    assert.equal(staged.state, 'stopped');
    assert.equal(staged.processes, 0);
    assert.equal(staged.ledger.open, null);
  });
  fc.assert(property, { numRuns: 500 });
});

test('in any life: a prompt waits only behind something that will end', () => {
  const property = fc.property(moves, (sequence) => {
    const { staged } = live(sequence);
    if (staged.ledger.pending.length > 0) {
      assert.notEqual(staged.state, 'dormant');
      assert.notEqual(staged.state, 'queued');
      assert.notDeepEqual(staged.state, alive('ready'));
    }
    staged.actor.stop();
  });
  fc.assert(property, { numRuns: 500 });
});

test('[R30] in any life: a prompt that waits for its turn alone has asked for it, and a stop leaves no slot', () => {
  const property = fc.property(scarceMoves, (sequence) => {
    const { staged, sent } = live(sequence, true);
    const { ledger, state, context } = staged;
    const free = ['"queued"', '{"alive":"ready"}', '{"alive":"delegating"}'];
    if (ledger.pending.length > 0 && free.includes(JSON.stringify(state)))
      assert.equal(ledger.slot, 'wanted');
    if (ledger.pending.length === 0) assert.notEqual(ledger.slot, 'wanted');
    if (context.slot === 'used') assert.ok(context.run !== null && sent.has(context.run));
    if (state !== 'stopped') staged.send(STOP);
    if (staged.state !== 'stopped') staged.say(EXITED);
    assert.equal(staged.state, 'stopped');
    assert.equal(ledger.slot, 'none');
  });
  fc.assert(property, { numRuns: 2_000 });
});
