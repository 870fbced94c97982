/**
 * Stands in for the hosted Stately inspector, at an origin of its own: a page that takes messages with the published
 * package’s own receiver, and shows what came. Which it shows to is the test’s to ask.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame } from '@playwright/test';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { build } from 'vite';

const ENTRY = 'virtual:inspector';
const CODE = `
  import { createBrowserReceiver } from '@statelyai/inspect';
  window.received = [];
  window.others = [];
  addEventListener('message', ({ data }) => window.others.push(data?.type));
  window.receive = () =>
    createBrowserReceiver().subscribe((message) => window.received.push(message));
  if (location.search !== '?late') window.receive();
`;

declare global {
  interface Window {
    /** What the receiver took. */
    received: StatelyInspectionEvent[];
    /** The types of all messages that reached the page, whatever they are. */
    others: unknown[];
    /** Begins to listen, and says so to who embeds it. */
    receive: () => void;
  }
}

/** One script, with all that the package needs. */
async function receiver(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? `\0${ENTRY}` : null),
        load: (id) => (id === `\0${ENTRY}` ? CODE : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: ENTRY, output: { format: 'iife' } },
    },
  });
  const [{ output }] = [built].flat() as unknown as [{ output: { type: string; code?: string }[] }];
  return output.find(({ type }) => type === 'chunk')?.code ?? '';
}

export class StatelyInspector {
  readonly origin: string;
  /** Where its page is. */
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  readonly #server: Server;

  static async start(): Promise<StatelyInspector> {
    const script = await receiver();
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const isScript = request.url === '/receiver.js';
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript
          ? script
          : '<!doctype html><link rel="icon" href="data:,"><title>Inspector</title><script src="/receiver.js"></script>',
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new StatelyInspector(server, asked);
  }

  private constructor(server: Server, asked: string[]) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.asked = asked;
    this.origin = `http://127.0.0.1:${port}`;
    this.url = `${this.origin}/inspect`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export const receivedIn = (frame: Frame) => frame.evaluate(() => window.received);
