/** What must hold of an edge for somebody who is signed in: above all, that an answer streams through it. */
import { WebSocket } from 'ws';
import type { AguiEvent } from '../../transport/protocol.ts';
import { type Check, type Finding, fail, ok } from '../findings.ts';
import { under } from './edge-checks.ts';
import { ask, type EdgeTarget, upgradeHeaders } from './edge-client.ts';

/** A process of Claude's may have to start first. */
const ANSWER_MS = 60_000;
/** A run's start, a message's start and end, some of its words, and the run's end. */
const FRAMES_MIN = 5;
const PROMPT = 'This is a smoke test. Answer with one short sentence, and use no tools.';

export const ANSWER_CHECKS: readonly Check<EdgeTarget>[] = [
  {
    name: 'sign-in',
    why: 'the checks below need one that is valid',
    run: async (target) => {
      const { status, body } = await ask(target, under(target, 'api/me'), signedIn(target));
      if (status !== 200)
        return fail(`GET ${under(target, 'api/me')}: ${status}`, 'make one: greenroom session');
      return ok(`as ${String((JSON.parse(body) as { user: unknown }).user)}`);
    },
  },
  {
    name: 'foreign pages',
    why: 'a page of somebody else’s must not open the chat with its visitor’s cookie',
    run: async (target) => {
      const found: string[] = [];
      for (const origin of ['https://foreign.invalid', 'null']) {
        const headers = { ...upgradeHeaders(origin), ...signedIn(target) };
        const { status } = await ask(target, under(target, 'ws'), headers);
        found.push(`from ${origin}: ${status}`);
        if (status !== 403) return fail(found.join(', '), 'see CHAT_ALLOWED_ORIGINS');
      }
      return ok(found.join(', '));
    },
  },
  {
    name: 'answer',
    why: 'this is what the chat is for; an edge that buffers or cuts streams shows here alone',
    run: streamedAnswer,
  },
];

interface Seen {
  threadId: string | null;
  frames: number;
  firstTokenMs: number | null;
  end: AguiEvent | null;
}

async function streamedAnswer(target: EdgeTarget): Promise<Finding> {
  const url = new URL('ws', target.url);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, 'agui.v1', {
    headers: { ...signedIn(target), Origin: target.url.origin },
    rejectUnauthorized: !target.insecure,
    handshakeTimeout: ANSWER_MS,
  });
  const seen: Seen = { threadId: null, frames: 0, firstTokenMs: null, end: null };
  const trouble = await converse(socket, seen);
  const left = await forget(target, seen.threadId);
  const took = seen.firstTokenMs === null ? '' : `, the first word after ${seen.firstTokenMs} ms`;
  const found = [`${seen.frames} frames${took}`, trouble, left].filter((words) => words !== null);
  const isWhole = trouble === null && left === null;
  if (isWhole && seen.frames >= FRAMES_MIN && seen.firstTokenMs !== null)
    return ok(found.join('; '));
  return fail(
    found.join('; '),
    'ask the server without its edge, read its log, run greenroom doctor',
  );
}

/** Sends one prompt and hears its answer. Null, or what went wrong. */
function converse(socket: WebSocket, seen: Seen): Promise<string | null> {
  const runId = crypto.randomUUID();
  let sentAt = 0;
  return new Promise((resolve) => {
    const finish = (trouble: string | null) => {
      clearTimeout(timer);
      resolve(trouble);
      socket.close(1000);
    };
    const timer = setTimeout(() => {
      finish(`not ended within ${ANSWER_MS} ms`);
      socket.terminate();
    }, ANSWER_MS);
    socket.on('error', (error) => finish(error.message));
    socket.on('close', (code) => finish(`closed with ${code}`)); // too late where it is done
    socket.on('open', () => socket.send('{"type":"hello","threadId":null,"after":null}'));
    socket.on('message', (data) => {
      const frame = frameIn(String(data));
      if (frame === null) return finish('what came is no frame of the chat');
      if (frame.type === 'welcome') {
        seen.threadId = String(frame.threadId);
        const messages = [{ id: `u-${runId}`, role: 'user', content: PROMPT }];
        sentAt = performance.now();
        socket.send(
          JSON.stringify({ threadId: seen.threadId, runId, messages, tools: [], context: [] }),
        );
      }
      if (frame.type === 'RUN_ERROR') finish(`refused: ${frame.code}`);
      const event: AguiEvent | undefined = frame.chunk;
      if (event === undefined) return;
      seen.frames += 1;
      if (event.type === 'TEXT_MESSAGE_CONTENT')
        seen.firstTokenMs ??= Math.round(performance.now() - sentAt);
      if (event.type === 'RUN_ERROR') finish(`ended in ${event.code}`);
      if (event.type === 'RUN_FINISHED' && event.runId === runId) finish(null);
    });
  });
}

/** Null: somebody else answers there. */
function frameIn(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null, or what is left. */
async function forget(target: EdgeTarget, threadId: string | null): Promise<string | null> {
  if (threadId === null) return null;
  const path = under(target, `api/conversations/${threadId}`);
  const headers = { ...signedIn(target), Origin: target.url.origin };
  const { status } = await ask(target, path, headers, 'DELETE');
  return status === 200 || status === 404
    ? null
    : `the conversation could not be deleted: ${status}`;
}

function signedIn({ cookie }: EdgeTarget): { Cookie: string } {
  return { Cookie: cookie ?? '' };
}
