/** The journal's rows: put behind the last one while the right to append lasts, and read. */
import { FaultError } from '../../faults.ts';
import type { ConversationKey, NewRow, Position, ReadResult, Row } from '../store.ts';
import { type Conversation, positionOf } from './conversations.ts';
import type { Sql, SqlRow } from './database.ts';
import { often } from './often.ts';

/** Rows that go behind one row of a conversation, or nowhere. It never changes, so it may be tried again. */
export interface Addition {
  readonly conversation: number;
  readonly key: ConversationKey;
  /** The right to append: a node's, under this term. */
  readonly node: string;
  readonly term: number;
  /** The last row before them; null: the journal is empty. */
  readonly after: Position | null;
  readonly rows: readonly NewRow[];
}

/** The columns of `a`. */
const COLUMNS = [0, 1, 2, 3, 4] as const;

/**
 * The check of the right, the new last row and the rows are one statement, and so one round trip: an owner that was
 * replaced meanwhile, or that does not know the last row, adds nothing.
 */
function insert(additions: string): string {
  return often(`WITH moved AS (
    UPDATE places p SET head_term = a.term, head_seq = a.seq + a.rows
      FROM ${additions} AS a (conversation, node, term, seq, rows)
      WHERE p.conversation = a.conversation AND p.owner = a.node AND p.term = a.term AND p.head_seq = a.seq
      RETURNING p.conversation, p.owner, p.term, a.seq
  ), added AS (
    INSERT INTO journal (conversation, seq, term, run_id, chunk)
      SELECT m.conversation, m.seq + r.n, m.term, r.run_id, r.chunk
      FROM unnest($6::bigint[], $7::int[], $8::text[], $9::text[]) AS r (conversation, n, run_id, chunk)
      JOIN moved m ON m.conversation = r.conversation
  )
  SELECT m.conversation, EXISTS (
    SELECT 1 FROM watches w WHERE w.conversation = m.conversation AND w.node <> m.owner
  ) AS watched FROM moved m`);
}

const INSERT = insert('unnest($1::bigint[], $2::text[], $3::bigint[], $4::int[], $5::int[])');
/** Of one addition, as most are: the database would plan the other anew each time, as lists may be of any length. */
const INSERT_ONE = insert('(SELECT $1::bigint, $2::text, $3::bigint, $4::int, $5::int)');

/** Returns the conversations whose rows were added, and whether another node watches each. */
export async function insertRows(
  sql: Sql,
  additions: readonly Addition[],
): Promise<Map<number, { watched: boolean }>> {
  const rows = additions.flatMap(({ conversation, rows }) =>
    rows.map(({ runId, chunk }, i) => ({ conversation, n: i + 1, runId, chunk })),
  );
  const places = additions.map(({ conversation, node, term, after, rows }) => {
    return [conversation, node, term, after?.seq ?? 0, rows.length] as const;
  });
  const [one = []] = places;
  const isOne = places.length === 1;
  const found = await sql.all<{ conversation: number; watched: boolean }>(
    isOne ? INSERT_ONE : INSERT,
    ...(isOne ? one : COLUMNS.map((i) => places.map((place) => place[i]))),
    rows.map(({ conversation }) => conversation),
    rows.map(({ n }) => n),
    rows.map(({ runId }) => runId),
    rows.map(({ chunk }) => chunk),
  );
  return new Map(found.map(({ conversation, watched }) => [conversation, { watched }]));
}

/** Which of them are in the journal: of one whose answer was lost, nobody else knows. */
export async function landed(sql: Sql, additions: readonly Addition[]): Promise<Set<number>> {
  const places = await sql.all<{ conversation: number; term: number; head_seq: number }>(
    'SELECT conversation, term, head_seq FROM places WHERE conversation = ANY ($1::bigint[])',
    additions.map(({ conversation }) => conversation),
  );
  const byId = new Map(places.map((place) => [place.conversation, place]));
  const isThere = ({ conversation, term, after, rows }: Addition) => {
    const place = byId.get(conversation);
    return place?.term === term && place.head_seq === (after?.seq ?? 0) + rows.length;
  };
  return new Set(additions.filter(isThere).map(({ conversation }) => conversation));
}

/** As they are in the journal. */
export function rowsAdded({ term, after, rows }: Addition): Row[] {
  const first = (after?.seq ?? 0) + 1;
  return rows.map(({ runId, chunk }, i) => ({ term, seq: first + i, runId, chunk }));
}

/** Rows after `after`, which must be at or past the base. */
export async function rowsOf(
  sql: Sql,
  { id }: Pick<Conversation, 'id'>,
  after: number,
  limit: number = LIMIT_MAX,
): Promise<Row[]> {
  const rows = await sql.all(
    'SELECT term, seq, run_id, chunk FROM journal WHERE conversation = $1 AND seq > $2 ORDER BY seq LIMIT $3',
    ...[id, after, Math.min(limit, LIMIT_MAX)],
  );
  return rows.map(rowOf);
}

const LIMIT_MAX = 2 ** 31 - 1;

/** One statement, and so one moment: no turn is compacted between the check of the place and the rows after it. */
const READ = often(`SELECT c.base_term, c.base_seq, p.head_term, p.head_seq, here.term AS here_term,
    j.seq, j.term, j.run_id, j.chunk
  FROM conversations c
  JOIN places p ON p.conversation = c.id
  LEFT JOIN journal here ON here.conversation = c.id AND here.seq = $2
  LEFT JOIN LATERAL (
    SELECT * FROM (
      SELECT seq, term, run_id, chunk, sum(length(chunk)) OVER (ORDER BY seq) - length(chunk) AS before
      FROM (
        SELECT seq, term, run_id, chunk FROM journal WHERE conversation = c.id AND seq > $2 ORDER BY seq LIMIT $3
      ) page
    ) counted WHERE before < $4
  ) j ON true
  WHERE c.key = $1 ORDER BY j.seq`);

export async function read(
  sql: Sql,
  key: ConversationKey,
  after: Position | null,
  limit: number,
  unitsMax = Number.POSITIVE_INFINITY,
): Promise<ReadResult> {
  const asked = [after?.seq ?? 0, Math.min(limit, LIMIT_MAX), Math.min(unitsMax, LIMIT_MAX)];
  const found = await sql.all(READ, key, ...asked);
  const [first] = found;
  const head = first ? positionOf(first.head_term, first.head_seq) : null;
  if (!isPlace(first, after)) return { valid: false, head };
  const rows: Row[] = [];
  let units = 0;
  for (const row of found) {
    if (row.seq === null || units >= unitsMax) break;
    const next = rowOf(row);
    rows.push(next);
    units += next.chunk.length; // the statement counts characters, of which there are never more
  }
  if (rows.length > 0 && rows[0]?.seq !== (after?.seq ?? 0) + 1)
    throw new FaultError('store.unavailable', 'the journal has a gap');
  return { valid: true, rows, head };
}

/** A place that can be read on from: the base itself, or a row that is still here. */
function isPlace(row: SqlRow | undefined, after: Position | null): boolean {
  const base = row ? positionOf(row.base_term, row.base_seq) : null;
  if (after === null || after.seq === base?.seq) return after?.term === base?.term;
  return row !== undefined && row.here_term !== null && Number(row.here_term) === after.term;
}

function rowOf(row: SqlRow): Row {
  return {
    term: Number(row.term),
    seq: Number(row.seq),
    runId: String(row.run_id),
    chunk: String(row.chunk),
  };
}
