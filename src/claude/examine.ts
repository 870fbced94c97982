/** What the agent's program says of itself where a conversation would run it, sandbox and limits included. */
import { mkdirSync } from 'node:fs';
import { within } from '../within.ts';
import { ClaudeChild } from './child.ts';
import { type ClaudeSettings, launchProgram, userDirs } from './launch.ts';
import { openWorkspace } from './workspace.ts';

/** `--version` takes 17 ms. */
const ANSWER_MS = 10_000;

/**
 * Runs `command --version` as a process of the local user's.
 * @returns Its first line, or its last words when there is none.
 */
export async function versionInPlace(
  settings: ClaudeSettings,
  command: readonly string[],
): Promise<{ line: string | null; words: string }> {
  const lines: string[] = [];
  await openWorkspace(settings, 'local');
  for (const dir of Object.values(userDirs(settings, 'local')))
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  const launch = launchProgram(settings, {
    command,
    user: 'local',
    args: ['--version'],
    id: crypto.randomUUID(),
  });
  const child = new ClaudeChild(launch, (read) => lines.push(...read));
  if (!(await within(child.exited, ANSWER_MS))) child.kill();
  const { startError, stderrTail } = await child.exited;
  return { line: lines[0] ?? null, words: startError ?? stderrTail.trim() };
}
