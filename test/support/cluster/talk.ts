/** One conversation and the two tabs that have it open, which prompt, stop and answer as chance has it. */
import type { PromptSent } from './account.ts';
import type { Cluster } from './cluster.ts';
import { moment } from './moment.ts';
import type { Tab } from './tab.ts';

export interface TalkParts {
  readonly cluster: Cluster;
  readonly user: string;
  readonly tabs: readonly [Tab, Tab];
  readonly random: () => number;
}

export class Talk {
  readonly prompts: PromptSent[] = [];
  readonly key: string;
  readonly tabs: readonly [Tab, Tab];
  readonly user: string;
  readonly #cluster: Cluster;
  readonly #random: () => number;

  constructor({ cluster, user, tabs, random }: TalkParts) {
    this.#cluster = cluster;
    this.user = user;
    this.tabs = tabs;
    this.#random = random;
    this.key = `${user}/${tabs[0].threadId}`;
  }

  /** One turn, or two in a row; resolves when they have ended, however they did. */
  async turn(): Promise<void> {
    const [one, other] = this.#random() < 0.5 ? this.tabs : [this.tabs[1], this.tabs[0]];
    if (this.#random() < 0.1) other.drop();
    const kind = this.#random();
    if (kind < 0.15) await this.#abort(one, other);
    else if (kind < 0.3) await this.#ask(one, other);
    else if (kind < 0.45) await Promise.all([this.#prompt(one), this.#prompt(other)]);
    else await this.#prompt(one);
  }

  async #prompt(tab: Tab): Promise<void> {
    const sent = this.#send(tab, this.#random() < 0.1 ? ' stubborn' : '');
    if (await this.#accepted(tab, sent)) await tab.runEnded(sent.runId);
  }

  async #abort(tab: Tab, other: Tab): Promise<void> {
    const sent = this.#send(tab);
    if (!(await this.#accepted(tab, sent))) return;
    await other.runStarted(sent.runId);
    sent.aborted = true;
    await other.replyTo(other.wish('abort', sent.runId));
    await tab.runEnded(sent.runId);
  }

  async #ask(tab: Tab, other: Tab): Promise<void> {
    const sent = this.#send(tab, ' ask');
    if (!(await this.#accepted(tab, sent))) return;
    const end = await other.runEnded(sent.runId);
    if (end.type !== 'RUN_FINISHED' || end.outcome?.type !== 'interrupt') return;
    const [question] = end.outcome.interrupts;
    const runId = other.answer(sent.runId, question?.id ?? '', this.#random() < 0.7);
    const answer = {
      ...sent,
      runId,
      isAnswer: true,
      words: WORDS,
      sentAt: moment(),
      acceptedAt: null,
    };
    this.prompts.push(answer);
    if (await this.#accepted(other, answer, ['approval.answered'])) await other.runEnded(runId);
  }

  /** @param refusals What it may be refused for. */
  async #accepted(tab: Tab, sent: PromptSent, refusals: readonly string[] = []): Promise<boolean> {
    const fault = await tab.replyTo(sent.runId);
    if (fault === null) sent.acceptedAt = moment();
    else if (!refusals.includes(fault))
      this.#cluster.troubles.push(`${tab.name}: a prompt was refused, ${fault}`);
    return fault === null;
  }

  #send(tab: Tab, more = ''): PromptSent {
    const tag = `${this.user}-${this.tabs[0].threadId.slice(0, 6)}-${this.prompts.length}`;
    const words = more === ' ask' ? 0 : WORDS;
    const sent = {
      tag,
      words,
      isAnswer: false,
      sentAt: moment(),
      acceptedAt: null,
      aborted: false,
    };
    const runId = tab.prompt(`tag ${tag} words ${WORDS} every ${WORD_MS}${more}`);
    const prompt = { ...sent, runId };
    this.prompts.push(prompt);
    return prompt;
  }
}

const WORDS = 30;
const WORD_MS = 40;
