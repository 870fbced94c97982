/** What the operator lets users choose from, in the CLI's own words where it has told them. */
import type { Choice, CommandOffer, ModelOffer } from '../transport/protocol.ts';
import { isRepositoryName } from './directory.ts';
import type { Introduction } from './introduction.ts';

/** What `--effort` takes. */
const EFFORTS: readonly string[] = ['low', 'medium', 'high', 'xhigh', 'max'];

export interface OfferSettings {
  readonly claudeModel: string | null;
  readonly claudeModels: readonly string[] | null;
  readonly claudeCommands: readonly string[] | null;
}

export class ClaudeOffers {
  readonly #settings: OfferSettings;
  readonly repositories: boolean;
  /** Until the CLI has told more, models and commands are offered by their bare names. */
  #known: Introduction = { models: [], commands: [] };

  constructor(settings: OfferSettings, repositories: boolean) {
    this.#settings = settings;
    this.repositories = repositories;
  }

  learn(introduction: Introduction): void {
    this.#known = introduction;
  }

  /** As a client is told. */
  get told() {
    const { models, commands, repositories } = this;
    return { models, commands, repositories };
  }

  get models(): readonly ModelOffer[] {
    return (this.#settings.claudeModels ?? []).map((id) => {
      const { models } = this.#known;
      const known =
        models.find(({ value }) => value === id) ??
        models.find(({ value, resolved }) => resolved === id && value !== 'default');
      const efforts = known?.efforts.filter((effort) => EFFORTS.includes(effort)) ?? [];
      return { id, name: known?.name || id, efforts };
    });
  }

  get commands(): readonly CommandOffer[] {
    return this.commandNames.map((name) => {
      const known = this.#known.commands.find(({ names }) => names.includes(name));
      const { description = '', argumentHint = '' } = known ?? {};
      return { name, description, argumentHint };
    });
  }

  get commandNames(): readonly string[] {
    return this.#settings.claudeCommands ?? [];
  }

  /** Whether all of it is on offer now. */
  holds({ model, effort, repository }: Choice): boolean {
    const id = model ?? this.#settings.claudeModel;
    const offer = this.models.find((one) => one.id === id);
    if (model !== null && offer === undefined) return false;
    if (effort !== null && !offer?.efforts.includes(effort)) return false;
    return repository === null || (this.repositories && isRepositoryName(repository));
  }

  /**
   * What of a kept choice still stands: the operator may have taken a model off the list since. A repository
   * stays, as its clone does.
   */
  standing({ model, effort, repository }: Choice): Choice {
    const stands = model === null || (this.#settings.claudeModels ?? []).includes(model);
    const hasEffort = effort !== null && EFFORTS.includes(effort);
    const mayHaveEffort = stands && this.#settings.claudeModels !== null;
    return {
      model: stands ? model : null,
      effort: hasEffort && mayHaveEffort ? effort : null,
      repository,
    };
  }
}
