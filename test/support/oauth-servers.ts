/** What stand-ins of a forge on loopback have in common. */
import { once } from 'node:events';
import type { Server } from 'node:http';

/**
 * Goes where a browser is sent, through an edge that takes the path away; where it is sent back to.
 * @param path Of the forge as browsers know it; ends in a slash.
 */
export async function visitBehindEdge(authorizeUrl: URL, path: string): Promise<URL> {
  const inside = new URL(authorizeUrl);
  inside.hostname = '127.0.0.1';
  inside.pathname = inside.pathname.slice(path.length - 1);
  const response = await fetch(inside, { redirect: 'manual' });
  await response.body?.cancel();
  return new URL(response.headers.get('location') ?? '');
}

/** Once more does nothing. */
export async function stopServer(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
