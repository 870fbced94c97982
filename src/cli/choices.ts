/** Wires what users may choose from: the operator's lists, the CLI's own words about them, and the forge. */
import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import { type Agent, executable } from '../claude/agent.ts';
import type { Credentials } from '../claude/credentials.ts';
import { askIntroduction } from '../claude/introduction.ts';
import { type ClaudeSettings, launchClaude, userDirs } from '../claude/launch.ts';
import { ClaudeOffers } from '../claude/offers.ts';
import { cloneRepository } from '../claude/repository.ts';
import type { Config } from '../config.ts';
import { Choices } from '../machines/choices.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** Clones made at once; others wait, at most one for each socket. */
const CLONES_MAX = 2;

export interface ChoiceWiring {
  readonly config: Config;
  readonly settings: ClaudeSettings;
  readonly credentials: () => Credentials;
  readonly agent: Agent;
  readonly store: Store;
  readonly log: Log;
}

export interface WiredChoices {
  readonly offers: ClaudeOffers;
  readonly choices: Choices;
}

export async function wireChoices(parts: ChoiceWiring): Promise<WiredChoices> {
  const { config, settings, store, log } = parts;
  const { forgeUrl: url, forgeToken: token, repositoryBytesMax: bytesMax } = config;
  const hasGit = url !== null && (await executable('git', settings)) !== null;
  if (url !== null && !hasGit) log.warn('FORGE_URL is set, but git is not installed');
  const clones = new PQueue({ concurrency: CLONES_MAX });
  const offers = new ClaudeOffers(config, hasGit);
  const choices = new Choices({
    store,
    offers,
    workspaceOf: (user) => userDirs(settings, user).workspace,
    clone: async (workspace, name, stopping) => {
      if (url === null) throw new Error('there is no forge');
      const forge = { url, token, bytesMax, inherited: settings.inherited };
      await clones.add(() => cloneRepository(forge, workspace, name, randomUUID(), stopping));
    },
  });
  // The server does not wait for it: until the CLI has told more, bare names are offered.
  introduce(parts, offers).catch((error: unknown) =>
    log.warn({ err: error }, 'the CLI could not be asked for its models and commands'),
  );
  return { offers, choices };
}

/** Asks the CLI once, as the local user's process, where anything of it is on offer. */
async function introduce(parts: ChoiceWiring, offers: ClaudeOffers) {
  const { config, settings, credentials, agent } = parts;
  if (config.claudeModels === null && config.claudeCommands === null) return;
  const launch = launchClaude(settings, {
    command: agent.command,
    user: 'local',
    sessionId: randomUUID(),
    id: randomUUID(),
    credentials: credentials(),
  });
  const introduction = await askIntroduction(launch);
  if (introduction !== null) offers.learn(introduction);
}
