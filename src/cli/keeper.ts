/** Wires what ends Claude where this server may not run it any more; see claude/keeper.ts. Alone, it needs none. */
import { findKeeper } from '../claude/find-keeper.ts';
import { Heartbeats } from '../claude/heartbeats.ts';
import type { Keeper } from '../claude/keeper.ts';
import type { Config } from '../config.ts';
import type { Cluster } from '../store/cluster.ts';

/**
 * Shares of a lease. The last beat may leave at half of one, when the server gives up what it runs; with the silence
 * after it all is over before another server may begin.
 */
const SILENCE = 0.4;
const BEAT = 0.1;

/** @throws Where no shell on this machine can be one. */
export async function wireKeeper(
  cluster: Pick<Cluster, 'isMember'> | null,
  { leaseMs }: Pick<Config, 'leaseMs'>,
  inherited: Readonly<Record<string, string>>,
): Promise<{ keeper?: Keeper }> {
  if (cluster === null) return {};
  const found = await findKeeper({ inherited });
  if (found === null)
    throw new Error(
      'with CHAT_DATABASE_URL Claude needs a shell whose `read` knows a time limit beside it: install bash',
    );
  const mayBeat = () => cluster.isMember;
  const heartbeats = new Heartbeats({ everyMs: leaseMs * BEAT, mayBeat });
  return { keeper: { ...found, silenceMs: leaseMs * SILENCE, heartbeats } };
}
