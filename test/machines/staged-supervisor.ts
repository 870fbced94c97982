/** A supervisor over a store in memory and small real programs. */
import { readdir, readFile } from 'node:fs/promises';
import { afterEach } from 'node:test';
import type { Decision } from '../../src/machines/approvals.ts';
import { Supervisor, type SupervisorParts } from '../../src/machines/supervisor.ts';
import { type ConversationKey, conversationKey } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { demo, scripted, settingsIn, tempDir } from '../claude/programs.ts';
import { choicesOn } from '../support/choices.ts';
import { memoryStore } from '../support/memory-store.ts';
import { someMetrics } from '../support/metrics.ts';

/** Answers every prompt at once. */
export const QUICK = scripted({
  initialize: ['ready'],
  user: [
    { say: { type: 'system', subtype: 'init' } },
    { say: { type: 'result', is_error: false } },
  ],
});

/** The answer “yes, once”. */
export const decide = (interruptId: string, given: Partial<Decision> = {}): Decision => ({
  interruptId,
  approved: true,
  scope: 'once',
  input: null,
  message: null,
  ...given,
});

const living = new Set<Supervisor>();
afterEach(async () => {
  await Promise.all([...living].map((supervisor) => supervisor.stop(0)));
  living.clear();
});

export function stageSupervisor(
  given: Partial<SupervisorParts> & { command?: readonly string[] } = {},
) {
  const { command = demo, store = memoryStore(), ...parts } = given;
  const facts: { key: ConversationKey; type: string }[] = [];
  const supervisor: Supervisor = new Supervisor({
    store,
    agent: { command, info: { kind: 'demo', model: null, version: null, notice: null } },
    settings: settingsIn(tempDir()),
    credentials: () => ({ env: {}, usage: null, revoke: () => {} }),
    choices: choicesOn(store),
    tokensMax: () => null,
    maxProcesses: 4,
    maxRuns: null,
    maxPendingApprovalsPerUser: 4,
    maxMemoryShare: 90,
    memoryUsed: () => 0,
    processIdleMs: 600_000,
    stallMs: 120_000,
    claudeTitles: false,
    log: createLog('silent'),
    runs: someMetrics().runs,
    newUuid: () => crypto.randomUUID(),
    clock: {
      now: () => performance.now(),
      setTimeout: (fn, ms) => setTimeout(fn, ms),
      clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
    },
    onFact: (key, { type }) => facts.push({ key, type }),
    handOn: (key, prompt) => supervisor.prompt(key, prompt),
    ...parts,
  });
  living.add(supervisor);

  const staged = {
    store,
    supervisor,
    facts,
    key: (thread: string) => conversationKey('ada', thread),
    async prompt(thread: string, runId: string, text: string) {
      const command = { runId, digest: text, text };
      await store.accept(staged.key(thread), command);
      return supervisor.prompt(staged.key(thread), command);
    },
    async events(thread: string): Promise<AguiEvent[]> {
      const read = await store.read(staged.key(thread), null, 1_000_000);
      return read.valid ? read.rows.map(({ chunk }) => JSON.parse(chunk) as AguiEvent) : [];
    },
    /** Waits until the journal holds an event that passes; the test's timeout bounds it. */
    until(thread: string, passes: (event: AguiEvent) => boolean): Promise<AguiEvent> {
      return new Promise((resolve) => {
        const check = async () => {
          const found = (await staged.events(thread)).find(passes);
          if (found === undefined) return;
          untail();
          resolve(found);
        };
        const untail = store.tail(staged.key(thread), () => void check());
        void check();
      });
    },
    /** The end of the `n`-th run that ended. */
    async ended(thread: string, n = 1): Promise<RunEnd> {
      let ends: RunEnd[] = [];
      await new Promise<void>((resolve) => {
        const check = async () => {
          ends = (await staged.events(thread)).filter(isRunEnd);
          if (ends.length < n) return;
          untail();
          resolve();
        };
        const untail = store.tail(staged.key(thread), () => void check());
        void check();
      });
      return ends[n - 1] as RunEnd;
    },
    actor: (thread: string) => {
      const conversation = supervisor.find(staged.key(thread));
      if (!conversation) throw new Error(`no conversation ${thread}`);
      return conversation.actor;
    },
    /** Waits until the conversation's actor is in a state that passes. */
    reaches(thread: string, state: unknown): Promise<void> {
      return new Promise((resolve) => {
        const actor = staged.actor(thread);
        const subscription = actor.subscribe(() => check());
        const check = () => {
          if (JSON.stringify(actor.getSnapshot().value) !== JSON.stringify(state)) return;
          subscription.unsubscribe();
          resolve();
        };
        check();
      });
    },
  };
  return staged;
}

type RunEnd = Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>;

export function isRunEnd(event: AguiEvent): event is RunEnd {
  return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR';
}

/** Processes this one started that still run. */
export async function children(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      stat: await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    })),
  );
  return stats
    .filter(({ stat }) => new RegExp(`\\) [^Z] ${process.pid} `).test(stat))
    .map(({ pid }) => pid);
}
