import type { AgentInfo } from '../../transport/protocol.ts';

/** Says plainly that a stand-in answers, so that nobody takes a script for Claude. */
export function AgentBanner({ agent }: { agent: AgentInfo | null }) {
  if (agent?.kind !== 'demo') return null;
  return (
    <aside className="banner" aria-label="About the agent">
      {agent.notice ?? 'This is a demo agent: a script answers here, not Claude.'}
    </aside>
  );
}
