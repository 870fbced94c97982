/**
 * What the operators' page and the server say to each other over `/chat/ops/ws`, types only. One JSON text frame each;
 * nothing in them is of what people write, and PROTOCOL.md states the rules.
 */
import type { StateValue } from 'xstate';
import type { FaultCode } from '../../faults.ts';
import type { AgentInfo } from '../protocol.ts';

/** `claude` is the actor that wraps a process, a child of its conversation; it has no statechart. */
export type ActorKind = 'session' | 'conversation' | 'claude' | 'parked';

/** A living actor, as a list shows it. What is absent it does not have, or it is not known. */
export interface ActorRow {
  /** Unique among all there are. */
  id: string;
  kind: ActorKind;
  /** The names of its state and those inside it, as `alive.running`. */
  state: string;
  /** Null until it is known who it is. */
  user: string | null;
  /** Since when it lives, epoch ms. */
  since: number;
  /** The conversation a session watches, or that a process or a parked prompt belongs to: that actor's id. */
  of?: string;
  /** The run that is live in it. */
  run?: string;
  /** Prompts that wait in it. */
  queue?: number;
  /** Of the answer, in the last second: its deltas, each of one token or few, as the CLI counts only whole messages. */
  tokensPerSecond?: number;
  /** Of a process. */
  pid?: number;
  /** Memory of a process and of what it started, resident bytes. */
  residentBytes?: number;
  /** What a session's line could not take yet. */
  unsentBytes?: number;
  /** Rows of the journal that a session has not been sent yet. */
  behind?: number;
  /** The last fault of a run in it, since it lives. */
  fault?: FaultCode;
  /** It is being recorded, from when an operator asked. */
  recorded?: boolean;
}

/** How the whole server is. */
export interface Figures {
  /** Epoch ms. */
  at: number;
  sockets: number;
  conversations: number;
  processes: { alive: number; starting: number; waiting: number; max: number };
  runs: { running: number; queued: number; parked: number };
  /** What sockets could not take yet, all together. */
  unsentBytes: number;
  /** Of this server's own process. */
  residentBytes: number;
  heapBytes: number;
  /** 99 of 100 turns of the event loop were late by less, in the last second; milliseconds. */
  loopDelayMs: number;
  /** Processor time of this process in the last second, 1 for a whole core. */
  cpu: number;
  draining: boolean;
  logLevel: string;
}

/** Where an event came from. `edge`: a socket or a request; `timer`: itself, later. */
export type Origin = 'edge' | 'session' | 'conversation' | 'claude' | 'limits' | 'server' | 'timer';

/** An event that an actor took, and how it stood after. */
export interface ActorEvent {
  /** Counts up for each watcher; what is missing was dropped. */
  n: number;
  /** Epoch ms. */
  at: number;
  /** The actor that took it. */
  actor: string;
  kind: ActorKind;
  from: Origin;
  /** Its type, and of its fields ids, counts and codes. */
  event: { type: string } & Record<string, unknown>;
  /** The state after it; empty for what has no states. */
  state: string;
  /** Whether it was another before. */
  moved: boolean;
  /** Ids, counts and codes of what it keeps; empty for what has none. */
  context: Record<string, unknown>;
}

/** How an actor stands, to the Stately inspector. */
export interface StatelySnapshot {
  status: string;
  /** Of what has states. */
  value?: StateValue;
  context?: Record<string, unknown>;
}

interface StatelyBase {
  /** An actor's id. */
  sessionId: string;
  /** Of the actor its system begins with: itself, or its parent. */
  rootId: string;
  /** Epoch ms, in digits. */
  createdAt: string;
  id: null;
  /** Of `@statelyai/inspect`, whose messages look so. */
  _version: string;
}

/** What the Stately inspector is told; a page of ours hands it on as it is. */
export type StatelyMessage =
  /** There is an actor. `definition`: the names in its machine, as the JSON of a configuration. */
  | (StatelyBase & {
      type: '@xstate.actor';
      name: string;
      parentId?: string;
      definition: string;
      snapshot: StatelySnapshot;
    })
  /** It took an event. `sourceId`: the actor that sent it, where that is known. */
  | (StatelyBase & { type: '@xstate.event'; event: ActorEvent['event']; sourceId?: string })
  /** How it stands after an event. */
  | (StatelyBase & {
      type: '@xstate.snapshot';
      event: ActorEvent['event'];
      snapshot: StatelySnapshot;
    });

