/** What users may choose from in a test: nothing, unless it says so. */
import { ClaudeOffers, type OfferSettings } from '../../src/claude/offers.ts';
import { Choices, type ChoicesParts } from '../../src/machines/choices.ts';
import type { Store } from '../../src/store/store.ts';

export interface GivenChoices extends Partial<OfferSettings> {
  /** Set: repositories are on offer, and this clones them. */
  readonly clone?: ChoicesParts['clone'];
}

export function choicesOn(store: Store, { clone, ...given }: GivenChoices = {}): Choices {
  const settings = { claudeModel: null, claudeModels: null, claudeCommands: null, ...given };
  return new Choices({
    store,
    offers: new ClaudeOffers(settings, clone !== undefined),
    workspaceOf: (user) => `/nonexistent/${user}`,
    clone: clone ?? (() => Promise.reject(new Error('there is no forge'))),
  });
}
