/** What Claude may do on this server, as its users are told. */
import type { Config } from '../config.ts';
import type { AgentRules } from '../transport/protocol.ts';

type Rules = Pick<Config, 'permissionMode' | 'claudeTools' | 'claudeDeny' | 'workspaceDir'>;

export function rulesOf({
  permissionMode,
  claudeTools,
  claudeDeny,
  workspaceDir,
}: Rules): AgentRules {
  return {
    permissionMode,
    tools: toolsOf(claudeTools),
    never: claudeDeny ?? [],
    sharesWorkspace: workspaceDir !== null,
  };
}

function toolsOf(setting: string | null): readonly string[] | null {
  if (setting === null) return null;
  return setting === 'none' ? [] : setting.split(',').map((name) => name.trim());
}
