/** The whole of a deployment on one machine: the rendered edge with TLS, a server, and the one that waits for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askControl } from '../../src/transport/control.ts';
import { EDGE_SECRET, freePort } from './caddy.ts';
import { RenderedEdge } from './rendered-edge.ts';
import { ServedProcess } from './served-process.ts';
import { Successor } from './successor.ts';

/** More than it ever takes Caddy to look at two instances. */
const ASKED_MAX = 1_000;

export class Deployment {
  readonly edge: RenderedEdge;
  readonly first: ServedProcess;
  /** Where the first one listens: by its own account that is the edge. */
  readonly port: number;
  readonly next: Successor;
  readonly #dataDir: string;

  private constructor(
    edge: RenderedEdge,
    first: ServedProcess,
    port: number,
    next: Successor,
    dataDir: string,
  ) {
    this.edge = edge;
    this.first = first;
    this.port = port;
    this.next = next;
    this.#dataDir = dataDir;
  }

  /** @param settingsFor Of both servers, by where browsers reach them. */
  static async start(
    settingsFor: (origin: string) => Promise<Record<string, string>> = async () => ({}),
  ): Promise<Deployment> {
    const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-deployed-'));
    const edge = await RenderedEdge.render([]);
    const env = {
      CHAT_PUBLIC_URL: edge.origin,
      FORWARD_AUTH_SECRET: EDGE_SECRET,
      CHAT_TRUSTED_PROXIES: '127.0.0.1',
      CHAT_DRAIN_LEAD_MS: '0',
      ...(await settingsFor(edge.origin)),
    };
    const port = await freePort();
    const first = await ServedProcess.start(dataDir, { ...env, CHAT_PORT: String(port) });
    const next = await Successor.start(dataDir, env);
    edge.rewrite([port, next.port]);
    await edge.start();
    const deployment = new Deployment(edge, first, port, next, dataDir);
    await deployment.#settled();
    return deployment;
  }

  /** What a browser's cookie is to hold. */
  async session(user: string, ttlMs = 3_600_000): Promise<{ name: string; value: string }> {
    const { value } = await askControl(this.#dataDir, 'session', { user, ttlMs });
    return { name: '__Host-greenroom', value: String(value) };
  }

  async cookieFor(user: string, ttlMs?: number): Promise<string> {
    const { name, value } = await this.session(user, ttlMs);
    return `${name}=${value}`;
  }

  async stop(): Promise<void> {
    await this.edge.stop();
    ServedProcess.endAll();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Caddy takes an instance for ready until it has looked at it, some milliseconds after its start. */
  async #settled(): Promise<void> {
    const headers = { Cookie: await this.cookieFor('alice') };
    const paths = ['/chat/login?signedOut', '/chat/api/me'];
    for (let good = 0, asked = 0; good < 10; good++) {
      if (asked++ > ASKED_MAX) throw new Error('the edge finds no server');
      const { status } = await fetch(this.edge.origin + paths[good % 2], { headers });
      if (status !== 200) good = -1;
    }
  }
}
