/** A server process that runs the pinned CLI against a scripted API, under the operator's settings of a test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestClient } from './client.ts';
import { realCliSettings } from './messages-api.ts';
import type { ScriptedApi } from './scripted-api.ts';
import { ServedProcess } from './served-process.ts';

export interface OperatorServer {
  readonly served: ServedProcess;
  readonly dataDir: string;
  connect(user: string): Promise<TestClient>;
}

const dirs: string[] = [];

/** A directory that `removeDirs` removes. */
export function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-'));
  dirs.push(dir);
  return dir;
}

export function removeDirs(): void {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

/** The path of a new file with this text. */
export function newFile(name: string, text: string): string {
  const file = join(newDir(), name);
  writeFileSync(file, text);
  return file;
}

/** Bash runs without being asked for. */
export function bashAllowed(): Record<string, string> {
  const text = JSON.stringify({ permissions: { allow: ['Bash'] } });
  return { CHAT_CLAUDE_SETTINGS_FILE: newFile('settings.json', text) };
}

export async function startOperatorServer(
  api: ScriptedApi,
  env: Record<string, string>,
  dataDir = newDir(),
): Promise<OperatorServer> {
  const served = await ServedProcess.start(dataDir, { ...realCliSettings(api), ...env });
  const connect = async (user: string) =>
    TestClient.open(served.webSocketUrl, served.origin, await served.cookieFor(user));
  return { served, dataDir, connect };
}
