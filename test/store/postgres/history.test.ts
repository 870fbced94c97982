/** What several servers do at once with the conversations they share. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Days } from '../../../src/store/days.ts';
import type { PageBounds, SweepRules, Swept } from '../../../src/store/history.ts';
import { open } from '../../../src/store/postgres/conversations.ts';
import type { Database, Sql } from '../../../src/store/postgres/database.ts';
import { PostgresHistory } from '../../../src/store/postgres/history.ts';
import { NoticeBoard } from '../../../src/store/postgres/notices.ts';
import { insertResult } from '../../../src/store/postgres/results.ts';
import { type ConversationKey, userOf } from '../../../src/store/store.ts';
import { pools, untilWaiting } from '../../support/postgres-database.ts';

const ALL: PageBounds = { messagesMax: 1_000, bytesMax: 10_000_000, atLeastOne: true };
const FAR = 8_640_000_000_000;
const KEEP: SweepRules = { endedBefore: 0, deletedBefore: 0, unusedSince: null };
const ROWS_OF_TURN = 5;

interface Server {
  readonly db: Database;
  readonly history: PostgresHistory;
  readonly told: string[];
}

async function servers(count: number): Promise<[Server, ...Server[]]> {
  const serverOf = (db: Database): Server => {
    const told: string[] = [];
    const board = new NoticeBoard(([kind, about]) => void told.push(`${kind} ${about}`));
    const days = new Days('UTC');
    return { db, told, history: new PostgresHistory({ db, board, days, now: Date.now }) };
  };
  const [first, ...rest] = await pools(count);
  return [serverOf(first), ...rest.map(serverOf)];
}

const turn = (db: Database, key: ConversationKey, n: number, answer?: string) =>
  db.transaction((sql) => endTurn(sql, key, n, answer));

/** A turn in the journal as its owner leaves it: the prompt, and `answer` in two pieces. */
async function endTurn(sql: Sql, key: ConversationKey, n: number, answer = `say ${n}`) {
  const runId = `${key.replace('/', '-')}-${n}`;
  const before = (n - 1) * ROWS_OF_TURN;
  const half = Math.ceil(answer.length / 2);
  const messages = [{ id: `u:${runId}`, role: 'user', content: `ask ${n}` }];
  const events = [
    { type: 'RUN_STARTED', runId, input: { messages } },
    { type: 'TEXT_MESSAGE_START', messageId: `m-${runId}`, role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: `m-${runId}`, delta: answer.slice(0, half) },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: `m-${runId}`, delta: answer.slice(half) },
    { type: 'RUN_FINISHED', runId, outcome: { type: 'success' } },
  ];
  const { id } = await open(sql, key, 1);
  for (const [i, event] of events.entries())
    await sql.run(
      'INSERT INTO journal (conversation, seq, term, run_id, chunk) VALUES ($1, $2, 1, $3, $4)',
      ...[id, before + 1 + i, runId, JSON.stringify(event)],
    );
  const end = before + events.length;
  await sql.run(
    `INSERT INTO runs (user_name, run_id, conversation, digest, text_json, accepted, started, ended, node,
         before_seq, turn_end, turn_ended_at, transcript_at)
       VALUES ($1, $2, $3, 'd', '""', 1, true, true, 'n', $4, $5, 1, $6)`,
    ...[userOf(key), runId, id, before, end, `line-${n}`],
  );
  await sql.run(
    `UPDATE places SET term = 1, owner = 'n', head_term = 1, head_seq = $2 WHERE conversation = $1`,
    ...[id, end],
  );
  await sql.run(
    `UPDATE conversations SET prompted = true, title_json = '"t"', title_plain = 't', title_by = 'prompt',
         turn_ended = $2, turn_term = 1, turn_seq = $3 WHERE id = $1`,
    ...[id, end, before],
  );
  return runId;
}

async function sweepAll({ history }: Server, rules: Partial<SweepRules>): Promise<Swept[]> {
  const swept: Swept[] = [];
  do swept.push(await history.sweep({ ...KEEP, ...rules }));
  while (swept.at(-1)?.more);
  return swept;
}

