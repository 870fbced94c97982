/** Wires what users may use: the operator's words, the ledger in the store, and the prompts that wait for it. */
import type { Config } from '../config.ts';
import type { ParkingParts } from '../machines/parking.ts';
import type { LedgerLimit } from '../store/limits.ts';
import { type ConversationKey, type RunCommand, type Store, userOf } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { LimitsFeed } from '../transport/limits-feed.ts';
import type { Listeners } from '../transport/listeners.ts';
import type { LimitView, LimitViews } from '../transport/protocol.ts';
import { Allowances } from './allowances.ts';

/** By the API's own estimate for text; an image of common size is about 1,500. */
const BYTES_PER_TOKEN = 4;
const TOKENS_PER_IMAGE = 1_500;

export interface LimitWiring {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
  readonly listeners: Listeners;
  readonly now: () => number;
}

export interface WiredLimits {
  readonly allowances: Allowances;
  readonly demand: ParkingParts['demand'];
  readonly limits: (user: string) => Promise<LimitViews>;
  readonly limitsFeed: LimitsFeed;
}

export function wireLimits(
  { config, store, listeners, log, now }: LimitWiring,
  onChanged: () => void,
): WiredLimits {
  const allowances = new Allowances(config, log, () => {
    onChanged();
    limitsFeed.allChanged();
  });
  const demand = (key: ConversationKey, command: RunCommand) => ({
    key,
    runId: command.runId,
    allowance: allowances.of(userOf(key)),
    reserve: config.reservedTokens + estimate(command),
  });
  const limits = async (user: string): Promise<LimitViews> => {
    const [uses, allowance] = [await store.uses(user, now()), allowances.of(user)];
    const view = (limit: LedgerLimit): LimitView => ({ ...uses[limit], max: allowance[limit] });
    return { hour: view('hour'), day: view('day'), tokens: view('tokens'), runs: view('runs') };
  };
  const limitsFeed: LimitsFeed = new LimitsFeed({ store, limits, listeners, log });
  return { allowances, demand, limits, limitsFeed };
}

function estimate({ text, images = [] }: RunCommand): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + images.length * TOKENS_PER_IMAGE;
}
