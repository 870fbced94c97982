import type {
  CapsuleSteps,
  CapsuleView,
  Chart,
  OpsAct,
  OpsClientFrame,
  OpsServerFrame,
} from '../../transport/ops/protocol.ts';
import { ask } from '../api.ts';
import { Watched } from '../watched.ts';
import { Line, type LineParts } from './line.ts';
import { follow, lineChanged, type OpsState, receive, replied, START } from './state.ts';

/** Null: the line went down before it came. */
export type Answer = Extract<OpsServerFrame, { type: 'reply' }> | null;

/** What the page's parts ask of the server. */
export interface OpsApi {
  charts(): Promise<{ charts: Chart[] }>;
  capsules(): Promise<{ capsules: CapsuleView[] }>;
  steps(name: string): Promise<CapsuleSteps>;
}

const get = <T>(path: string) => ask<T>('GET', new URL(path, document.baseURI).href);

export const opsApi: OpsApi = {
  charts: () => get('charts'),
  capsules: () => get('capsules'),
  steps: (name) => get(`capsules/${encodeURIComponent(name)}/steps`),
};

/** All the page knows, outside of its components, and the line it comes over. */
export class OpsClient {
  readonly api: OpsApi;
  readonly #known = new Watched<OpsState>(START);
  readonly #line: Line;
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #nextRef = 1;
  #charts: ReturnType<OpsApi['charts']> | null = null;

  constructor(parts: Omit<LineParts, 'receive' | 'changed'>, api: OpsApi = opsApi) {
    this.api = api;
    this.#line = new Line({
      ...parts,
      receive: (frame) => this.#receive(frame),
      changed: (line) => {
        this.#set(lineChanged(this.#state, line));
        if (line.is !== 'live') return this.#giveUp();
        const { followed } = this.#state;
        if (followed) this.#askFollow(followed.actor);
      },
    });
  }

  readonly subscribe = this.#known.subscribe;
  readonly state = this.#known.get;

  /** Asked for once, as they are the same for as long as the server lives; again only after a failure. */
  readonly charts = (): ReturnType<OpsApi['charts']> => {
    this.#charts ??= this.api.charts().catch((error: unknown) => {
      this.#charts = null;
      throw error;
    });
    return this.#charts;
  };

  /** Also for a try that comes earlier than its time. */
  start(): void {
    this.#line.start();
  }

  stop(): void {
    this.#line.stop();
  }

  /** @param actor `*`: all; null: nobody. */
  follow(actor: string | null): void {
    this.#set(follow(this.#state, actor));
    if (!this.#send({ type: 'follow', ref: this.#ref(), actor })) this.#set(replied(this.#state));
  }

  act(act: OpsAct): Promise<Answer> {
    const ref = this.#ref();
    return new Promise((resolve) => {
      this.#waiting.set(ref, resolve);
      if (!this.#send({ type: 'act', ref, ...act })) this.#answer(ref, null);
    });
  }

  #askFollow(actor: string): void {
    if (this.#send({ type: 'follow', ref: this.#ref(), actor }))
      this.#set({ ...this.#state, unanswered: this.#state.unanswered + 1 });
  }

  #receive(frame: OpsServerFrame): void {
    if (frame.type !== 'reply') return this.#set(receive(this.#state, frame));
    if (this.#waiting.has(frame.ref)) return this.#answer(frame.ref, frame);
    this.#set(replied(this.#state));
  }

  #answer(ref: string, answer: Answer): void {
    this.#waiting.get(ref)?.(answer);
    this.#waiting.delete(ref);
  }

  #giveUp(): void {
    for (const ref of [...this.#waiting.keys()]) this.#answer(ref, null);
  }

  #send(frame: OpsClientFrame): boolean {
    return this.#state.line.is === 'live' && this.#line.send(frame);
  }

  #ref(): string {
    this.#nextRef += 1;
    return `o${this.#nextRef}`;
  }

  get #state(): OpsState {
    return this.#known.get();
  }

  #set(state: OpsState): void {
    this.#known.set(state);
  }
}