async function saidIn({ history }: Server, key: ConversationKey): Promise<unknown[]> {
  const { messages } = await history.messages(key, null, ALL);
  return messages.map(({ content }) => content);
}

test('[R24] servers that sweep at once do each thing once, and all of it', async () => {
  const all = await servers(3);
  const [first] = all;
  const keys = Array.from({ length: 12 }, (_, i): ConversationKey => `amy/c${i}`);
  for (const key of keys) for (const n of [1, 2]) await turn(first.db, key, n);
  await Promise.all(all.map((server) => sweepAll(server, { endedBefore: FAR })));
  assert.equal((await first.db.get('SELECT count(*) AS n FROM journal'))?.n, 0);
  for (const key of keys)
    assert.deepEqual(await saidIn(first, key), ['ask 1', 'say 1', 'ask 2', 'say 2']);
  for (const key of keys) await first.history.remove(key, 1);
  const swept = await Promise.all(all.map((server) => sweepAll(server, { deletedBefore: FAR })));
  const forgotten = swept.flat().flatMap((step) => step.forgotten?.key ?? []);
  assert.deepEqual(forgotten.toSorted(), keys.toSorted());
  assert.equal((await first.db.get('SELECT count(*) AS n FROM messages'))?.n, 0);
  assert.ok(all.some(({ told }) => told.includes('charged amy')));
});

test('[R4] a page says the same whatever other servers fold and cut meanwhile', async () => {
  const [reader, writer] = await servers(2);
  assert.ok(writer);
  const key = 'bea/page';
  const expected: string[] = [];
  for (let n = 1; n <= 8; n++) {
    await turn(writer.db, key, n);
    expected.push(`ask ${n}`, `say ${n}`);
    const swept = sweepAll(writer, { endedBefore: FAR });
    for (let i = 0; i < 5; i++) assert.deepEqual(await saidIn(reader, key), expected);
    await swept;
    assert.deepEqual(await saidIn(reader, key), expected);
  }
});

test('[R4] a turn that two servers fold at once is kept once, and so is the one behind it', async () => {
  const [first, second, other] = await servers(3);
  assert.ok(second && other);
  const key = 'bob/twice';
  await turn(first.db, key, 1);
  const sweeps: Promise<Swept[]>[] = [];
  await other.db.transaction(async (messages) => {
    await messages.run('LOCK TABLE messages IN SHARE MODE');
    await other.db.transaction(async (sql) => {
      await sql.run('SELECT 1 FROM conversations FOR UPDATE');
      sweeps.push(sweepAll(first, {}));
      await untilWaiting(first.db); // it has read the first turn
      await endTurn(sql, key, 2);
    });
    await untilWaiting(first.db); // it writes the first turn
    sweeps.push(sweepAll(second, {})); // it takes both for due
    await untilWaiting(first.db, 2);
  });
  await Promise.all(sweeps);
  assert.deepEqual(await saidIn(first, key), ['ask 1', 'say 1', 'ask 2', 'say 2']);
  assert.equal((await first.db.get('SELECT count(*) AS n FROM messages'))?.n, 4);
});

test('[R17] what is forgotten is nobody’s any more, and its next term is above all it had', async () => {
  const [server] = await servers(1);
  const key = 'cat/gone';
  await turn(server.db, key, 1);
  const sessionOf = async () =>
    (await server.db.get('SELECT session_id FROM conversations WHERE key = $1', key))?.session_id;
  const session = String(await sessionOf());
  await server.db.run(`INSERT INTO transcripts VALUES ($1, 0, 'x')`, session);
  await server.history.remove(key, 1);
  await sweepAll(server, { deletedBefore: FAR });
  const place = await server.db.get('SELECT * FROM places');
  assert.equal(place?.owner, null);
  assert.ok(Number(place?.term) > 1);
  assert.deepEqual([place?.head_term, place?.head_seq], [place?.term, ROWS_OF_TURN]);
  assert.notEqual(await sessionOf(), session);
  assert.equal((await server.db.get('SELECT count(*) AS n FROM transcripts'))?.n, 0);
});

