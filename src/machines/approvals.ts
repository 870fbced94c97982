/** What Claude asked leave for in one conversation, and what was answered: the machine knows both by id. */
import type { PermissionAnswer } from '../claude/facts.ts';
import type { PermissionRequest } from '../claude/message.ts';
import type { Interrupt, ResumeEntry } from '../transport/protocol.ts';

/** A decision on one approval, as a client gave it. */
export interface Decision {
  readonly requestId: string;
  readonly approved: boolean;
  readonly scope: 'once' | 'conversation';
  readonly input: Record<string, unknown> | null;
  readonly message: string | null;
}

export class Approvals {
  readonly #asked = new Map<string, PermissionRequest>();
  readonly #answers = new Map<string, PermissionAnswer>();

  ask(requestId: string, request: PermissionRequest): void {
    this.#asked.set(requestId, request);
  }

  /** Nothing goes on from what was asked before. */
  forget(): void {
    this.#asked.clear();
  }

  decide({ requestId, approved, scope, input, message }: Decision): void {
    const request = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    if (!approved || !request) {
      this.#answers.set(requestId, { behavior: 'deny', message: message ?? 'The user said no.' });
      return;
    }
    // The CLI suggests `localSettings`, which writes to disk; an approval here lasts for the conversation.
    const updatedPermissions = request.suggestions.map((rule) => ({
      ...rule,
      destination: 'session',
    }));
    this.#answers.set(requestId, {
      behavior: 'allow',
      updatedInput: input ?? request.input,
      ...(scope === 'conversation' && updatedPermissions.length > 0 && { updatedPermissions }),
    });
  }

  deny(requestId: string, message: string): void {
    this.#asked.delete(requestId);
    this.#answers.set(requestId, { behavior: 'deny', message });
  }

  take(requestId: string): PermissionAnswer {
    const answer = this.#answers.get(requestId);
    this.#answers.delete(requestId);
    return answer ?? { behavior: 'deny', message: 'The request was not answered.' };
  }

  /** A request as clients are shown it. */
  interrupt(requestId: string): Interrupt {
    const request = this.#asked.get(requestId);
    const {
      toolName = '',
      toolUseId = null,
      input = {},
      description = null,
      suggestions = [],
    } = request ?? {};
    return {
      id: requestId,
      reason: 'approval_required',
      ...(description !== null && { message: description }),
      ...(toolUseId !== null && { toolCallId: toolUseId }),
      metadata: { kind: 'approval', toolName, input, suggestions },
    };
  }
}

/** The answer as the run that follows tells it to all. */
export function resumeEntry({ requestId, approved, scope, message }: Decision): ResumeEntry {
  const payload = { approved, scope, ...(message !== null && { message }) };
  return { interruptId: requestId, status: 'resolved', payload };
}
