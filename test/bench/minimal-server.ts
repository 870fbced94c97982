/**
 * What a WebSocket costs on Node when nothing else is done: `ws`, a process a socket, and its output passed on
 * as it comes, cut at line ends. No sign-in, no journal, no resume, no limits.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const UNSENT_BYTES_MAX = 1024 * 1024;
const NEWLINE = 0x0a;
const [program = ''] = process.argv.slice(2);

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
    let tail: Buffer[] = [];
    stdin.on('error', () => {});
    stdout.on('data', (chunk: Buffer) => {
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end === 0) return void tail.push(chunk);
      const lines = Buffer.concat([...tail, chunk.subarray(0, end)]);
      tail = end < chunk.length ? [chunk.subarray(end)] : [];
      socket.send(lines, { binary: false }, () => {
        if (stdout.isPaused() && socket.bufferedAmount < UNSENT_BYTES_MAX) stdout.resume();
      });
      if (socket.bufferedAmount >= UNSENT_BYTES_MAX) stdout.pause();
    });
    return started;
  }
});

server.on('listening', () => {
  process.stdout.write(`listening on ws://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
});
