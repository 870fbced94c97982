import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { expect, type Page, type WebSocketRoute } from '@playwright/test';
import type { AguiEvent, Message, ServerFrame } from '../../../src/transport/protocol.ts';
import { welcomeFrame } from '../../support/welcome.ts';

/** What the real server sends with the page; tests that pass here pass under the shipped policy. */
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types dompurify greenroom-worker";

export const ORIGIN = 'http://localhost:5999';
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

type Said = Record<string, unknown> & {
  type?: string;
  ref?: string;
  runId?: string;
  messages?: Message[];
};

/** A server made of a test's own lines: it serves the built page, and says on its sockets what it is told. */
export class ScriptedServer {
  /** What the page sent on all its sockets, in order. */
  readonly said: Said[] = [];
  /** Sockets opened so far; the last one is the one spoken on. */
  readonly sockets: WebSocketRoute[] = [];
  /** Frames sent after each `hello`, unless a test says otherwise. */
  onHello: (server: ScriptedServer, hello: Said) => void = (server) => server.greet();
  /** What `GET auth/verify` answers: a status, and with 200 who is signed in. */
  verifyStatus = 200;
  user = 'local';
  /** Whether a page that asks for a sign of life hears none. */
  isDeaf = false;
  /** What any other answer of it says. */
  verifyFault: string | null = null;
  #nextId = 1;

  static async start(page: Page): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await page.route(`${ORIGIN}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path === '/chat/auth/verify') return route.fulfill(server.#verdict());
      if (path === '/chat/login')
        return route.fulfill({ contentType: 'text/html', body: '<title>Sign in</title>' });
      if (path.endsWith('/branches')) return route.fulfill({ json: { branches: [] } });
      if (path.startsWith('/chat/api/conversations'))
        return route.fulfill({ json: { conversations: [], before: null } });
      const file = path === '/chat/' ? 'index.html' : path.replace(/^\/chat\//, '');
      const body = await readFile(join('dist/ui', file)).catch(() => null);
      if (body === null) return route.fulfill({ status: 404 });
      await route.fulfill({
        body,
        contentType: TYPES[extname(file)] ?? 'application/octet-stream',
        headers: { 'Content-Security-Policy': CSP },
      });
    });
    await page.routeWebSocket(`${ORIGIN.replace('http', 'ws')}/chat/ws`, (ws) => {
      server.sockets.push(ws);
      ws.onMessage((text) => {
        const said = JSON.parse(String(text)) as Said;
        server.said.push(said);
        if (said.type === 'hello') server.onHello(server, said);
        const { ref } = said;
        if (said.type === 'pong' && ref && !server.isDeaf)
          server.send({ type: 'reply', ref, fault: null });
      });
    });
    return server;
  }

  #verdict() {
    const { verifyStatus: status, user, verifyFault: fault } = this;
    return { status, json: status === 200 ? { user } : { fault } };
  }

  send(...frames: ServerFrame[]): void {
    for (const frame of frames) this.sockets.at(-1)?.send(JSON.stringify(frame));
  }

  /** Kept frames, each with the next id. */
  keep(...events: AguiEvent[]): void {
    for (const chunk of events) this.send({ id: `k${this.#nextId++}`, chunk });
  }

  welcome(change: Partial<Extract<ServerFrame, { type: 'welcome' }>> = {}): void {
    this.send(welcomeFrame({ user: this.user, ...change }));
  }

  greet(messages: Message[] = []): void {
    this.welcome();
    this.send({ type: 'reset', head: null, messages, before: null });
    this.send({ type: 'pending', items: [] }, { type: 'state', state: 'idle', runId: null });
    this.send({ type: 'caughtUp', head: null });
  }

  /** The next prompt or answer the page sends from now on, with its run id. */
  async prompt(after = 0): Promise<Said & { runId: string }> {
    const prompts = () => this.said.filter((said) => 'messages' in said).slice(after);
    await expect.poll(() => prompts().length).toBeGreaterThan(0);
    return prompts()[0] as Said & { runId: string };
  }

  /** Accepts a prompt, as the server does: a reply, then the run's start with the user's message in it. */
  accept(prompt: Said & { runId: string }): void {
    this.send({ type: 'reply', ref: prompt.runId, fault: null });
    this.keep(started(prompt.runId, prompt.messages ?? []));
  }
}

export function started(runId: string, messages: Message[], parentRunId?: string): AguiEvent {
  return {
    type: 'RUN_STARTED',
    threadId: 'thread-1',
    runId,
    ...(parentRunId === undefined ? {} : { parentRunId }),
    input: { threadId: 'thread-1', runId, messages, tools: [], context: [] },
  };
}

export function finished(runId: string): AguiEvent {
  return { type: 'RUN_FINISHED', threadId: 'thread-1', runId, outcome: { type: 'success' } };
}

export function failed(code: string, message: string): AguiEvent {
  return { type: 'RUN_ERROR', code, message };
}

/** A whole text message as events. */
export function text(messageId: string, ...deltas: string[]): AguiEvent[] {
  return [
    { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
    ...deltas.map((delta): AguiEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta })),
    { type: 'TEXT_MESSAGE_END', messageId },
  ];
}

/** A tool call as events; without a result while it still runs. */
export function tool(
  toolCallId: string,
  toolCallName: string,
  input: unknown,
  content: string | null,
): AguiEvent[] {
  const result: AguiEvent[] =
    content === null
      ? []
      : [{ type: 'TOOL_CALL_RESULT', messageId: `r:${toolCallId}`, toolCallId, content }];
  return [
    { type: 'TOOL_CALL_START', toolCallId, toolCallName },
    { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input) },
    { type: 'TOOL_CALL_END', toolCallId },
    ...result,
  ];
}
