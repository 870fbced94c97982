import { fromCallback } from 'xstate';
import type { ClientFrame, ServerFrame } from '../transport/protocol.ts';

/** Facts the connection machine decides on. Tokens are not among them: those go to `receive` directly. */
export type SocketFact =
  | { type: 'socket.opened' }
  | { type: 'socket.closed'; code: number }
  | { type: 'socket.alive' }
  | { type: 'server.welcomed'; user: string }
  | { type: 'server.caughtUp' }
  | { type: 'server.replied'; ref: string; fault: string | null }
  | { type: 'server.accepted'; runIds: string[] }
  | { type: 'server.draining'; reconnectAfterMs: number };

export type SocketCommand = { type: 'send'; frame: ClientFrame };

export interface SocketInput {
  url: string;
  /** Takes every frame of the conversation last asked for, in order. Must not throw. */
  receive: (frame: ServerFrame) => void;
}

/** Frames come in thousands a second; one sign of life this often is enough for limits of some seconds. */
const ALIVE_EVERY_MS = 2_000;

/**
 * One WebSocket, from connecting to closed. Ends only by being stopped, after at most one `socket.closed`.
 * Between a `hello` and its `welcome` frames of the conversation watched before may still be on their way;
 * they are dropped here, so that the store never mixes two conversations.
 */
export const socket = fromCallback<SocketCommand, SocketInput>(({ input, sendBack, receive }) => {
  const ws = new WebSocket(input.url, 'agui.v1');
  let hellosUnanswered = 0;
  let aliveAt = 0;

  const say = (fact: SocketFact) => sendBack(fact);
  const write = (frame: ClientFrame) => {
    if (ws.readyState !== WebSocket.OPEN) return;
    if ('type' in frame && frame.type === 'hello') hellosUnanswered += 1;
    ws.send(JSON.stringify(frame));
  };

  ws.onopen = () => say({ type: 'socket.opened' });
  ws.onclose = ({ code }) => say({ type: 'socket.closed', code });
  ws.onmessage = ({ data }) => {
    const frame = parseFrame(data);
    const at = performance.now();
    if (aliveAt === 0 || at - aliveAt >= ALIVE_EVERY_MS) {
      aliveAt = at;
      say({ type: 'socket.alive' });
    }
    if (!frame) return;
    if ('type' in frame && frame.type === 'ping') return write({ type: 'pong' });
    if (answersHello(frame)) hellosUnanswered -= 1;
    if (hellosUnanswered > 0 && isOfConversation(frame)) return;
    // The fact first: of another user's frames none may be shown, and the fact ends this socket then.
    const fact = toFact(frame);
    if (fact) say(fact);
    if (ws.onmessage !== null) input.receive(frame);
  };
  receive(({ frame }) => write(frame));

  return () => {
    ws.onopen = ws.onclose = ws.onmessage = null;
    ws.close();
  };
});

/** One text frame as an object, or null for anything that is none. Never throws. */
export function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as ServerFrame)
      : null;
  } catch {
    return null;
  }
}

/** Replies and faults are about this socket. */
function isOfConversation(frame: ServerFrame): boolean {
  return !('type' in frame && (frame.type === 'reply' || frame.type === 'fault'));
}

function answersHello(frame: ServerFrame): boolean {
  if ('chunk' in frame) return false;
  if (frame.type === 'reply') return frame.ref === 'hello' && frame.fault !== null;
  return frame.type === 'welcome';
}

/** What a frame means to the connection; null for the many that mean nothing to it. */
export function toFact(frame: ServerFrame): SocketFact | null {
  if ('chunk' in frame) {
    return frame.chunk.type === 'RUN_STARTED'
      ? { type: 'server.accepted', runIds: [frame.chunk.runId] }
      : null;
  }
  switch (frame.type) {
    case 'welcome':
      return { type: 'server.welcomed', user: frame.user };
    case 'caughtUp':
      return { type: 'server.caughtUp' };
    case 'reply':
      return { type: 'server.replied', ref: frame.ref, fault: frame.fault };
    case 'pending':
      return { type: 'server.accepted', runIds: frame.items.map(({ runId }) => runId) };
    case 'draining':
      return { type: 'server.draining', reconnectAfterMs: frame.reconnectAfterMs };
    default:
      return null;
  }
}
