/** What was used by whom on which day: of old entries of the ledger the sums are kept, of young ones themselves. */
import type { Day, Days } from '../days.ts';
import type { UsageOfDay, UsageQuery } from '../limits.ts';
import { UsageSums } from '../usage-sums.ts';
import type { Sql, SqlRow } from './database.ts';

const DAY_MS = 24 * 3_600_000;
/** In one transaction. */
const FOLDED_AT_ONCE = 500;

const FIGURES = ['prompts', 'input', 'output', 'cache_read', 'cache_write', 'cost_usd'];
const NAMED = FIGURES.join(', ');

/** One statement reads both tables: an entry that is folded meanwhile is in one of them. */
export async function usageIn(
  sql: Sql,
  days: Days,
  { from, to, user }: UsageQuery,
): Promise<UsageOfDay[]> {
  const young = (await youngDays(sql, days)).filter(({ date }) => date >= from && date <= to);
  const rows = await sql.all(
    `SELECT day, user_name AS "user", ${NAMED} FROM usage_days
       WHERE day >= $1 AND day <= $2 AND user_name = coalesce($3, user_name)
     UNION ALL
     SELECT d.date, c.user_name, ${FIGURES.map((figure) => `sum(c.${figure})`).join(', ')}
       FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS d (date, day_from, day_until)
       JOIN charges c ON c.at >= d.day_from AND c.at < d.day_until
       WHERE c.user_name = coalesce($3, c.user_name) GROUP BY d.date, c.user_name`,
    ...[from, to, user, young.map(({ date }) => date)],
    ...[young.map((day) => day.from), young.map(({ until }) => until)],
  );
  const sums = new UsageSums();
  for (const row of rows) sums.add(String(row.day), row);
  return sums.sorted();
}

/** The days that entries are of. */
async function youngDays(sql: Sql, days: Days): Promise<Day[]> {
  const row = await sql.get('SELECT min(at) AS first, max(at) AS last FROM charges');
  const found: Day[] = [];
  if (typeof row?.first !== 'number' || typeof row.last !== 'number') return found;
  for (let at = row.first; at <= row.last; at = days.of(at).until) found.push(days.of(at));
  return found;
}

/** In a transaction: entries that no limit looks at any more become sums. True: there may be more. */
export async function foldOldUsage(sql: Sql, days: Days, now: number): Promise<boolean> {
  // Another server that folds takes others.
  const rows = await sql.all(
    `DELETE FROM charges WHERE (user_name, run_id) IN (SELECT user_name, run_id FROM charges
       WHERE NOT open AND at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING at, user_name AS "user", ${NAMED}`,
    ...[days.of(now).from - DAY_MS, FOLDED_AT_ONCE],
  );
  if (rows.length > 0) await keep(sql, summed(days, rows));
  return rows.length === FOLDED_AT_ONCE;
}

function summed(days: Days, rows: readonly SqlRow[]): UsageOfDay[] {
  const sums = new UsageSums();
  for (const row of rows) sums.add(days.of(Number(row.at)).date, row);
  return sums.sorted();
}

/** In their order, so that two who fold never wait for each other. */
async function keep(sql: Sql, sums: readonly UsageOfDay[]): Promise<void> {
  await sql.run(
    `INSERT INTO usage_days (day, user_name, ${NAMED})
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
         $7::bigint[], $8::double precision[])
     ON CONFLICT (day, user_name) DO UPDATE SET
       ${FIGURES.map((figure) => `${figure} = usage_days.${figure} + excluded.${figure}`).join(', ')}`,
    ...[sums.map(({ day }) => day), sums.map(({ user }) => user)],
    ...[sums.map(({ prompts }) => prompts), sums.map(({ inputTokens }) => inputTokens)],
    ...[
      sums.map(({ outputTokens }) => outputTokens),
      sums.map(({ cacheReadTokens }) => cacheReadTokens),
    ],
    ...[sums.map(({ cacheWriteTokens }) => cacheWriteTokens), sums.map(({ costUsd }) => costUsd)],
  );
}
