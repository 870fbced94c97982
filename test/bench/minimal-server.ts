/**
 * What a WebSocket costs on Node when one thing is done with a program's output: `ws`, a process a socket. No sign-in,
 * no journal, no resume, no limits. The first argument says what is done with what a read brought, the second names
 * the program:
 *
 * - `read`: nothing; a turn's end alone is told. The floor: no server that reads this pipe costs less.
 * - `coalesce`: its lines are one frame, and a socket that falls behind stops the reading. The practical limit.
 * - `line`: each line is a frame.
 * - `reframe`: each line is parsed and put into an envelope with a number; the envelopes are one frame.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const UNSENT_BYTES_MAX = 1024 * 1024;
const NEWLINE = 0x0a;
/** A turn's last line ends with this, and no other line of the fake claude does. */
const TURN_END = '}}\n';
const TURN_ENDED = '{"type":"result"}';
const [way = '', program = ''] = process.argv.slice(2);

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: false,
  clientTracking: false,
});

server.on('connection', (socket) => {
  let child: ChildProcess | null = null;
  socket.on('message', (data) => {
    child ??= start();
    child.stdin?.write(`${String(data)}\n`);
  });
  socket.on('close', () => child?.kill());
  socket.on('error', () => {});

  function start(): ChildProcess {
    const started = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] });
    const { stdin, stdout } = started;
    stdin.on('error', () => {});
    if (way === 'read') stdout.on('data', tellEnds(socket));
    else passOn(stdout, socket);
    return started;
  }
});

function tellEnds(socket: WebSocket): (chunk: Buffer) => void {
  let last = '';
  return (chunk) => {
    last = (last + chunk.toString('latin1', Math.max(0, chunk.length - 3))).slice(-3);
    if (last === TURN_END) socket.send(TURN_ENDED);
  };
}

function passOn(stdout: NonNullable<ChildProcess['stdout']>, socket: WebSocket): void {
  let tail: Buffer[] = [];
  let id = 0;
  const sent = () => {
    if (stdout.isPaused() && socket.bufferedAmount < UNSENT_BYTES_MAX) stdout.resume();
  };
  const send = (data: Buffer | string) => socket.send(data, { binary: false }, sent);
  const linesOf = (bytes: Buffer) => bytes.toString().trimEnd().split('\n');
  const envelope = (line: string) => {
    id += 1;
    return JSON.stringify({ id, chunk: JSON.parse(line) });
  };
  stdout.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) return void tail.push(chunk);
    const bytes = Buffer.concat([...tail, chunk.subarray(0, end)]);
    tail = end < chunk.length ? [chunk.subarray(end)] : [];
    if (way === 'coalesce') send(bytes);
    else if (way === 'reframe') send(linesOf(bytes).map(envelope).join('\n'));
    else for (const line of linesOf(bytes)) send(line);
    if (socket.bufferedAmount >= UNSENT_BYTES_MAX) stdout.pause();
  });
}

server.on('listening', () => {
  process.stdout.write(`listening on ws://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
});
