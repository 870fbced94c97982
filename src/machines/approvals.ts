/**
 * What Claude asked leave for in one conversation, and what was answered. An interrupt's id is bound to the very
 * input it shows: an answer that names another one is no answer.
 */
import { createHash } from 'node:crypto';
import type { PermissionAnswer } from '../claude/facts.ts';
import type { PermissionRequest } from '../claude/message.ts';
import type { Interrupt, ResumeEntry } from '../transport/protocol.ts';
import { forConversation, type PermissionUpdate } from './permission-updates.ts';

/** A decision on one approval, as a client gave it. */
export interface Decision {
  readonly interruptId: string;
  readonly approved: boolean;
  readonly scope: 'once' | 'conversation';
  readonly input: Record<string, unknown> | null;
  readonly message: string | null;
}

/** An answer as the audit log tells it: nothing of what the tool was to do. */
export interface Answered {
  readonly toolName: string;
  readonly approved: boolean;
  /** `conversation` where it is not asked again there. */
  readonly scope: Decision['scope'];
  /** Whether the user changed what the tool was to do. */
  readonly edited: boolean;
}

interface Asked {
  readonly id: string;
  readonly request: PermissionRequest;
  /** What “for this conversation” would add. */
  readonly updates: readonly PermissionUpdate[];
}

export class Approvals {
  readonly #permissionMode: string;
  readonly #onAnswered: (answered: Answered) => void;
  /** By the CLI's request id, which the machine knows them by. */
  readonly #asked = new Map<string, Asked>();
  readonly #answers = new Map<string, PermissionAnswer>();

  /** @param permissionMode The operator's: no rule may go beyond it. */
  constructor(permissionMode: string, onAnswered: (answered: Answered) => void) {
    this.#permissionMode = permissionMode;
    this.#onAnswered = onAnswered;
  }

  ask(requestId: string, request: PermissionRequest): void {
    const id = interruptId(requestId, request.input);
    const updates = forConversation(request.suggestions, this.#permissionMode);
    this.#asked.set(requestId, { id, request, updates });
  }

  /** Nothing goes on from what was asked before. */
  forget(): void {
    this.#asked.clear();
  }

  /** The request that is shown under this id; null: none is, or not with this input. */
  requestOf(id: string): string | null {
    const found = [...this.#asked].find(([, asked]) => asked.id === id);
    return found?.[0] ?? null;
  }

  decide(requestId: string, { approved, scope, input, message }: Decision): void {
    const asked = this.#asked.get(requestId);
    if (!approved || !asked) return this.deny(requestId, message ?? 'The user said no.');
    this.#asked.delete(requestId);
    // Rules were suggested for the input as it was asked about, not for what the user made of it.
    const adds = scope === 'conversation' && input === null && asked.updates.length > 0;
    this.#answers.set(requestId, {
      behavior: 'allow',
      updatedInput: input ?? asked.request.input,
      ...(adds && { updatedPermissions: [...asked.updates] }),
    });
    const { toolName } = asked.request;
    const lasts = adds ? 'conversation' : 'once';
    this.#onAnswered({ toolName, approved, scope: lasts, edited: input !== null });
  }

  deny(requestId: string, message: string): void {
    const toolName = this.#asked.get(requestId)?.request.toolName;
    if (toolName !== undefined)
      this.#onAnswered({ toolName, approved: false, scope: 'once', edited: false });
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
    const asked = this.#asked.get(requestId);
    if (!asked) return { id: requestId, reason: 'approval_required' };
    const { toolName, toolUseId, input, title, description, reason } = asked.request;
    return {
      id: asked.id,
      reason: 'approval_required',
      ...(description !== null && { message: description }),
      ...(toolUseId !== null && { toolCallId: toolUseId }),
      metadata: {
        kind: 'approval',
        toolName,
        input,
        suggestions: asked.updates,
        ...(title !== null && { title }),
        ...(description !== null && { description }),
        ...(reason !== null && { reason }),
      },
    };
  }
}

/** The answer as the run that follows tells it to all: with an input of the user's, where that is what runs. */
export function resumeEntry(decision: Decision): ResumeEntry {
  const { interruptId, approved, scope, input, message } = decision;
  const edited = approved && input !== null;
  const payload = {
    approved,
    scope,
    ...(edited && { input }),
    ...(message !== null && { message }),
  };
  return { interruptId, status: 'resolved', payload };
}

export function interruptId(requestId: string, input: Record<string, unknown>): string {
  const digest = createHash('sha256').update(canonical(input)).digest('base64url');
  return `${requestId}.${digest.slice(0, 16)}`;
}

/** JSON with its keys in order, so that equal values are equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
