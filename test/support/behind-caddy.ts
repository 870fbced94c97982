/** A server in this process behind the real Caddy, both on free ports. */
import { EDGE_SECRET, type Edge, freePort, startCaddy } from './caddy.ts';
import { startServer, type TestServer } from './server.ts';

export interface BehindCaddy {
  readonly server: TestServer;
  readonly edge: Edge;
  stop(): Promise<void>;
}

export async function startBehindCaddy(env: Record<string, string> = {}): Promise<BehindCaddy> {
  const port = await freePort();
  const server = await startServer({
    CHAT_PUBLIC_URL: `http://127.0.0.1:${port}`,
    FORWARD_AUTH_SECRET: EDGE_SECRET,
    CHAT_TRUSTED_PROXIES: '127.0.0.1',
    ...env,
  });
  const edge = await startCaddy(port, `127.0.0.1:${server.port}`);
  return {
    server,
    edge,
    async stop() {
      await edge.stop();
      await server.stop();
    },
  };
}
