/** A client of the operators' socket. */
import { WebSocket } from 'ws';
import type {
  ActorEvent,
  ActorRow,
  OpsAct,
  OpsServerFrame,
  StatelyMessage,
} from '../../src/transport/ops/protocol.ts';
import { FrameClient } from './frame-client.ts';

type Of<T extends OpsServerFrame['type']> = Extract<OpsServerFrame, { type: T }>;

export class OpsClient extends FrameClient<OpsServerFrame> {
  #refs = 0;

  /** @param url Of the chat's socket. */
  static async open(url: string, origin: string, cookie: string): Promise<OpsClient> {
    const socket = new WebSocket(url.replace(/\/ws$/, '/ops/ws'), 'agui.v1', {
      headers: { Cookie: cookie, Origin: origin },
    });
    return new OpsClient(socket).opened();
  }

  of<T extends OpsServerFrame['type']>(type: T, from = 0): Promise<Of<T>> {
    return this.find((frame): frame is Of<T> => frame.type === type, from);
  }

  /** The list as it is after all that came. */
  get rows(): Map<string, ActorRow> {
    const rows = new Map<string, ActorRow>();
    for (const frame of this.frames) {
      if (frame.type !== 'actors' && frame.type !== 'changed') continue;
      for (const row of frame.rows) rows.set(row.id, row);
      for (const id of frame.type === 'changed' ? frame.gone : []) rows.delete(id);
    }
    return rows;
  }

  /** Waits until the list has such a row. */
  async row(passes: (row: ActorRow) => boolean): Promise<ActorRow> {
    await this.find(() => [...this.rows.values()].some(passes));
    return [...this.rows.values()].find(passes) as ActorRow;
  }

  get events(): ActorEvent[] {
    return this.frames.flatMap((frame) => (frame.type === 'events' ? frame.events : []));
  }

  async event(passes: (event: ActorEvent) => boolean): Promise<ActorEvent> {
    await this.find(() => this.events.some(passes));
    return this.events.find(passes) as ActorEvent;
  }

  async follow(actor: string | null): Promise<Of<'followed'>> {
    const from = this.frames.length;
    this.send({ type: 'follow', ref: this.#newRef(), actor });
    return this.of('followed', from);
  }

  get messages(): StatelyMessage[] {
    return this.frames.flatMap((frame) => (frame.type === 'stately' ? frame.messages : []));
  }

  async message(passes: (message: StatelyMessage) => boolean): Promise<StatelyMessage> {
    await this.find(() => this.messages.some(passes));
    return this.messages.find(passes) as StatelyMessage;
  }

  async stately(actor: string | null): Promise<Of<'reply'>> {
    const ref = this.#newRef();
    this.send({ type: 'stately', ref, actor });
    return this.#reply(ref);
  }

  async act(act: OpsAct): Promise<Of<'reply'>> {
    const ref = this.#newRef();
    this.send({ type: 'act', ref, ...act });
    return this.#reply(ref);
  }

  #reply(ref: string): Promise<Of<'reply'>> {
    return this.find((frame): frame is Of<'reply'> => frame.type === 'reply' && frame.ref === ref);
  }

  #newRef(): string {
    this.#refs += 1;
    return `r${this.#refs}`;
  }
}
