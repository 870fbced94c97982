/** How WebSockets are spoken: what a client offers, and what its messages may be. */
import { WebSocketServer } from 'ws';

const FRAGMENTS_MAX = 64;

/** What clients of the replaced server offer: CS in PROTOCOL.md. */
export const CHAT_STREAM = 'chat-stream-v1';

/** Best first. A client that offers none of them speaks the first. */
const PROTOCOLS = ['agui.v1', CHAT_STREAM];

/** @param maxFrameBytes Longer messages close the socket with 1009. */
export function createWebSocketServer(maxFrameBytes: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
    ...{ maxFragments: FRAGMENTS_MAX }, // known to ws 8.21 and later, not yet to its types
  });
}
