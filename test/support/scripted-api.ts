/**
 * A loopback stand-in for the Messages API that a test scripts, the ways it fails included: it hangs, falls
 * silent or drops the line in mid-stream, refuses, asks for tools, and takes its time. It knows no model.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** One thing an answer does, in order. */
export type Part =
  /** `chunk`: characters a delta, 8 unless said; `everyMs`: between them. */
  | { text: string; chunk?: number; everyMs?: number }
  | { thinking: string }
  | { tool: string; input: Record<string, unknown>; id?: string }
  | { waitMs: number }
  /** Says nothing more, and keeps the line open until the client goes. */
  | { stall: true }
  | { drop: true }
  /** An SSE `error` event. */
  | { error: string };

export type Answer =
  | readonly Part[]
  | { status: number; type: string; message: string; headers?: Record<string, string> }
  /** Not even headers. */
  | 'hang';

export interface ApiRequest {
  /** The user's own words in the last message that has any, without what the CLI adds. */
  readonly text: string;
  /** Contents of the tool results in the last user message. */
  readonly toolResults: readonly string[];
  readonly model: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** Resolves when the client has gone before the answer was over. */
  readonly left: Promise<void>;
}

export class ScriptedApi {
  /** Requests to `/v1/messages`, oldest first. */
  readonly requests: ApiRequest[] = [];
  /** Paths asked for besides. */
  readonly others: string[] = [];
  /** What the next requests are answered with. */
  answer: (request: ApiRequest) => Answer;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });
  #lastId = 0;

  private constructor(answer: ScriptedApi['answer']) {
    this.answer = answer;
  }

  static async start(
    answer: ScriptedApi['answer'] = () => [{ text: 'Yes.' }],
  ): Promise<ScriptedApi> {
    const api = new ScriptedApi(answer);
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse((await text(request)) || '{}') as Record<string, unknown>;
    const path = request.url?.split('?')[0] ?? '';
    if (path === '/v1/messages/count_tokens') return json(response, 200, { input_tokens: 1_234 });
    if (path !== '/v1/messages') {
      this.others.push(path);
      return json(response, 404, failure('not_found_error', path));
    }
    const asked = readRequest(request, response, body);
    this.requests.push(asked);
    const answer = this.answer(asked);
    if (answer === 'hang') return;
    if ('status' in answer) {
      for (const [name, value] of Object.entries(answer.headers ?? {}))
        response.setHeader(name, value);
      return json(response, answer.status, failure(answer.type, answer.message));
    }
    const stream = new AnswerStream(response, `msg_${++this.#lastId}`, asked);
    if (body.stream === true) await stream.play(answer);
    else json(response, 200, stream.whole(answer));
  }
}

/** One answer as the API streams it. */
class AnswerStream {
  readonly #response: ServerResponse;
  readonly #message: Record<string, unknown>;
  readonly #usage = { input_tokens: 100, output_tokens: 0 };
  readonly #asked: ApiRequest;
  #index = 0;

  constructor(response: ServerResponse, id: string, asked: ApiRequest) {
    this.#response = response;
    this.#asked = asked;
    const { model } = asked;
    this.#message = { id, type: 'message', role: 'assistant', model, stop_sequence: null };
  }

