import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Elsewhere } from '../../../src/machines/cluster/elsewhere.ts';
import { Hearing } from '../../../src/machines/cluster/hearing.ts';
import { ClusterParking } from '../../../src/machines/cluster/parking.ts';
import { Publisher, type PublisherParts } from '../../../src/machines/cluster/publisher.ts';
import type { Parking } from '../../../src/machines/parking.ts';
import type { Cluster, LiveState } from '../../../src/store/cluster.ts';
import type { ConversationFact } from '../../../src/store/conversation-fact.ts';
import type { Refused } from '../../../src/store/limits.ts';
import type { RunRecord } from '../../../src/store/store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { command, KEY, settle } from './staged-nodes.ts';

const RUNS: Refused = { limit: 'runs', max: 1, remaining: 0, retryAfterMs: null, resetAt: null };
const live = (activity: LiveState['activity']): LiveState => ({
  ...{ activity, liveRunId: null, heardAt: null, pending: [] },
});

/** Answers when the test says so. */
function heldLooks() {
  const looks: ((state: LiveState | null) => void)[] = [];
  const liveOf = () =>
    new Promise<Map<typeof KEY, LiveState>>((resolve) =>
      looks.push((state) => resolve(new Map(state ? [[KEY, state]] : []))),
    );
  return { looks, elsewhere: new Elsewhere({ liveOf }) };
}

test('[R19] an answer that a later look has overtaken says nothing any more', async () => {
  const { looks, elsewhere } = heldLooks();
  const both = [elsewhere.look([KEY]), elsewhere.look([KEY])];
  looks[1]?.(live('asking'));
  await settle();
  looks[0]?.(live('running'));
  await Promise.all(both);
  assert.equal(elsewhere.find(KEY)?.activity, 'asking');
});

test('[R19] what another server said is over once the conversation is this one’s', async () => {
  const { looks, elsewhere } = heldLooks();
  const seen = elsewhere.look([KEY]);
  looks[0]?.(live('running'));
  await seen;
  const overtaken = elsewhere.look([KEY]);
  elsewhere.forget(KEY);
  looks[1]?.(live('running'));
  await overtaken;
  assert.equal(elsewhere.find(KEY), undefined);
});

function publisher(setLive: (said: unknown) => Promise<void>) {
  const told: string[] = [];
  const errors: unknown[] = [];
  const conversation = {
    ...{ activity: 'running', heardAt: null, pending: [], journal: { lease: {} } },
  };
  const parts = {
    cluster: {
      setLive: (_: unknown, state: unknown) => setLive(state),
      tell: (_: unknown, { type }: ConversationFact) => told.push(type),
    },
    supervisor: { find: () => conversation },
    onError: (error: unknown) => errors.push(error),
  } as unknown as PublisherParts;
  return { told, errors, conversation, publisher: new Publisher(parts) };
}

test('[R19] whatever changes just as a state has been kept is told as well', async () => {
  for (let steps = 0; steps < 12; steps += 1) {
    const at = publisher(async () => {});
    at.publisher.tell(KEY, { type: 'activityChanged' });
    for (let i = 0; i < steps; i += 1) await null;
    at.publisher.tell(KEY, { type: 'pendingChanged' });
    await settle();
    assert.deepEqual(at.told, ['activityChanged', 'pendingChanged'], `after ${steps} steps`);
  }
});

test('[R21] a state that could not be kept is kept when the database is back, as it stands by then', async () => {
  const kept: unknown[] = [];
  let isDown = true;
  const at = publisher(async (state) => {
    if (isDown) throw new Error('down');
    kept.push(state);
  });
  at.publisher.tell(KEY, { type: 'activityChanged' });
  await settle();
  assert.equal(at.errors.length, 1);
  isDown = false;
  at.conversation.activity = 'asking';
  at.publisher.again();
  await settle();
  assert.deepEqual(kept, [{ activity: 'asking', heardAt: null, pending: [] }]);
  at.publisher.again();
  await settle();
  assert.equal(kept.length, 1);
});

/** Another server's prompt `r` is parked in the store. */
async function parkedElsewhere(send: Cluster['send'] = async () => null) {
  const store = memoryStore();
  await store.park(KEY, command('r'));
  const heard: string[] = [];
  const cluster = {
    node: 'a',
    parkedIn: async () => {
      const run = await store.run('ada', 'r');
      return run?.parked ? run : null;
    },
    send,
  } as unknown as Cluster;
  const own = { get: () => undefined, in: () => undefined } as unknown as Parking;
  const tell = (_: unknown, fact: ConversationFact) => void heard.push(fact.type);
  const withNode = async (user: string, runId: string): Promise<RunRecord | null> => {
    const run = await store.run(user, runId);
    return run && { ...run, node: 'b' };
  };
  const parked = new ClusterParking({
    ...{ parking: own, cluster, replyMs: 1, tell },
    store: { run: withNode, withdraw: (key, runId) => store.withdraw(key, runId) },
  });
  const hearing = new Hearing({
    ...{ parked, conversations: { look: async () => {} }, isWatched: () => true, hear: tell },
    onError: (error) => assert.fail(String(error)),
  });
  return { store, parked, hearing, heard };
}

test('[R29] [R19] that a prompt is not parked any more is heard after that it was', async () => {
  const { parked, hearing, heard } = await parkedElsewhere();
  hearing.heard(KEY, { type: 'promptParked', runId: 'r', refusal: RUNS });
  hearing.heard(KEY, { type: 'promptUnparked', runId: 'r' });
  await settle();
  assert.deepEqual(heard, ['promptParked', 'promptUnparked']);
  assert.equal(parked.in(KEY), undefined);
});

test('[R29] [R21] a parked prompt whose end was missed does not stand in the way', async () => {
  const { store, parked, hearing } = await parkedElsewhere();
  await parked.parked(KEY, 'r', RUNS);
  await store.withdraw(KEY, 'r');
  hearing.missed([]);
  await settle();
  assert.equal(parked.in(KEY), undefined);
});

test('[R29] [R19] a parked prompt that its server does not know can be taken back, and all hear of it', async () => {
  const { store, parked, heard } = await parkedElsewhere(async () => ({ done: false }));
  await parked.look(KEY);
  assert.equal(await parked.takeBack('ada', 'r'), true);
  assert.equal(await store.run('ada', 'r'), null);
  assert.equal(parked.in(KEY), undefined);
  assert.deepEqual(heard, ['promptUnparked', 'pendingChanged']);
});
