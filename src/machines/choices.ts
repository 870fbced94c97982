/**
 * What users choose for their conversations, within what is on offer. One conversation's choices are made one
 * after the other; a clone is made before the choice of it is kept.
 */
import { workingDirectory } from '../claude/directory.ts';
import { mayExpand } from '../claude/expansion.ts';
import type { ClaudeOffers } from '../claude/offers.ts';
import { FaultError } from '../faults.ts';
import { type ConversationKey, type Store, userOf } from '../store/store.ts';
import type { Choice } from '../transport/protocol.ts';

export interface ChoicesParts {
  readonly store: Store;
  readonly offers: ClaudeOffers;
  readonly workspaceOf: (user: string) => string;
  /** Resolves when the workspace holds the repository. @throws {FaultError} `repository.*`. */
  readonly clone: (workspace: string, repository: string, stopping: AbortSignal) => Promise<void>;
}

export class Choices {
  readonly #parts: ChoicesParts;
  readonly #making = new Map<ConversationKey, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(parts: ChoicesParts) {
    this.#parts = parts;
  }

  /** What a conversation is set to, as far as it is still on offer. */
  async of(key: ConversationKey): Promise<Choice> {
    return this.#parts.offers.standing(await this.#parts.store.choice(key));
  }

  /** Where a conversation works; what has not begun yet, too. */
  async directoryOf(key: ConversationKey): Promise<string> {
    return this.#directory(userOf(key), await this.of(key));
  }

  /** Whether the CLI may run the command in a prompt, and read the files it mentions. */
  mayExpand(user: string, text: string, choice: Choice): boolean {
    const commands = this.#parts.offers.commandNames;
    return mayExpand(text, { commands, directory: this.#directory(user, choice) });
  }

  /** @throws {FaultError} `choice.refused`, `repository.*`: nothing is changed then. */
  choose(key: ConversationKey, change: Partial<Choice>): Promise<Choice> {
    const before = this.making(key) ?? Promise.resolve();
    const made = before.then(() => this.#choose(key, change));
    const settled = made.then(
      () => {},
      () => {},
    );
    this.#making.set(key, settled);
    void settled.then(() => this.#making.get(key) === settled && this.#making.delete(key));
    return made;
  }

  /** What is being chosen for it, settled when that is over: a prompt that comes meanwhile waits for it. */
  making(key: ConversationKey): Promise<void> | undefined {
    return this.#making.get(key);
  }

  /** Gives up what is being cloned. */
  stop(): void {
    this.#stopping.abort();
  }

  async #choose(key: ConversationKey, change: Partial<Choice>): Promise<Choice> {
    const { store, offers, clone, workspaceOf } = this.#parts;
    const kept = await this.of(key);
    const choice = { ...kept, ...change };
    const moved = choice.repository === kept.repository ? null : choice.repository;
    if (!offers.holds({ ...choice, repository: moved })) throw new FaultError('choice.refused');
    const mayMove = choice.repository === kept.repository || !(await store.head(key)).exists;
    if (!mayMove) throw new FaultError('choice.refused');
    if (moved !== null) await clone(workspaceOf(userOf(key)), moved, this.#stopping.signal);
    if (!(await store.choose(key, choice))) throw new FaultError('choice.refused');
    return choice;
  }

  #directory(user: string, { repository }: Choice): string {
    return workingDirectory(this.#parts.workspaceOf(user), repository);
  }
}
