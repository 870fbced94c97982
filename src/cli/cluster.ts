/** Wires what this server has to do with others that share its store; null: it shares it with nobody. */
import { answerCommands } from '../machines/cluster/commands.ts';
import { ClusterConversations } from '../machines/cluster/conversations.ts';
import { Elsewhere } from '../machines/cluster/elsewhere.ts';
import { Hearing } from '../machines/cluster/hearing.ts';
import { ClusterParking } from '../machines/cluster/parking.ts';
import { Publisher } from '../machines/cluster/publisher.ts';
import type { Parking } from '../machines/parking.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import type { ConversationFact } from '../store/conversation-fact.ts';
import type { ConversationKey, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Fanout } from '../transport/fanout.ts';

/** A server that lives, and is busy, has so long to answer besides the time it would take to find it dead. */
const BUSY_MS = 5_000;

export interface ClusterWiring {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly parking: Parking;
  readonly fanout: Fanout;
  /** What those hear who are connected here. */
  readonly hear: (key: ConversationKey, fact: ConversationFact) => void;
  readonly leaseMs: number;
  readonly log: Log;
}

export interface WiredCluster {
  readonly conversations: ClusterConversations;
  readonly parked: ClusterParking;
  /** Tells the other servers. */
  readonly tell: (key: ConversationKey, fact: ConversationFact) => void;
  readonly onLost: (listener: () => void) => void;
  readonly leave: () => Promise<void>;
}

export function wireCluster(parts: ClusterWiring): WiredCluster | null {
  const { store, supervisor, parking, fanout, hear, leaseMs, log } = parts;
  const { cluster } = store;
  if (cluster === null) return null;
  const replyMs = leaseMs + BUSY_MS;
  const onError = (error: unknown) =>
    log.error({ err: error }, 'what goes on in a conversation was not told to other servers');
  const publisher = new Publisher({ cluster, supervisor, onError });
  const elsewhere = new Elsewhere(cluster);
  const tell = (key: ConversationKey, fact: ConversationFact) => {
    hear(key, fact);
    publisher.tell(key, fact);
  };
  const parked = new ClusterParking({ ...{ parking, cluster, store, replyMs }, tell });
  const tellWithdrawn = (key: ConversationKey, runId: string) => {
    tell(key, { type: 'promptWithdrawn', runId });
    tell(key, { type: 'pendingChanged' });
  };
  const conversations = new ClusterConversations({
    ...{ supervisor, cluster, store, elsewhere, replyMs },
    tellWithdrawn,
  });

  // Whoever is about to watch has looked before.
  const isWatched = (key: ConversationKey) =>
    fanout.isWatched(key) || elsewhere.find(key) !== undefined;
  const hearing = new Hearing({ conversations, parked, isWatched, hear, onError });
  cluster.onFact((key, fact) => hearing.heard(key, fact));
  cluster.onCommand(answerCommands({ cluster, store, supervisor, parking, tellWithdrawn }));
  cluster.onResumed(() => {
    hearing.missed(fanout.watched);
    publisher.again();
  });
  cluster.onLost(() => {
    log.error({ node: cluster.node }, 'the lease in the database was lost: all that ran here ends');
    supervisor.abandon();
    parking.letGo();
  });
  return {
    ...{ conversations, parked },
    tell: (key, fact) => {
      // This server may have sent what another had parked.
      if (fact.type === 'promptUnparked') parked.unparked(key, fact.runId);
      publisher.tell(key, fact);
    },
    onLost: (listener) => void cluster.onLost(listener),
    leave: () => cluster.leave(),
  };
}
