/** The log of a server: where it goes, and the first it says. */

import { createLog, type Log } from '../telemetry/log.ts';
import { terminalLines } from '../telemetry/terminal-lines.ts';
import type { AgentInfo } from '../transport/protocol.ts';

export async function openLog(level: string): Promise<Log> {
  return createLog(level, await terminalLines(process.stderr));
}

export function logStart(log: Log, { kind, version, notice }: AgentInfo, url: string): void {
  log.info({ url, agent: kind, agentVersion: version }, 'listening');
  if (notice !== null) log.warn({ notice }, 'no Claude here: the demo agent answers');
}
