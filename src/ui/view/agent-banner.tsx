import type { AgentInfo } from '../../transport/protocol.ts';
import { words } from '../words/words.ts';

/** Says plainly that a stand-in answers, so that nobody takes a script for Claude. */
export function AgentBanner({ agent }: { agent: AgentInfo | null }) {
  if (agent?.kind !== 'demo') return null;
  return (
    <aside className="banner" aria-label={words.view.aboutAgent}>
      {agent.notice ?? words.view.demoAgent}
    </aside>
  );
}
