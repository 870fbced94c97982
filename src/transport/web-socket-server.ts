/** How WebSockets are spoken: what a client offers, and what its messages may be. */
import { WebSocketServer } from 'ws';

const FRAGMENTS_MAX = 64;

/** @param maxFrameBytes Longer messages close the socket with 1009. */
export function createWebSocketServer(maxFrameBytes: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('agui.v1') ? 'agui.v1' : false),
    ...{ maxFragments: FRAGMENTS_MAX }, // known to ws 8.21 and later, not yet to its types
  });
}
