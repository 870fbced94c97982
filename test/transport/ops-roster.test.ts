import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorRow, OpsServerFrame } from '../../src/transport/ops/protocol.ts';
import { Roster } from '../../src/transport/ops/roster.ts';

const row = (id: string, state = 'idle'): ActorRow => ({
  ...{ id, kind: 'session', state, user: 'alice', since: 0 },
});

/** The list as a client has it after these. */
function listed(frames: readonly OpsServerFrame[]): Map<string, string> {
  const list = new Map<string, string>();
  for (const frame of frames) {
    if (frame.type !== 'actors' && frame.type !== 'changed') continue;
    for (const { id, state } of frame.rows) list.set(id, state);
    for (const id of frame.type === 'changed' ? frame.gone : []) list.delete(id);
  }
  return list;
}

test('[OP2] 30,000 actors are told to who takes them slowly, each as it is by then', async () => {
  const rows = new Map(Array.from({ length: 30_000 }, (_, i) => [`s${i}`, row(`s${i}`)]));
  const roster = new Roster(() => [...rows.values()]);
  const frames: OpsServerFrame[] = [];
  let unsent = 0;
  let most = 0;
  const done = Promise.withResolvers<void>();
  const leave = roster.join(
    (frame) => {
      frames.push(frame);
      unsent += JSON.stringify(frame).length;
      most = Math.max(most, unsent);
      if (frame.type === 'actors' && frame.last) done.resolve();
    },
    () => unsent,
  );
  const whole = (frame: OpsServerFrame | undefined) => frame?.type === 'actors' && frame.last;
  assert.ok(frames.length > 1 && !whole(frames.at(-1)), 'the first come at once, the rest wait');
  rows.set('s29999', row('s29999', 'streaming'));
  rows.delete('s29998');
  rows.set('new', row('new'));
  roster.look();
  const reader = setInterval(() => {
    unsent = 0;
  }, 1);
  await done.promise;
  clearInterval(reader);
  leave();
  assert.ok(most < 512 * 1024, `${most} bytes were unsent`);
  const list = listed(frames);
  assert.equal(list.size, 30_000);
  assert.deepEqual(
    [list.get('s29999'), list.get('s29998'), list.get('new')],
    ['streaming', undefined, 'idle'],
  );
});

test('[OP2] who leaves before all was told is told nothing more, and nobody is looked for', async () => {
  let looks = 0;
  const roster = new Roster(() => {
    looks += 1;
    return Array.from({ length: 5_000 }, (_, i) => row(`s${i}`));
  });
  let frames = 0;
  const leave = roster.join(
    () => {
      frames += 1;
    },
    () => (frames > 0 ? 1e9 : 0),
  );
  leave();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.deepEqual([frames, looks], [1, 1]);
});