  async play(parts: readonly Part[]): Promise<void> {
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const message = { ...this.#message, content: [], stop_reason: null, usage: this.#usage };
    this.#send({ type: 'message_start', message });
    for (const part of parts) {
      if (this.#response.destroyed) return;
      if ('stall' in part) return await this.#asked.left;
      if ('drop' in part) return void this.#response.destroy();
      if ('error' in part) return void this.#response.end(sse(failure('api_error', part.error)));
      if ('waitMs' in part) await Promise.race([sleep(part.waitMs), this.#asked.left]);
      else await this.#block(part);
    }
    const delta = { stop_reason: stopReason(parts), stop_sequence: null };
    this.#send({ type: 'message_delta', delta, usage: this.#usage });
    this.#send({ type: 'message_stop' });
    this.#response.end();
  }

  /** The same for a request that does not stream. */
  whole(parts: readonly Part[]): Record<string, unknown> {
    const content = parts.flatMap((part) => {
      const block = blockOf(part, `toolu_${String(this.#message.id)}_${this.#index++}`);
      return block ? [block] : [];
    });
    return { ...this.#message, content, stop_reason: stopReason(parts), usage: this.#usage };
  }

  async #block(part: Extract<Part, { text: string } | { thinking: string } | { tool: string }>) {
    const index = this.#index++;
    const block = blockOf(part, `toolu_${String(this.#message.id)}_${index}`);
    this.#send({
      type: 'content_block_start',
      index,
      content_block: { ...block, ...emptied(part) },
    });
    const { type, field, value } = deltaOf(part);
    const size = 'text' in part ? (part.chunk ?? 8) : 64;
    for (let at = 0; at < value.length; at += size) {
      const piece = value.slice(at, at + size);
      this.#usage.output_tokens += 1;
      this.#send({ type: 'content_block_delta', index, delta: { type, [field]: piece } });
      const pause = 'text' in part ? (part.everyMs ?? 0) : 0;
      if (pause > 0) await Promise.race([sleep(pause), this.#asked.left]);
      if (this.#response.destroyed) return;
    }
    this.#send({ type: 'content_block_stop', index });
  }

  #send(event: Record<string, unknown>): void {
    if (!this.#response.destroyed) this.#response.write(sse(event));
  }
}

function readRequest(
  { headers }: IncomingMessage,
  response: ServerResponse,
  body: Record<string, unknown>,
): ApiRequest {
  const messages = (body.messages ?? []) as { role: string; content: unknown }[];
  const users = messages
    .filter(({ role }) => role === 'user')
    .map(({ content }) => partsOf(content));
  const said = users.map((parts) => parts.flatMap((part) => wordsOf(part)).join('\n'));
  return {
    text: said.findLast((words) => words !== '') ?? '',
    toolResults: (users.at(-1) ?? []).flatMap((part) =>
      part.type === 'tool_result'
        ? [
            partsOf(part.content)
              .map(({ text: words }) => words)
              .join(''),
          ]
        : [],
    ),
    model: String(body.model),
    headers,
    body,
    left: new Promise((resolve) => response.once('close', resolve)),
  };
}

type ContentPart = { type: string; text?: string; content?: unknown };

function partsOf(content: unknown): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? (content as ContentPart[]) : [];
}

/** The CLI adds reminders of its own to what a user says. */
function wordsOf({ type, text: words = '' }: ContentPart): string[] {
  return type === 'text' && !words.startsWith('<system-reminder>') ? [words] : [];
}

function blockOf(part: Part, toolId: string): Record<string, unknown> | null {
  if ('text' in part) return { type: 'text', text: part.text };
  if ('thinking' in part) return { type: 'thinking', thinking: part.thinking, signature: 'sig' };
  if ('tool' in part)
    return { type: 'tool_use', id: part.id ?? toolId, name: part.tool, input: part.input };
  return null;
}

function emptied(part: Part): Record<string, unknown> {
  return 'text' in part ? { text: '' } : 'thinking' in part ? { thinking: '' } : { input: {} };
}

function deltaOf(part: Extract<Part, { text: string } | { thinking: string } | { tool: string }>) {
  if ('text' in part) return { type: 'text_delta', field: 'text', value: part.text };
  if ('thinking' in part)
    return { type: 'thinking_delta', field: 'thinking', value: part.thinking };
  return { type: 'input_json_delta', field: 'partial_json', value: JSON.stringify(part.input) };
}

function stopReason(parts: readonly Part[]): string {
  return parts.some((part) => 'tool' in part) ? 'tool_use' : 'end_turn';
}

function failure(type: string, message: string): Record<string, unknown> {
  return { type: 'error', error: { type, message } };
}

function sse(event: Record<string, unknown>): string {
  return `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
