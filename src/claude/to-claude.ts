/** What is said to the CLI, one message a line. */
import type { PermissionAnswer } from './facts.ts';

/** What a title is found for; the rest of a long prompt says little more. UTF-16 units. */
const TITLED_UNITS_MAX = 2_000;

export class ToClaude {
  readonly #write: (message: object) => void;
  readonly #newUuid: () => string;

  constructor(write: (message: object) => void, newUuid: () => string) {
    this.#write = write;
    this.#newUuid = newUuid;
  }

  prompt(content: string): void {
    this.#write({
      type: 'user',
      message: { role: 'user', content },
      parent_tool_use_id: null,
      // Text as written: no slash command is run and no @path is read for a web user (CLI 2.1.330).
      client_composed: true,
      uuid: this.#newUuid(),
    });
  }

  answer(requestId: string, response: PermissionAnswer): void {
    this.#write({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response },
    });
  }

  /** Nothing is printed before the first line in: the reply to this one is the sign of readiness. */
  initialize(requestId: string): void {
    this.#control({ subtype: 'initialize' }, requestId);
  }

  interrupt(): void {
    this.#control({ subtype: 'interrupt' }, this.#newUuid());
  }

  /** Asks what a conversation that begins with `prompt` may be called. */
  title(prompt: string, requestId: string): void {
    const description = prompt.slice(0, TITLED_UNITS_MAX);
    this.#control({ subtype: 'generate_session_title', description, persist: false }, requestId);
  }

  #control(request: { subtype: string; [field: string]: unknown }, requestId: string): void {
    this.#write({ type: 'control_request', request_id: requestId, request });
  }
}
