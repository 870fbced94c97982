/** The claude actor under a parent that writes down what it reports and emits, in one order. */
import { afterEach } from 'node:test';
import { type AnyActorRef, createActor, setup } from 'xstate';
import type {
  ClaudeCommand,
  ClaudeEmitted,
  ClaudeFact,
  ClaudeInput,
  PermissionAnswer,
} from '../../src/claude/facts.ts';
import type { PromptImage } from '../../src/claude/lines-in.ts';
import { claudeProcess } from '../../src/claude/process.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import { launchOf } from './programs.ts';

/** A test that fails leaves no process behind. */
const living = new Set<() => void>();
afterEach(() => {
  for (const abandon of living) abandon();
  living.clear();
});

export type Said = ClaudeFact | ClaudeEmitted;

export interface StagedClaudeParts {
  readonly prompts?: Readonly<Record<string, string>>;
  readonly images?: Readonly<Record<string, Promise<readonly PromptImage[]>>>;
  readonly expanded?: readonly string[];
  readonly untitled?: Readonly<Record<string, string>>;
  readonly answers?: Readonly<Record<string, PermissionAnswer>>;
  readonly input?: Partial<ClaudeInput>;
}

export function stageClaude(command: readonly string[], parts: StagedClaudeParts = {}) {
  const said: Said[] = [];
  const bugs: unknown[] = [];
  const unknown: string[] = [];
  const waiting = new Set<() => void>();
  const note = (entry: Said) => {
    said.push(entry);
    for (const check of waiting) check();
  };
  let blocks = 0;
  const input: ClaudeInput = {
    launch: () => launchOf(command, { PATH: process.env.PATH ?? '' }),
    desk: {
      promptText: (runId) => parts.prompts?.[runId] ?? '',
      promptImages: (runId) => parts.images?.[runId] ?? null,
      isExpanded: (runId) => parts.expanded?.includes(runId) ?? false,
      takeUntitled: (runId) => parts.untitled?.[runId] ?? null,
      takeAnswer: (requestId) =>
        parts.answers?.[requestId] ?? { behavior: 'deny', message: 'The user said no.' },
    },
    admit: async (start, ended, signal) => {
      signal.throwIfAborted();
      await start();
      await ended;
    },
    clock: {
      now: () => performance.now(),
      setTimeout: (fn, ms) => setTimeout(fn, ms),
      clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
    },
    stallMs: 120_000,
    redact: (words) => words,
    newUuid: () => crypto.randomUUID(),
    nextBlockId: () => `m${++blocks}`,
    onBug: (error) => bugs.push(error),
    onUnknown: (what) => unknown.push(what),
    ...parts.input,
  };
  const parent = createActor(
    setup({
      types: {} as { events: ClaudeFact },
      actors: { claude: claudeProcess },
    }).createMachine({
      invoke: { id: 'claude', src: 'claude', input },
      on: { '*': { actions: ({ event }) => note(event) } },
    }),
  );
  parent.start();
  living.add(() => parent.stop());
  const claude = parent.getSnapshot().children.claude as unknown as AnyActorRef;
  claude.on('*', (emitted) => note(emitted as ClaudeEmitted));

  const staged = {
    said,
    bugs,
    unknown,
    tell: (command: ClaudeCommand) => claude.send(command),
    prompt: (runId: string) => staged.tell({ type: 'claude.prompt', runId }),
    /** The first of this kind from the `from`-th entry on; waits for it. */
    heard<T extends Said['type']>(type: T, from = 0): Promise<Extract<Said, { type: T }>> {
      return new Promise((resolve) => {
        const check = () => {
          const found = said.slice(from).find((entry) => entry.type === type);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found as Extract<Said, { type: T }>);
        };
        waiting.add(check);
        check();
      });
    },
    all<T extends Said['type']>(type: T): Extract<Said, { type: T }>[] {
      return said.filter((entry): entry is Extract<Said, { type: T }> => entry.type === type);
    },
    get facts() {
      return said.filter(({ type }) => !EMITTED.includes(type)) as ClaudeFact[];
    },
    get events(): AguiEvent[] {
      return staged
        .all('claude.chunks')
        .flatMap(({ chunks }) => chunks.map((chunk) => JSON.parse(chunk) as AguiEvent));
    },
    get text(): string {
      return staged.events
        .map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : ''))
        .join('');
    },
    /** Ends the process and waits until it has gone. */
    async stop() {
      staged.tell({ type: 'claude.stop' });
      await staged.heard('claude.exited');
      parent.stop();
    },
    abandon: () => parent.stop(),
  };
  return staged;
}

const EMITTED: readonly string[] = [
  'claude.chunks',
  'claude.reached',
  'claude.asked',
  'claude.words',
  'claude.context',
  'claude.result',
];
