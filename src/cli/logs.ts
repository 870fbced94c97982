/** The log of a server: where it goes, and the first it says. */

import { createLog, type Log } from '../telemetry/log.ts';
import { terminalLines } from '../telemetry/terminal-lines.ts';
import type { AgentInfo } from '../transport/protocol.ts';

/** @param node What this server is called among those that share a store; null: it shares none. */
export async function openLog(level: string, node: string | null): Promise<Log> {
  const log = createLog(level, await terminalLines(process.stderr));
  return node === null ? log : log.child({ node });
}

export function logStart(log: Log, { kind, version, notice }: AgentInfo, url: string): void {
  log.info({ url, agent: kind, agentVersion: version }, 'listening');
  if (notice !== null) log.warn({ notice }, 'no Claude here: the demo agent answers');
}
