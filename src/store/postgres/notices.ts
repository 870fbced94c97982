/** What nodes tell each other through the database, as hints: each is about something the tables hold anyway. */
import { EventEmitter } from 'node:events';
import type { ConversationFact } from '../conversation-fact.ts';
import type { ConversationKey } from '../store.ts';

/** The kinds of notice, and what each tells. */
export interface Notices {
  /** Rows were appended to a conversation that another node watches. */
  appended: [key: ConversationKey];
  /** A conversation began, changed or was deleted. */
  changed: [key: ConversationKey];
  /** What a user has used has changed; `eased`: it has become less, or a run has ended. */
  charged: [user: string, eased: boolean];
  /** A sign-in was ended on purpose. */
  revoked: [idHash: string];
  /** A use of a sign-in moved its end; epoch ms. */
  extended: [idHash: string, expiresAt: number];
  fact: [key: ConversationKey, fact: ConversationFact];
  /** There is a command for a node, or the reply to one of its own. */
  command: [node: string];
}

export type Notice = {
  [Kind in keyof Notices]: readonly [kind: Kind, ...Notices[Kind]];
}[keyof Notices];

/**
 * Where the parts of the store tell and hear. What this node tells is heard here at once, and by the other nodes
 * through `onTold`; what they tell is given to `heard`.
 */
export class NoticeBoard {
  readonly #emitter = new EventEmitter<Notices>().setMaxListeners(0);
  readonly #onTold: (notice: Notice) => void;

  constructor(onTold: (notice: Notice) => void) {
    this.#onTold = onTold;
  }

  tell(...notice: Notice): void {
    this.heard(notice);
    this.#onTold(notice);
  }

  heard([kind, ...told]: Notice): void {
    this.#emitter.emit(kind, ...(told as never));
  }

  /** Returns the end of it. */
  on<Kind extends keyof Notices>(
    kind: Kind,
    listener: (...told: Notices[Kind]) => void,
  ): () => void {
    this.#emitter.on(kind, listener as never);
    return () => this.#emitter.off(kind, listener as never);
  }
}
