/** What serves a WebSocket that was let in: by its subprotocol, and by what its address asks for. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Connection } from './connection.ts';
import type { FrameBudget } from './frame-budget.ts';
import { ChatStream } from './legacy/chat-stream.ts';
import type { ChatPlace } from './legacy/place.ts';
import { OpsConnection, type OpsDesk } from './ops/connection.ts';
import { isForOperators } from './ops/place.ts';
import type { Peer } from './peer.ts';
import type { Readiness } from './readiness.ts';
import type { SessionParts } from './session.ts';
import { SharedConnection } from './shared-connection.ts';
import type { SharedViewerParts } from './shared-viewer.ts';
import { CHAT_STREAM } from './web-socket-server.ts';

export interface OpenPeerParts extends SessionParts {
  readonly socket: WebSocket;
  /** What the WebSocket writes to. */
  readonly wire: Duplex;
  readonly frames: FrameBudget;
}

export interface OpenPeerPlace extends ChatPlace {
  /** What operators look into. */
  readonly desk: () => OpsDesk;
  readonly readiness: Readiness;
}

/** @param url Of the upgrade request. */
export function openPeer(
  parts: OpenPeerParts,
  url: string | undefined,
  at: OpenPeerPlace & SharedViewerParts,
): Peer {
  if (isForOperators(url, at.basePath)) return new OpsConnection({ ...parts, desk: at.desk() });
  const query = new URLSearchParams(url?.split('?')[1]);
  if (parts.socket.protocol === CHAT_STREAM)
    return new ChatStream({ ...parts, conversationId: query.get('conversation_id'), at });
  const draining = at.readiness.frame;
  if (query.has('shared')) return new SharedConnection({ ...parts, draining, at });
  const connection = new Connection({ ...parts, draining });
  const [runId, offset] = [query.get('runId'), query.get('offset')];
  if (runId !== null && offset !== null) connection.resume(runId, offset);
  return connection;
}