test('one that is restored while a sweep waits for it stays', async () => {
  const [server, other] = await servers(2);
  assert.ok(other);
  const key = 'dan/back';
  await turn(server.db, key, 1);
  await sweepAll(server, {}); // nothing is left to fold, which would wait, too
  await server.history.remove(key, 1);
  let swept: Promise<Swept[]> | null = null;
  await other.db.transaction(async (sql) => {
    await sql.run('UPDATE conversations SET deleted_at = NULL WHERE key = $1', key);
    swept = sweepAll(server, { deletedBefore: FAR });
    await untilWaiting(server.db);
  });
  assert.ok((await (swept ?? [])).every(({ forgotten }) => forgotten === null));
  assert.deepEqual(await saidIn(server, key), ['ask 1', 'say 1']);
});

test('[BR2] however many servers fork a place at once, it has at most fifty forks', async () => {
  const all = await servers(4);
  const [first] = all;
  await turn(first.db, 'eve/e', 1);
  const runId = await turn(first.db, 'eve/e', 2);
  for (let n = 0; n < 48; n++)
    assert.equal(await first.history.fork('eve/e', runId, `eve/f${n}`), 'forked');
  const outcomes = await Promise.all(
    all.map(({ history }, n) => history.fork('eve/e', runId, `eve/g${n}`)),
  );
  assert.deepEqual(outcomes.toSorted(), ['forked', 'forked', 'tooMany', 'tooMany']);
  const [branch] = (await first.history.branches('eve/e')).slice(-1);
  assert.deepEqual(await saidIn(first, `eve/${branch?.threadId}`), ['ask 1', 'say 1']);
});

test('however many servers pin at once, a user has at most fifty pinned conversations', async () => {
  const all = await servers(4);
  const [first] = all;
  const keys = Array.from({ length: 53 }, (_, i): ConversationKey => `fay/p${i}`);
  for (const key of keys) await turn(first.db, key, 1);
  for (const key of keys.slice(0, 48)) assert.equal(await first.history.pin(key, true), 'done');
  const outcomes = await Promise.all(
    keys.slice(48, 52).map((key, i) => all[i]?.history.pin(key, true)),
  );
  assert.deepEqual(outcomes.toSorted(), ['done', 'done', 'tooMany', 'tooMany']);
});

test('[R53] a NUL in a prompt, an answer, a title or a result is kept as it is', async () => {
  const [server] = await servers(1);
  const key = 'gus/nul';
  await turn(server.db, key, 1, 'say\0 it');
  const runId = await turn(server.db, key, 2);
  await sweepAll(server, {});
  assert.deepEqual((await saidIn(server, key)).slice(0, 2), ['ask 1', 'say\0 it']);
  assert.equal(await server.history.rename(key, 'Ca\0fé', 'user'), true);
  assert.equal((await server.history.conversation(key))?.title, 'Ca\0fé');
  for (const query of ['say\0', 'ca\0fe', '\0'])
    assert.equal((await server.history.search('gus', query, null, 5)).found[0]?.key, key, query);
  await server.db.transaction(async (sql) => {
    const { id } = await open(sql, key, 1);
    await insertResult(sql, id, { toolCallId: 'tool-1', text: 'whole\0' });
    await sql.run(
      'UPDATE messages SET message = $1 WHERE seq = 2',
      JSON.stringify({ id: 'r', role: 'tool', toolCallId: 'tool-1', content: 'cut\0' }),
    );
  });
  assert.equal(await server.history.result(key, 'tool-1'), 'whole\0');
  assert.equal(await server.history.fork(key, runId, 'gus/fork'), 'forked');
  assert.equal(await server.history.result('gus/fork', 'tool-1'), 'whole\0');
});

test('[R14] a backup is the database’s own matter, and the answer says so', async () => {
  const [{ history }] = await servers(1);
  await assert.rejects(history.backup('/tmp/x'), /pg_dump/);
});
