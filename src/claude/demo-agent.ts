/**
 * The demo agent: a program that speaks the CLI's stream-json protocol from a script. It answers when no
 * Claude Code is installed and signed in, so that the page can be seen at work, and it is what tests use to
 * make an agent fail on command. It reads no file, runs nothing and talks to nobody.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Step, scriptFor, WORD_MS } from './demo-script.ts';
import { array, object, string } from './json.ts';
import { LineSplitter } from './lines.ts';

/** A prompt may hold 20 MiB of images, in base64. */
const PROMPT_BYTES_MAX = 32 * 1024 * 1024;

const { values: options } = parseArgs({
  strict: false,
  options: { 'session-id': { type: 'string' }, resume: { type: 'string' } },
});
const sessionId = string(options['session-id']) || string(options.resume) || randomUUID();

const prompts: string[] = [];
const questions = new Map<string, (answer: Record<string, unknown>) => void>();
let turn: AbortController | null = null;
let inputEnded = false;

const splitter = new LineSplitter(PROMPT_BYTES_MAX);
process.stdin.on('data', (chunk: Buffer) => splitter.push(chunk).forEach(hear));
process.stdin.on('end', () => {
  inputEnded = true;
  if (!turn) process.exit(0);
});

function say(line: Record<string, unknown>): void {
  process.stdout.write(
    `${JSON.stringify({ ...line, session_id: sessionId, uuid: randomUUID() })}\n`,
  );
}

function hear(line: string): void {
  const message = object(JSON.parse(line));
  const request = object(message.request);
  if (message.type === 'user') {
    prompts.push(wordsOf(object(message.message).content));
    if (!turn) void nextTurn();
  } else if (message.type === 'control_response') {
    const response = object(message.response);
    questions.get(string(response.request_id))?.(object(response.response));
  } else if (message.type === 'control_request') {
    if (request.subtype === 'interrupt') turn?.abort();
    const response = { subtype: 'success', request_id: message.request_id, response: {} };
    say({ type: 'control_response', response });
  }
}

/** What was asked: the last text of what was sent. The demo sees no images, and no earlier conversation. */
function wordsOf(content: unknown): string {
  return string(content) || string(object(array(content).at(-1)).text);
}

async function nextTurn(): Promise<void> {
  const prompt = prompts.shift();
  if (prompt === undefined) return;
  turn = new AbortController();
  const started = Date.now();
  say({
    type: 'system',
    subtype: 'init',
    model: 'demo',
    permissionMode: 'default',
    tools: ['Bash'],
  });
  const ending = await new Answer(turn.signal).play(scriptFor(prompt));
  say({
    type: 'result',
    subtype: 'success',
    num_turns: 1,
    duration_ms: Date.now() - started,
    ...ending,
  });
  turn = null;
  if (prompts.length > 0) return nextTurn();
  if (inputEnded) process.exit(0);
}

/** One turn's API messages, block by block, as the CLI writes them. */
class Answer {
  readonly #signal: AbortSignal;
  #messageId = '';
  #index = 0;
  #words = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Plays the steps; returns the fields of `result` that say how it ended. */
  async play(steps: readonly Step[]): Promise<Record<string, unknown>> {
    this.#startMessage();
    try {
      for (const step of steps) {
        const failed = await this.#play(step);
        if (failed) return { ...failed, ...this.#usage() };
      }
      this.#stopMessage();
      return { is_error: false, terminal_reason: 'completed', ...this.#usage() };
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      return { is_error: true, terminal_reason: 'aborted_streaming', errors: [], ...this.#usage() };
    }
  }

  async #play(step: Step): Promise<Record<string, unknown> | null> {
    if ('think' in step)
      await this.#block({ type: 'thinking', thinking: '' }, 'thinking', step.think, WORD_MS);
    else if ('say' in step)
      await this.#block({ type: 'text', text: '' }, 'text', step.say, step.wordMs ?? WORD_MS);
    else if ('flood' in step)
      await this.#block({ type: 'text', text: '' }, 'text', 'word '.repeat(step.flood), 0);
    else if ('waitMs' in step) await sleep(step.waitMs, undefined, { signal: this.#signal });
    else if ('tool' in step) await this.#tool(step);
    else
      return {
        is_error: true,
        terminal_reason: 'api_error',
        api_error_status: step.status,
        result: step.fail,
      };
    return null;
  }

  async #tool({ tool, input, result }: Extract<Step, { tool: string }>): Promise<void> {
    const id = `toolu_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    await this.#block(
      { type: 'tool_use', id, name: tool, input: {} },
      'input',
      JSON.stringify(input),
      WORD_MS,
    );
    this.#stopMessage();
    const answer = await this.#ask(tool, input, id);
    const allowed = answer.behavior === 'allow';
    const content = allowed ? result : string(answer.message) || 'Denied.';
    const part = { type: 'tool_result', tool_use_id: id, content, is_error: !allowed };
    say({ type: 'user', message: { role: 'user', content: [part] }, parent_tool_use_id: null });
    this.#startMessage();
    if (!allowed)
      await this.#block({ type: 'text', text: '' }, 'text', 'As you wish. I leave it. ', WORD_MS);
  }

  #ask(tool: string, input: Record<string, unknown>, id: string): Promise<Record<string, unknown>> {
    const requestId = randomUUID();
    const rules = [{ toolName: tool, ruleContent: String(input.command ?? '') }];
    const suggestions = [
      { type: 'addRules', rules, behavior: 'allow', destination: 'localSettings' },
    ];
    return new Promise((resolve, reject) => {
      questions.set(requestId, resolve);
      this.#signal.addEventListener('abort', () => {
        say({ type: 'control_cancel_request', request_id: requestId });
        reject(this.#signal.reason);
      });
      const request = { subtype: 'can_use_tool', tool_name: tool, tool_use_id: id, input };
      const asked = {
        ...request,
        description: input.description,
        permission_suggestions: suggestions,
      };
      say({ type: 'control_request', request_id: requestId, request: asked });
    });
  }

  #startMessage(): void {
    this.#messageId = `msg_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    this.#index = 0;
    this.#event({
      type: 'message_start',
      message: { id: this.#messageId, role: 'assistant', content: [] },
    });
  }

  #stopMessage(): void {
    this.#event({ type: 'message_stop' });
  }

  async #block(
    block: Record<string, unknown>,
    of: 'text' | 'thinking' | 'input',
    text: string,
    ms: number,
  ) {
    const index = this.#index++;
    this.#event({ type: 'content_block_start', index, content_block: block });
    const field = of === 'input' ? 'partial_json' : of;
    const type = of === 'input' ? 'input_json_delta' : `${of}_delta`;
    for (const word of text.match(/\s*\S+\s*/gu) ?? []) {
      if (ms > 0) await sleep(ms, undefined, { signal: this.#signal });
      this.#event({ type: 'content_block_delta', index, delta: { type, [field]: word } });
      this.#words += 1;
    }
    const full = of === 'input' ? { ...block, input: JSON.parse(text) } : { ...block, [of]: text };
    const message = { id: this.#messageId, role: 'assistant', content: [full] };
    say({ type: 'assistant', message, parent_tool_use_id: null });
    this.#event({ type: 'content_block_stop', index });
  }

  #event(event: Record<string, unknown>): void {
    say({ type: 'stream_event', event, parent_tool_use_id: null });
  }

  #usage(): Record<string, unknown> {
    return {
      model_usage_since_last_result: {
        demo: { inputTokens: 0, outputTokens: this.#words, costUSD: 0 },
      },
    };
  }
}
