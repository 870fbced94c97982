/**
 * Turns of one conversation, each with its own kind of trouble. A prompt names what the API is to do;
 * whoever plays the API answers it with `answerByName`.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestClient } from './client.ts';
import { runningUnder } from './processes.ts';
import type { Answer, ApiRequest } from './scripted-api.ts';

const COUNT = Array.from({ length: 500 }, (_, i) => `${i} `).join('');
const bash = (command: string): Answer => [
  { text: 'Let me see. ' },
  { tool: 'Bash', input: { command, description: 'see' } },
];
const ANSWERS: Record<string, Answer> = {
  plain: [{ text: 'Yes, that is so. '.repeat(20), chunk: 16 }],
  slow: [{ text: COUNT, chunk: 8, everyMs: 50 }],
  quickTool: bash('echo seen > seen.txt'),
  endlessTool: bash('tail -f /dev/null'),
  silent: [{ text: 'Half of' }, { stall: true }],
  hanging: 'hang',
};

export function answerByName({ text, body, toolResults }: ApiRequest): Answer {
  // The CLI's own words about what was stopped, and that tool's result, come together with the next prompt.
  const name = /(\w+) it, please$/.exec(text)?.[1] ?? '';
  if (toolResults.length > 0 && !lastUserMessage(body).includes(`${name} it, please`))
    return [{ text: 'I have seen it.' }];
  return ANSWERS[name] ?? [{ text: 'Pardon?' }];
}

function lastUserMessage(body: ApiRequest['body']): string {
  const messages = body.messages as { role: string }[];
  return JSON.stringify(messages.findLast(({ role }) => role === 'user'));
}

export type Trouble =
  | 'none'
  | 'abort'
  | 'earlyAbort'
  | 'allow'
  | 'deny'
  | 'abortQuestion'
  | 'abortTool'
  | 'kill'
  | 'killAsking'
  | 'killTool'
  | 'silent'
  | 'hanging';

/** How a run may end under each. `claude.crashLoop` is the end of any while its conversation is suspended. */
const ENDS: Record<Trouble, string> = {
  none: 'success',
  abort: 'cancelled',
  earlyAbort: 'cancelled',
  allow: 'success',
  deny: 'success',
  abortQuestion: 'cancelled',
  abortTool: 'cancelled',
  kill: 'claude.crashed',
  killAsking: 'claude.crashed',
  killTool: 'claude.crashed',
  silent: 'claude.stalled',
  hanging: 'claude.stalled',
};

export class TroubledConversation {
  readonly #client: TestClient;
  readonly #thread: string;
  readonly #home: string;

  /** @param home What the conversation's processes have as HOME, and no others. */
  constructor(client: TestClient, thread: string, home: string) {
    this.#client = client;
    this.#thread = thread;
    this.#home = home;
  }

  /** Resolves to how the turn ended. @throws When that is not how it should. */
  async turn(trouble: Trouble): Promise<string> {
    // What was read is of no use any more, and there is a lot of it.
    this.#client.frames.length = 0;
    const end = await this.#play(trouble);
    assert.ok(
      end === ENDS[trouble] || end === 'claude.crashLoop',
      `${trouble} ended as ${end}: ${this.#told}`,
    );
    return end;
  }

  async #play(trouble: Trouble): Promise<string> {
    switch (trouble) {
      case 'none':
        return this.#end(this.#prompt('plain'));
      case 'silent':
      case 'hanging':
        return this.#end(this.#prompt(trouble));
      case 'earlyAbort': {
        const run = this.#prompt('slow');
        await this.#client.event('RUN_STARTED');
        return this.#abort(run);
      }
      case 'abort':
      case 'kill': {
        const run = this.#prompt('slow');
        const failed = await this.#speaksOrFails();
        if (failed) return failed;
        if (trouble === 'abort') return this.#abort(run);
        await this.#kill();
        return this.#end(run);
      }
      default:
        return this.#question(trouble);
    }
  }

  async #question(trouble: Trouble): Promise<string> {
    const isEndless = trouble === 'abortTool' || trouble === 'killTool';
    const run = this.#prompt(isEndless ? 'endlessTool' : 'quickTool');
    const asked = await this.#end(run);
    if (asked !== 'interrupt') return asked;
    if (trouble === 'abortQuestion') return this.#abort(run, 1);
    if (trouble === 'killAsking') {
      await this.#kill();
      return this.#lastEnd(1);
    }
    const answer = this.#answer(run, trouble !== 'deny');
    if (!isEndless) return this.#end(answer);
    await this.#toolRuns();
    if (trouble === 'abortTool') return this.#abort(answer);
    await this.#kill();
    return this.#end(answer);
  }

  /** What came since the turn began, deltas left out. */
  get #told(): string {
    const events = this.#client.events.filter(({ type }) => !type.endsWith('_CONTENT'));
    return JSON.stringify(events).slice(-3_000);
  }

  #prompt(name: string): string {
    return this.#client.prompt(this.#thread, `${name} it, please`);
  }

  #answer(parentRunId: string, payload: boolean): string {
    const end = this.#client.events.find(
      (event) => event.type === 'RUN_FINISHED' && event.outcome?.type === 'interrupt',
    );
    assert.ok(end?.type === 'RUN_FINISHED' && end.outcome?.type === 'interrupt');
    const runId = randomUUID();
    const resume = end.outcome.interrupts.map(({ id }) => ({
      interruptId: id,
      status: 'resolved',
      payload,
    }));
    this.#client.send({ threadId: this.#thread, runId, parentRunId, messages: [], resume });
    return runId;
  }

  async #abort(runId: string, endsBefore = 0): Promise<string> {
    this.#client.send({ type: 'abort', runId });
    return endsBefore === 0 ? this.#end(runId) : this.#lastEnd(endsBefore);
  }

  async #end(runId: string): Promise<string> {
    return nameOf(await this.#client.runEnded(runId));
  }

  /** The end of whichever run ends after so many others. */
  async #lastEnd(endsBefore: number): Promise<string> {
    const ends = () => this.#client.events.filter(isEnd);
    await this.#client.find(() => ends().length > endsBefore);
    const last = ends()[endsBefore];
    assert.ok(last);
    return nameOf(last);
  }

  async #speaksOrFails(): Promise<string | null> {
    const frame = await this.#client.find(
      (candidate) =>
        'chunk' in candidate &&
        (candidate.chunk.type === 'TEXT_MESSAGE_CONTENT' || isEnd(candidate.chunk)),
    );
    return 'chunk' in frame && isEnd(frame.chunk) ? nameOf(frame.chunk) : null;
  }

  async #toolRuns(): Promise<void> {
    const runs = async () => (await runningUnder(this.#home)).some(({ name }) => name === 'tail');
    while (!(await runs())) await new Promise(setImmediate);
  }

  /** kill -9 of the CLI, and of nothing that it started. */
  async #kill(): Promise<void> {
    const running = await runningUnder(this.#home);
    const pids = new Set(running.map(({ pid }) => pid));
    for (const { pid, parent } of running) if (!pids.has(parent)) process.kill(pid, 'SIGKILL');
  }
}

type End = Awaited<ReturnType<TestClient['runEnded']>>;

function isEnd(event: TestClient['events'][number]): event is End {
  return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR';
}

function nameOf(end: End): string {
  return end.type === 'RUN_ERROR' ? String(end.code) : String(end.outcome?.type);
}
