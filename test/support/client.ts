/** A client of `agui.v1`. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { AguiEvent, DirectFrame, KeptFrame } from '../../src/transport/protocol.ts';
import { FrameClient } from './frame-client.ts';

export type Frame = KeptFrame | DirectFrame | AguiEvent;
type Direct<T extends DirectFrame['type']> = Extract<DirectFrame, { type: T }>;

export class TestClient extends FrameClient<Frame> {
  /** @param more Headers of the upgrade request besides. */
  static async open(
    url: string,
    origin: string,
    cookie: string,
    query = '',
    more: Readonly<Record<string, string>> = {},
  ): Promise<TestClient> {
    const socket = new WebSocket(url + query, 'agui.v1', {
      headers: { Cookie: cookie, Origin: origin, ...more },
    });
    return new TestClient(socket).opened();
  }

  /** Says hello and waits until it has caught up. Returns the thread's id. */
  async hello(threadId: string | null = null, after: string | null = null): Promise<string> {
    const from = this.frames.length;
    this.send({ type: 'hello', threadId, after });
    await this.direct('caughtUp', from);
    return (await this.direct('welcome', from)).threadId;
  }

  /** Sends a prompt; returns its run id. */
  prompt(threadId: string, text: string, runId: string = randomUUID()): string {
    const messages = [{ id: `u-${runId}`, role: 'user', content: text }];
    this.send({ threadId, runId, messages, tools: [], context: [], state: {}, forwardedProps: {} });
    return runId;
  }

  direct<T extends DirectFrame['type']>(type: T, from = 0): Promise<Direct<T>> {
    return this.find((frame): frame is Direct<T> => 'type' in frame && frame.type === type, from);
  }

  /** Waits for an event of this type, kept or bare. */
  async event<T extends AguiEvent['type']>(
    type: T,
    from = 0,
  ): Promise<Extract<AguiEvent, { type: T }>> {
    const frame = await this.find((candidate) => eventOf(candidate)?.type === type, from);
    return eventOf(frame) as Extract<AguiEvent, { type: T }>;
  }

  /** Waits until this run has ended, however it did. */
  async runEnded(
    runId: string,
  ): Promise<Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>> {
    let started = -1;
    const frame = await this.find((candidate) => {
      const event = eventOf(candidate);
      if (event?.type === 'RUN_STARTED' && event.runId === runId)
        started = this.frames.indexOf(candidate);
      const after = started >= 0 && this.frames.indexOf(candidate) > started;
      return (
        (event?.type === 'RUN_FINISHED' && event.runId === runId) ||
        (after && event?.type === 'RUN_ERROR')
      );
    });
    return eventOf(frame) as Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>;
  }

  get kept(): KeptFrame[] {
    return this.frames.filter((frame): frame is KeptFrame => 'id' in frame && 'chunk' in frame);
  }

  get events(): AguiEvent[] {
    return this.kept.map(({ chunk }) => chunk);
  }

  /** All text deltas in order, as one string. */
  get text(): string {
    return this.events
      .map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : ''))
      .join('');
  }
}

function eventOf(frame: Frame): AguiEvent | null {
  if ('chunk' in frame) return frame.chunk;
  return 'type' in frame && /^[A-Z_]+$/.test(frame.type) ? (frame as AguiEvent) : null;
}
