/** One request of a client of the replaced server: a prompt, and its whole answer at once. */
import type { ServerResponse } from 'node:http';
import type { FaultCode } from '../../faults.ts';
import type { Refused } from '../../store/limits.ts';
import { type AnswerParts, AnswerPeer } from '../answer-peer.ts';
import { sendFault, sendJson } from '../http.ts';
import { ChatAnswerLine } from './chat-answer-line.ts';
import type { Failure } from './parts.ts';
import { sayFault, sayThrottled } from './sentences.ts';

export interface ChatAnswerParts extends AnswerParts {
  /** Where approvals are answered. */
  readonly page: string | null;
}

export class ChatAnswer extends AnswerPeer {
  constructor(parts: ChatAnswerParts) {
    const { response, input, page } = parts;
    const onEnded = (text: string, failure: Failure | null) =>
      answer(response, input.threadId, text, failure);
    super(parts, new ChatAnswerLine(response, page, onEnded));
  }

  /** Begins the run; the answer comes with its end. */
  async begin(): Promise<void> {
    if (this.response.destroyed) return; // it went while it was let in
    await this.follow(null);
  }

  refuse(_: string, fault: FaultCode, detail = '', refusal: Refused | null = null): void {
    const { retryAfterMs = null } = refusal ?? {};
    if (retryAfterMs !== null)
      this.response.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1_000)));
    const message = refusal ? sayThrottled(refusal) : detail || sayFault(fault);
    sendFault(this.response, fault, message);
    this.end();
  }

  beat(): void {} // nothing is said before the answer

  protected close(fault: FaultCode | null): void {
    if (!this.response.headersSent) sendFault(this.response, fault ?? 'server.restarting');
  }
}

function answer(
  response: ServerResponse,
  conversation_id: string,
  text: string,
  failure: Failure | null,
): void {
  if (response.headersSent) return;
  if (failure === null) return sendJson(response, 200, { response: text, conversation_id });
  const { code: fault, message, status } = failure;
  sendJson(response, status, { fault, message, conversation_id });
}
