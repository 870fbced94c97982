/** Wires the conversations: those that run here, those of other servers that share the store, and the prompts that wait. */
import { randomUUID } from 'node:crypto';
import type { Agent } from '../claude/agent.ts';
import type { Credentials } from '../claude/credentials.ts';
import type { ClaudeSettings } from '../claude/launch.ts';
import type { Config } from '../config.ts';
import type { Choices } from '../machines/choices.ts';
import type { Conversations, ParkedPrompts } from '../machines/conversations.ts';
import { memoryUsed } from '../machines/memory.ts';
import { Parking } from '../machines/parking.ts';
import { Supervisor, type SupervisorParts } from '../machines/supervisor.ts';
import type { ConversationFact } from '../store/conversation-fact.ts';
import type { ConversationKey, RunRecord, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Fanout } from '../transport/fanout.ts';
import { Feed } from '../transport/feed.ts';
import type { Listeners } from '../transport/listeners.ts';
import type { Door } from '../transport/websocket.ts';
import { Adoption } from './adoption.ts';
import { wireCluster } from './cluster.ts';
import type { WiredLimits } from './limits.ts';

export interface ConversationWiring {
  readonly config: Config;
  readonly store: Store;
  readonly fanout: Fanout;
  readonly listeners: Listeners;
  readonly choices: Choices;
  readonly agent: Agent;
  readonly settings: ClaudeSettings;
  readonly credentials: () => Credentials;
  readonly allowed: Pick<WiredLimits, 'allowances' | 'demand'>;
  readonly runs: SupervisorParts['runs'];
  readonly now: () => number;
  readonly log: Log;
}

export interface WiredConversations {
  /** Those that run here. */
  readonly supervisor: Supervisor;
  /** All, wherever they run. */
  readonly conversations: Conversations;
  readonly parking: Parking;
  readonly parked: ParkedPrompts;
  /** Goes on with prompts whose server has gone, again and again: others share the store. */
  readonly adopt: (found: readonly RunRecord[]) => Adoption;
  /** The server has no right to what it runs any more. */
  readonly onLost: (listener: () => void) => void;
  /** Nothing is taken over any more. */
  readonly leave: () => Promise<void>;
}

export function wireConversations(parts: ConversationWiring): WiredConversations {
  const { config, store, fanout, listeners, choices, allowed, now, log } = parts;
  const hear = (key: ConversationKey, fact: ConversationFact) =>
    fact.type === 'activityChanged' ? feed.changed(key) : fanout.tell(key, fact);
  const tell = (key: ConversationKey, fact: ConversationFact) => {
    hear(key, fact);
    cluster?.tell(key, fact);
  };
  const supervisor = new Supervisor({
    ...config,
    ...{ store, choices, log, onFact: tell },
    handOn: (key, prompt) => reached().prompt(key, prompt),
    ...{ agent: parts.agent, settings: parts.settings, credentials: parts.credentials },
    tokensMax: (user) => allowed.allowances.of(user).tokens,
    memoryUsed,
    claudeTitles: config.titles === 'claude',
    runs: parts.runs,
    newUuid: randomUUID,
    clock: realClock,
  });
  const reached = (): Conversations => cluster?.conversations ?? supervisor;
  const parking: Parking = new Parking({
    ...{ store, now, log, tell, demand: allowed.demand },
    conversations: {
      open: (key) => reached().open(key),
      prompt: (key, prompt) => reached().prompt(key, prompt),
    },
  });
  const cluster = wireCluster({
    store,
    supervisor,
    parking,
    fanout,
    hear,
    leaseMs: config.leaseMs,
    log,
  });
  const conversations = cluster?.conversations ?? supervisor;
  const feed: Feed = new Feed({ store, conversations, listeners, log });
  return {
    ...{ supervisor, conversations, parking },
    parked: cluster?.parked ?? parking,
    adopt: (found) =>
      new Adoption(
        {
          resume: () => parking.resume(),
          waiting: () => store.waiting(),
          prompt: (run) => conversations.prompt(run.key, run),
          withdraw: (run) => store.withdraw(run.key, run.runId),
          log,
        },
        found,
      ),
    onLost: (listener) => cluster?.onLost(listener),
    leave: async () => cluster?.leave(),
  };
}

/** Who comes again comes to a server that has its lease. */
export function endSessions({ living }: Pick<Door, 'living'>): void {
  for (const { actor } of [...living.values()])
    actor.send({ type: 'client.fault', fault: 'store.unavailable' });
}

const realClock = {
  now: () => performance.now(),
  setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms),
  clearTimeout: (id: unknown) => clearTimeout(id as NodeJS.Timeout),
};
