import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpsServerFrame } from '../../../src/transport/ops/protocol.ts';
import { OpsClient } from '../../../src/ui/ops/client.ts';
import type { LineParts, Socket } from '../../../src/ui/ops/line.ts';

interface Spoken extends Socket {
  sent: { type: string; ref?: string; actor?: string | null }[];
}

function connect({ probe = 0 } = {}) {
  const sockets: Spoken[] = [];
  const waits: { act: () => void; ms: number }[] = [];
  let time = 0;
  const parts: Omit<LineParts, 'receive' | 'changed'> = {
    open: () => {
      const socket: Spoken = {
        onopen: null,
        onclose: null,
        onmessage: null,
        sent: [],
        send: (text) => void socket.sent.push(JSON.parse(text)),
        close: () => {},
      };
      sockets.push(socket);
      return socket;
    },
    probe: async () => probe,
    random: () => 1,
    now: () => time,
    later: (act, ms) => {
      waits.push({ act, ms });
      return () => {};
    },
  };
  const never = () => new Promise<never>(() => {});
  const client = new OpsClient(parts, { charts: never, capsules: never, steps: never });
  client.start();
  const last = () => sockets.at(-1)!;
  return {
    client,
    sockets,
    waits,
    last,
    pass: (ms: number) => {
      time += ms;
    },
    say: (frame: OpsServerFrame) => last().onmessage?.({ data: JSON.stringify(frame) }),
    close: async (code: number) => {
      last().onclose?.({ code });
      await new Promise((resolve) => setImmediate(resolve));
    },
    state: () => client.state().line.is,
  };
}

test('a ping is answered, and what is no frame is left alone', () => {
  const { last, say } = connect();
  last().onopen?.();
  last().onmessage?.({ data: 'no frame' });
  say({ type: 'ping' });
  assert.deepEqual(last().sent, [{ type: 'pong' }]);
});

test('a line that breaks is tried again after longer and longer waits', async () => {
  const { last, close, waits, sockets, state, pass } = connect();
  last().onopen?.();
  await close(1006);
  assert.equal(state(), 'waiting');
  waits[0]!.act();
  assert.equal(sockets.length, 2);
  await close(1006);
  assert.ok(waits[1]!.ms > waits[0]!.ms);
  waits[1]!.act();
  last().onopen?.();
  pass(10_000);
  await close(1012);
  assert.equal(waits[2]!.ms, waits[0]!.ms);
});

test('who is signed out, or is no operator, is told and asked for nothing more', async () => {
  for (const [code, is] of [
    [4401, 'signedOut'],
    [4403, 'refused'],
  ] as const) {
    const { last, close, waits, state } = connect();
    last().onopen?.();
    await close(code);
    assert.equal(state(), is);
    assert.deepEqual(waits, []);
  }
});

test('a socket that was never let in is explained by an answer that says why', async () => {
  const refused = connect({ probe: 403 });
  await refused.close(1006);
  assert.equal(refused.state(), 'refused');
  const signedOut = connect({ probe: 401 });
  await signedOut.close(1006);
  assert.equal(signedOut.state(), 'signedOut');
  const down = connect({ probe: 0 });
  await down.close(1006);
  assert.equal(down.state(), 'waiting');
});

test('who is followed is followed again over the next line', async () => {
  const { client, last, close, waits } = connect();
  client.follow('c1');
  last().onopen?.();
  assert.deepEqual(
    last().sent.map(({ type, actor }) => [type, actor]),
    [['follow', 'c1']],
  );
  await close(1006);
  waits[0]!.act();
  last().onopen?.();
  assert.deepEqual(
    last().sent.map(({ type, actor }) => [type, actor]),
    [['follow', 'c1']],
  );
  assert.equal(client.state().unanswered, 1);
});

test('an act is answered by its own reply, or by nobody once the line is down', async () => {
  const { client, last, say, close } = connect();
  assert.equal(await client.act({ act: 'drain' }), null);
  last().onopen?.();
  const first = client.act({ act: 'interrupt', actor: 'c1' });
  const second = client.act({ act: 'capsule', actor: 'c1' });
  const [one, two] = last().sent.map(({ ref }) => ref ?? '');
  say({ type: 'reply', ref: two!, fault: null, name: 'kept' });
  say({ type: 'reply', ref: one!, fault: 'run.unknown' });
  assert.equal((await first)?.fault, 'run.unknown');
  assert.equal((await second)?.name, 'kept');
  const third = client.act({ act: 'drain' });
  await close(1006);
  assert.equal(await third, null);
});
