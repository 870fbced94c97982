/** What a client is told of the server, of itself and of what it may choose, when it says `hello`. */
import type { Identity } from '../machines/session.events.ts';
import { encodeCursor, type Position } from '../store/store.ts';
import type { AgentInfo, DirectFrame, LimitViews, Offers } from './protocol.ts';

export interface WelcomeParts {
  readonly limits: (user: string) => Promise<LimitViews>;
  readonly agent: AgentInfo;
  /** What keeps Claude's processes apart from the rest of the machine. */
  readonly sandbox: 'bwrap' | 'none';
  readonly version: string;
  readonly maxPromptBytes: number;
  readonly offers: () => Offers;
}

export async function welcome(
  { limits, agent, sandbox, version, maxPromptBytes, offers }: WelcomeParts,
  { user, operator }: Identity,
  threadId: string,
  head: Position | null,
): Promise<Extract<DirectFrame, { type: 'welcome' }>> {
  return {
    type: 'welcome',
    protocol: 1,
    version,
    user,
    operator,
    threadId,
    head: head && encodeCursor(head),
    limits: await limits(user),
    agent,
    sandbox,
    maxPromptBytes,
    offers: offers(),
    now: Date.now(),
  };
}
