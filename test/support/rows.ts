/** Runs written straight into a journal, without an agent: exact, and as fast as the store. */
import {
  conversationKey,
  type Lease,
  type NewRow,
  type Store,
  threadOf,
} from '../../src/store/store.ts';

export interface Writer {
  readonly lease: Lease;
  /** Accepts and starts a run, with its prompt. */
  start(runId: string, prompt?: string, parentRunId?: string): Promise<void>;
  say(runId: string, messageId: string, ...deltas: string[]): Promise<void>;
  /** @param transcriptAt How far the CLI's transcript came with it. */
  finish(runId: string, transcriptAt?: string): Promise<void>;
  /** A whole run that says `words` in one message. */
  run(
    runId: string,
    prompt: string,
    words: readonly string[],
    transcriptAt?: string,
  ): Promise<void>;
  rows(rows: readonly NewRow[]): Promise<void>;
}

export async function writerOf(store: Store, user: string, threadId: string): Promise<Writer> {
  const key = conversationKey(user, threadId);
  const lease = await store.acquire(key);
  const write = (runId: string, event: object, marks?: NewRow['marks']): NewRow => ({
    runId,
    chunk: JSON.stringify(event),
    ...(marks && { marks }),
  });
  const rows = (all: readonly NewRow[]) => store.append(lease, all, 'batch');
  const writer: Writer = {
    lease,
    rows,
    async start(runId, prompt = 'hello', parentRunId) {
      await store.accept(key, { runId, digest: `d-${runId}`, text: prompt });
      const ids = { threadId: threadOf(key), runId, ...(parentRunId && { parentRunId }) };
      const messages = [{ id: `u:${runId}`, role: 'user', content: prompt }];
      const input = { ...ids, messages, tools: [], context: [] };
      await rows([write(runId, { type: 'RUN_STARTED', ...ids, input }, 'runStarted')]);
    },
    async say(runId, messageId, ...deltas) {
      await rows(
        deltas.map((delta) => write(runId, { type: 'TEXT_MESSAGE_CONTENT', messageId, delta })),
      );
    },
    async finish(runId, transcriptAt) {
      const event = { type: 'RUN_FINISHED', threadId, runId, outcome: { type: 'success' } };
      const end = write(runId, event, 'runEnded');
      await rows([transcriptAt === undefined ? end : { ...end, transcriptAt }]);
    },
    async run(runId, prompt, words, transcriptAt) {
      await writer.start(runId, prompt);
      const messageId = `m-${runId}`;
      await rows([write(runId, { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' })]);
      await writer.say(runId, messageId, ...words);
      await rows([write(runId, { type: 'TEXT_MESSAGE_END', messageId })]);
      await writer.finish(runId, transcriptAt);
    },
  };
  return writer;
}
