import { type Actor, createActor } from 'xstate';
import type { FaultCode } from '../../faults.ts';
import type { ServerFrame } from '../../transport/protocol.ts';
import { ChatStore } from '../chat/store.ts';
import { listenToWindow } from '../chat/window.ts';
import { connectionMachine } from '../connection.machine.ts';
import { Watched } from '../watched.ts';
import { sharedMessages } from './share-api.ts';

/** Watches the conversation that a link leads to. There is nothing here to send anything with. */
export class SharedClient {
  readonly store: ChatStore;
  readonly connection: Actor<typeof connectionMachine>;
  readonly id: string;
  readonly #fault = new Watched<FaultCode | null>(null);

  /** @param id Of the link. */
  constructor(id: string) {
    this.id = id;
    this.store = new ChatStore(null, (flush) => requestAnimationFrame(flush), Date.now);
    const url = new URL('ws?shared', document.baseURI);
    this.connection = createActor(connectionMachine, {
      input: {
        url: url.href.replace(/^http/, 'ws'),
        place: () => ({ ...this.store.place(), threadId: null, share: id }),
        receive: (frame) => {
          this.#hear(frame);
          this.store.receive(frame);
        },
        // Another user of this browser may have been sent the same link.
        startAfresh: () => location.reload(),
        random: Math.random,
        now: Date.now,
      },
    });
  }

  /** Connects, and listens to the window for as long as the page lives. */
  start(): void {
    listenToWindow(this.connection);
    this.connection.start();
  }

  /** Why the link shows nothing, as the server said last; null: it shows something, or it is not known yet. */
  fault = this.#fault.get;

  onFault = this.#fault.subscribe;

  retry = (): void => this.connection.send({ type: 'user.retried' });

  #hear(frame: ServerFrame): void {
    if (!('type' in frame) || (frame.type !== 'fault' && frame.type !== 'welcome')) return;
    this.#fault.set(frame.type === 'fault' ? frame.code : null);
  }

  /** What was said before what is shown, one page of it. Rejects where it could not be had. */
  async loadEarlier(): Promise<void> {
    const { before } = this.store.view();
    if (before === null) return;
    const page = await sharedMessages(this.id, before);
    if (this.store.view().before === before) this.store.prepend(page.messages, page.before);
  }
}
