/** A user's own workspace, made once. */
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type ClaudeSettings, userDirs } from './launch.ts';

const run = promisify(execFile);

/** It takes some ten milliseconds; without a repository all works but looking back. */
const GIT_INIT_MS = 5_000;

/**
 * Makes a user's scratch workspace a git repository while it is empty, where git is installed: Claude then can
 * show and undo what it changed. The operator's own workspace is left as it is. Without git it is a directory.
 */
export async function openWorkspace(settings: ClaudeSettings, user: string): Promise<void> {
  const { workspace } = userDirs(settings, user);
  if (settings.workspaceDir !== null) return;
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  if ((await readdir(workspace)).length > 0) return;
  const args = ['init', '--quiet', '--template=', '--initial-branch=main', workspace];
  await run('git', args, { env: settings.inherited, timeout: GIT_INIT_MS }).catch(() => {});
}
