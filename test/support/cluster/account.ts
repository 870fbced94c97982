/** What is known of a cluster's run, for the checker: what clients saw, what they asked for, and what processes did. */

/** One row of a journal, as a client was sent it. */
export interface Seen {
  readonly id: string;
  readonly chunk: string;
  /** When, by `moment()`; 0 where it was read later. */
  readonly at: number;
}

export interface View {
  readonly name: string;
  readonly seen: readonly Seen[];
}

export interface PromptSent {
  readonly runId: string;
  /** What the agent writes down, and what its words begin with. */
  readonly tag: string;
  readonly words: number;
  /** Answers are not counted against limits. */
  readonly isAnswer: boolean;
  readonly sentAt: number;
  /** When it was accepted; null: it never was. */
  acceptedAt: number | null;
  /** It was asked to stop. */
  aborted: boolean;
}

export interface ConversationAccount {
  readonly key: string;
  /** All of it, as the database has it in the end. */
  readonly journal: readonly Seen[];
  readonly views: readonly View[];
  readonly prompts: readonly PromptSent[];
}

/** A line an agent wrote down. */
export interface AgentNote {
  readonly at: number;
  readonly pid: number;
  readonly session: string;
  readonly what: 'start' | 'prompt' | 'answer' | 'turn' | 'end';
  readonly detail: string;
  /** Of the server that started it. */
  readonly node: string;
}

/** The time a process was seen alive, at least. */
export interface Life {
  readonly session: string;
  readonly pid: number;
  readonly node: string;
  readonly from: number;
  to: number;
}

/** Something was done to a server, or (null) to the database, that may cut runs off. */
export interface Disruption {
  readonly node: string | null;
  readonly what: string;
  readonly from: number;
  to: number;
  /** Its processes may outlive the takeover for a while: nothing could tell it. */
  readonly isFrozen: boolean;
}

/** A rule that did not hold. */
export interface Finding {
  readonly rule:
    | 'gap'
    | 'repeat'
    | 'differs'
    | 'behind'
    | 'journal'
    | 'lost'
    | 'twice'
    | 'unended'
    | 'words'
    | 'interrupted'
    | 'overtaken'
    | 'ended'
    | 'memory'
    | 'limits'
    | 'twoProcesses';
  readonly where: string;
  readonly text: string;
}
