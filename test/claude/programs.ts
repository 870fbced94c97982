/** Launches of small real programs in a directory of their own. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEMO_COMMAND } from '../../src/claude/agent.ts';
import { type ClaudeSettings, type Launch, MARKER } from '../../src/claude/launch.ts';
import { UNCONFINED } from '../../src/claude/sandbox.ts';

const program = (name: string) =>
  fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url));
const transcript = (name: string) =>
  fileURLToPath(new URL(`../fixtures/transcripts/${name}.ndjson`, import.meta.url));

/** A directory that is gone after the tests of this file. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-'));
  after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

const cwd = tempDir();

export function launchOf(command: readonly string[], env: Record<string, string> = {}): Launch {
  const [first = '', ...args] = command;
  const marker = randomUUID();
  return { command: first, args, cwd, env: { ...env, [MARKER]: marker }, marker, seed: null };
}

/** A program that reacts as `script` says; see test/fixtures/programs/scripted.ts. */
export function scripted(script: Record<string, readonly unknown[]>): readonly string[] {
  return [process.execPath, program('scripted.ts'), JSON.stringify(script)];
}

/** A program that says what the CLI said in a recording. */
export function replaying(recording: string, cutAfterLines?: number): readonly string[] {
  const cut = cutAfterLines === undefined ? [] : [String(cutAfterLines)];
  return [process.execPath, program('replay.ts'), transcript(recording), ...cut];
}

/** A program that answers with so many numbered words at once; `floodText` is what it says. */
export function flooding(words: number): readonly string[] {
  return [process.execPath, program('flood.ts'), String(words)];
}

export function floodText(words: number): string {
  return Array.from({ length: words }, (_, i) => `${i} `).join('');
}

export const demo = DEMO_COMMAND;

/** A few lines of JavaScript as a program. */
export function node(source: string, ...args: string[]): readonly string[] {
  return [process.execPath, '--input-type=module', '-e', source, ...args];
}

/** Settings under which everything a Claude process touches is in `dataDir`. */
export function settingsIn(dataDir: string, given: Partial<ClaudeSettings> = {}): ClaudeSettings {
  return {
    dataDir,
    claudeConfigDir: null,
    workspaceDir: null,
    claudeModel: null,
    claudeTools: null,
    permissionMode: 'default',
    anthropicApiKey: null,
    anthropicAuthToken: null,
    claudeOauthToken: null,
    anthropicBaseUrl: null,
    claudeSettingsFile: null,
    claudeMcpConfigFile: null,
    claudeSystemPromptFile: null,
    claudeDeny: null,
    confinement: UNCONFINED,
    inherited: { PATH: process.env.PATH ?? '' },
    ...given,
  };
}

/** Whether a process exists and is not a zombie that nobody has collected yet. */
export async function lives(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/^\d+ \(.*\) Z/.test(status);
}

/** Resolves when the process has gone; the test's own timeout bounds it. */
export async function gone(pid: number): Promise<void> {
  while (await lives(pid)) await new Promise(setImmediate);
}

export async function environOf(pid: number): Promise<Record<string, string>> {
  const environ = await readFile(`/proc/${pid}/environ`, 'utf8');
  const entries = environ.split('\0').filter((entry) => entry !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
