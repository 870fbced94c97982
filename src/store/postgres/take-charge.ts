/**
 * A take, exact however many servers take for one user at once: they take after each other, each on what the one
 * before has committed. A function of the database's makes that one round trip, and one statement holds the lock: a
 * server that freezes, or loses its connection, cannot keep others waiting for it.
 */
import type { Day } from '../days.ts';
import { type Demand, HOUR_MS, type Taken } from '../limits.ts';
import { heldFor, refusalOf } from '../refusals.ts';
import { threadOf, userOf } from '../store.ts';
import type { Sql } from './database.ts';

/**
 * A migration; see `schema.ts`. An advisory lock, because a user has no row to lock; those whose names have the same
 * hash wait for each other. Each statement of the function sees what was committed before itself, and not before the
 * lock was asked for, which READ COMMITTED alone does.
 */
export const TAKE_CHARGE = `
  CREATE FUNCTION charges_of(of_user text, but_thread text, hour_from bigint, day_from bigint, day_until bigint)
    RETURNS TABLE (hour bigint, oldest bigint, day bigint, tokens bigint, runs bigint) LANGUAGE sql STABLE AS $$
      SELECT count(*) FILTER (WHERE at > hour_from AND prompts = 1),
        min(at) FILTER (WHERE at > hour_from AND prompts = 1),
        count(*) FILTER (WHERE at >= day_from AND at < day_until AND prompts = 1),
        coalesce(sum(greatest(CASE WHEN open THEN reserved ELSE 0 END, input + cache_write + output))
          FILTER (WHERE at >= day_from AND at < day_until), 0)::bigint,
        (SELECT count(DISTINCT thread) FROM charges
          WHERE user_name = of_user AND open AND thread <> but_thread)
      FROM charges WHERE user_name = of_user AND at > least(hour_from, day_from - 1)
    $$;
  CREATE FUNCTION take_charge(of_user text, of_run text, of_thread text, now_at bigint, reserve bigint, held bigint,
      hour_from bigint, day_from bigint, day_until bigint,
      hour_max bigint, day_max bigint, tokens_max bigint, runs_max bigint)
    RETURNS TABLE (taken boolean, hour bigint, day bigint, tokens bigint, runs bigint, leaving bigint)
    LANGUAGE plpgsql AS $$
      DECLARE used record;
      BEGIN
        IF current_setting('transaction_isolation') <> 'read committed' THEN
          RAISE EXCEPTION 'a take must be READ COMMITTED' USING ERRCODE = '42000';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended(of_user, 1));
        IF EXISTS (SELECT FROM charges c WHERE c.user_name = of_user AND c.run_id = of_run) THEN
          RETURN QUERY SELECT true, 0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::bigint;
          RETURN;
        END IF;
        SELECT * INTO used FROM charges_of(of_user, of_thread, hour_from, day_from, day_until);
        taken := (hour_max IS NULL OR used.hour < hour_max)
          AND (day_max IS NULL OR used.day < day_max)
          AND (tokens_max IS NULL OR tokens_max > 0 AND used.tokens + held <= tokens_max)
          AND (runs_max IS NULL OR used.runs < runs_max);
        IF taken THEN
          INSERT INTO charges (user_name, run_id, thread, at, prompts, reserved)
            VALUES (of_user, of_run, of_thread, now_at, 1, reserve)
            ON CONFLICT DO NOTHING;
        ELSIF used.hour >= hour_max THEN
          SELECT c.at INTO leaving FROM charges c
            WHERE c.user_name = of_user AND c.at > hour_from AND c.prompts = 1
            ORDER BY c.at OFFSET used.hour - hour_max LIMIT 1;
        END IF;
        RETURN QUERY SELECT taken, used.hour, used.day, used.tokens, used.runs, leaving;
      END
    $$;
`;

interface Answer {
  readonly taken: boolean;
  readonly hour: number;
  readonly day: number;
  readonly tokens: number;
  readonly runs: number;
  readonly leaving: number | null;
}

export async function takeCharge(sql: Sql, demand: Demand, day: Day, now: number): Promise<Taken> {
  const { key, runId, reserve, allowance } = demand;
  const hourFrom = now - HOUR_MS;
  const answer = await sql.get<Answer>(
    'SELECT * FROM take_charge($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
    ...[userOf(key), runId, threadOf(key), now, reserve, heldFor(demand)],
    ...[hourFrom, day.from, day.until],
    ...[allowance.hour, allowance.day, allowance.tokens, allowance.runs],
  );
  if (answer?.taken) return { ok: true };
  const refused = answer && refusalOf(demand, measured(answer, day), now);
  if (!refused) throw new Error('a take was refused that fits every limit');
  return { ok: false, ...refused };
}

function measured({ hour, day, tokens, runs, leaving }: Answer, today: Day) {
  return {
    used: { hour: () => hour, day: () => day, tokens: () => tokens, runs: () => runs },
    leaving: () => Number(leaving) + HOUR_MS,
    day: today,
  };
}
