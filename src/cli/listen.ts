/** Where the server listens, and where browsers find it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config.ts';

/**
 * @param standby Listens there already: its port goes over without a moment in which nobody listens.
 * @throws {Error} Where the port is taken, naming the remedy.
 */
export async function listen(
  server: Server,
  { host, port, publicUrl }: Pick<Config, 'host' | 'port' | 'publicUrl'>,
  standby: Server | null,
): Promise<{ port: number; base: string }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(`CHAT_PORT: port ${port} on ${host} is taken; choose another, or 0 for any`)
          : error,
      );
    });
    if (standby) server.listen(standby, resolve);
    else server.listen(port, host, resolve);
  });
  const real = (server.address() as AddressInfo).port;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { port: real, base: publicUrl?.origin ?? new URL(`http://${shown}:${real}`).origin };
}
