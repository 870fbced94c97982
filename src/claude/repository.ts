/** A clone of one repository of the configured forge, in a user's workspace. */
import { lstat, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../faults.ts';
import { bytesBelow } from './disk-use.ts';
import { type GitSettings, git } from './git.ts';

const CLONE_MS_MAX = 5 * 60_000;
const ANSWER_MS = 10_000;
/** How often a clone that grows is measured. */
const MEASURE_MS = 1_000;
/** Clones are made under such a name and then moved; one that is older than any can be was left behind. */
const PART = '.greenroom-clone-';

export interface Forge {
  readonly url: URL;
  /** Reads repositories; null: only what is public is read. */
  readonly token: string | null;
  /** A clone that grows larger is given up. */
  readonly bytesMax: number;
  readonly inherited: GitSettings['inherited'];
}

/**
 * Makes `workspace/owner/name` a clone of that repository, or leaves it as it is where it is one already.
 * @param name `owner/name`, checked.
 * @param id Unique, and safe as a part of a file's name.
 * @throws {FaultError} `repository.unknown` or `repository.failed`; nothing is left behind then.
 */
export async function cloneRepository(
  forge: Forge,
  workspace: string,
  name: string,
  id: string,
  stopping: AbortSignal,
): Promise<void> {
  const target = join(workspace, name);
  const url = `${baseOf(forge)}/${name}.git`;
  const part = join(workspace, PART + id);
  try {
    if (await isThere(target)) return await checkRemote(forge, target, url, stopping);
    await askForge(forge, url, stopping);
    await mkdir(workspace, { recursive: true, mode: 0o700 });
    await clearLeftOver(workspace);
    await clone(forge, url, part, stopping);
    await move(part, workspace, name).catch(async (error: unknown) => {
      if (!(await isThere(target))) throw error;
      await checkRemote(forge, target, url, stopping); // another conversation was quicker
    });
  } catch (error) {
    if (error instanceof FaultError) throw error;
    throw new FaultError('repository.failed', (error as Error).message);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Why git failed it tells in sentences only; what the forge thinks of the wish is a status. */
async function askForge({ token }: Forge, url: string, stopping: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/info/refs?service=git-upload-pack`, {
    headers: token === null ? {} : { Authorization: basic(token) },
    signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]),
    redirect: 'manual',
  });
  await answer.body?.cancel();
  if (answer.ok) return;
  const isDenied = answer.status < 500 && answer.status !== 429;
  throw new FaultError(isDenied ? 'repository.unknown' : 'repository.failed', `${answer.status}`);
}

async function clone(forge: Forge, url: string, part: string, stopping: AbortSignal) {
  const tooLarge = new AbortController();
  const ended = new AbortController();
  const measured = watchSize(part, forge.bytesMax, tooLarge, ended.signal);
  const signal = AbortSignal.any([stopping, tooLarge.signal, AbortSignal.timeout(CLONE_MS_MAX)]);
  const args = ['clone', '--quiet', '--no-recurse-submodules', '--template=', '--', url, part];
  try {
    await git(gitSettings(forge), args, signal);
  } finally {
    ended.abort();
    await measured;
  }
  if ((await bytesBelow(part, forge.bytesMax)) > forge.bytesMax) throw new Error('too large');
}

/** Until `ended`. */
async function watchSize(
  folder: string,
  bytesMax: number,
  tooLarge: AbortController,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    if ((await bytesBelow(folder, bytesMax)) > bytesMax) return tooLarge.abort();
    await sleep(MEASURE_MS, undefined, { signal: ended }).catch(() => {});
  }
}

/** Into the owner's folder, which must be one: what runs in the workspace could have put a link there. */
async function move(part: string, workspace: string, name: string): Promise<void> {
  const [owner = ''] = name.split('/');
  await mkdir(join(workspace, owner), { recursive: true, mode: 0o700 });
  const real = await realpath(join(workspace, owner));
  if (real !== join(await realpath(workspace), owner)) throw new Error('a link is in the way');
  await rename(part, join(workspace, name));
}

/** Read from its file alone: in a folder that others write, git itself could be told to run things. */
async function checkRemote(forge: Forge, target: string, url: string, stopping: AbortSignal) {
  const file = join(target, '.git', 'config');
  const args = ['config', '--no-includes', '--file', file, '--get', 'remote.origin.url'];
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]);
  const remote = await git(gitSettings(forge), args, signal);
  if (remote.trim() !== url) throw new Error('another folder of that name is in the way');
}

async function clearLeftOver(workspace: string): Promise<void> {
  for (const name of await readdir(workspace)) {
    if (!name.startsWith(PART)) continue;
    const { ctimeMs } = await lstat(join(workspace, name));
    if (Date.now() - ctimeMs > 2 * CLONE_MS_MAX)
      await rm(join(workspace, name), { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function gitSettings(forge: Forge): GitSettings {
  const { inherited, token } = forge;
  const authorization = token === null ? null : { url: baseOf(forge), header: basic(token) };
  return { inherited, authorization };
}

function baseOf({ url }: Forge): string {
  return url.href.replace(/\/+$/, '');
}

/** Forges take a token for a password, under any name. */
function basic(token: string): string {
  return `Basic ${Buffer.from(`greenroom:${token}`).toString('base64')}`;
}