export interface Snapshot {
  status: string;
  state: string;
  context: Record<string, unknown>;
}

export type OpsLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What an operator may do. Each is written to the log with who did it. */
export type OpsAct =
  /** Stops the run that is live in a conversation, as its user would. */
  | { act: 'interrupt'; actor: string }
  /** Ends a conversation's process; its run ends as interrupted, and prompts that wait go on in a new one. */
  | { act: 'stopProcess'; actor: string }
  /** Closes a socket; its page connects again. */
  | { act: 'closeSession'; actor: string }
  /** Ends every sign-in of a user. */
  | { act: 'signOut'; user: string }
  /** Lets turns finish, begins nothing new, and ends the server. */
  | { act: 'drain' }
  | { act: 'logLevel'; level: OpsLogLevel }
  /** From now on what a session takes is recorded; a conversation is always. */
  | { act: 'record'; actor: string }
  /** Keeps what was recorded of an actor as a capsule. */
  | { act: 'capsule'; actor: string };

export type OpsClientFrame =
  /** The events of one actor and those around it, of all (`*`), or of none (null). */
  | { type: 'follow'; ref: string; actor: string | null }
  /** The same for the Stately inspector, in its messages. A socket follows in one way at a time: the last it asked for. */
  | { type: 'stately'; ref: string; actor: string | null }
  | ({ type: 'act'; ref: string } & OpsAct)
  | { type: 'pong' };

export type OpsServerFrame =
  /** First of all. */
  | {
      type: 'ops';
      version: string;
      user: string;
      agent: AgentInfo;
      sandbox: string;
      /** Where the Stately inspector is; null: the operator has not switched it on. */
      inspectorUrl: string | null;
      /** How many capsules are kept; 0: none are. */
      capsulesMax: number;
    }
  /** All there are, in parts; `last` with the last part. */
  | { type: 'actors'; rows: ActorRow[]; last: boolean }
  /** What is new or another, and what has gone, since the last; at most twice a second. */
  | { type: 'changed'; rows: ActorRow[]; gone: string[] }
  /** Once a second. */
  | { type: 'figures'; figures: Figures }
  /** The answer to `follow`: how the one that is followed stands; null where it is `*`, nothing, or has gone. */
  | { type: 'followed'; actor: string | null; snapshot: Snapshot | null }
  /** At most ten times a second. `dropped`: how many events were left out since the socket opened. */
  | { type: 'events'; events: ActorEvent[]; dropped: number }
  /** To who asked for `stately`, as often; `dropped` counts the events that were left out likewise. */
  | { type: 'stately'; messages: StatelyMessage[]; dropped: number }
  /** `name`: of the capsule that was kept. `message`: why not, for people. */
  | { type: 'reply'; ref: string; fault: FaultCode | null; message?: string; name?: string }
  | { type: 'ping' };

/** A machine's statechart as SVG: each state is a group with the id `state:NAME`, each transition `edge:FROM:TO`. */
export interface Chart {
  kind: ActorKind;
  /** Of its definition: another machine has another. */
  machine: string;
  svg: string;
}

/** What was recorded of an actor and kept. */
export interface CapsuleView {
  /** Its file's: `GET /chat/ops/capsules/NAME` downloads it. */
  name: string;
  kind: ActorKind;
  actor: string;
  /** Epoch ms. */
  at: number;
  /** Why it was kept: the code of a fault, `operator`, or `ended` for a session that was recorded to its end. */
  why: string;
  events: number;
  bytes: number;
}

/** `GET /chat/ops/capsules/NAME/steps`: a capsule, replayed. */
export interface CapsuleSteps {
  capsule: CapsuleView;
  /** Whether it was recorded by the machine that replays it. */
  sameMachine: boolean;
  /** Whether the replay ends as the recording did. */
  identical: boolean;
  /** The first is what it began with, with the type `begin`. */
  steps: (Pick<ActorEvent, 'at' | 'from' | 'event'> & { snapshot: Snapshot })[];
}
