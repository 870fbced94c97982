/** What Greenroom is measured beside: websocketd, and programs on `ws` that do one thing each. */
import { accessSync, constants } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client } from './client.ts';
import { type Contender, FAKE_CLAUDE, type Server } from './contenders.ts';
import { LOOP_DELAY, Program } from './process.ts';

const MINIMAL = fileURLToPath(new URL('./minimal-server.ts', import.meta.url));
const WEBSOCKETD = '/usr/bin/websocketd';

/** Ways of `minimal-server.ts` by the names in the table: from the floor upwards. */
const MINIMAL_WAYS = {
  'pipe only': 'read',
  'minimal ws': 'coalesce',
  'line to frame': 'line',
  're-frame': 'reframe',
} as const;

/** It starts a program for each socket: where only sockets are counted, the smallest there is. */
export function websocketd(): Contender {
  return {
    name: 'websocketd',
    missing: isExecutable(WEBSOCKETD) ? null : 'not installed (Debian package websocketd)',
    isShortOnly: true,
    async start(purpose) {
      const port = await freePort();
      const program = new Program(WEBSOCKETD, [
        `--port=${port}`,
        '--address=127.0.0.1',
        '--loglevel=info',
        purpose === 'stream' ? FAKE_CLAUDE : '/bin/cat',
      ]);
      await program.says(/Starting WebSocket server/);
      return rawServer(program, port);
    },
  };
}

export function minimal(name: keyof typeof MINIMAL_WAYS): Contender {
  const way = MINIMAL_WAYS[name];
  return {
    name,
    missing: null,
    streamsOnly: way !== 'coalesce',
    async start() {
      const program = new Program(process.execPath, [LOOP_DELAY, MINIMAL, way, FAKE_CLAUDE]);
      const port = Number(await program.says(/listening on ws:\S+:(\d+)/));
      return rawServer(program, port, way === 'read');
    },
  };
}

/** A server whose sockets carry the program's own lines. */
function rawServer(program: Program, port: number, isSilent = false): Server {
  const open = () => Client.open(port, '/');
  return {
    program,
    openSocket: open,
    async openTab() {
      const client = await open();
      const endMark = '"type":"result"';
      return { client, prompt: (text) => client.send(text), endMark, isSilent };
    },
    stop: () => program.stop(),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** For a server that cannot pick a port and tell which. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
