/** Where a conversation works: the one place that says so. */
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** `owner/name`: two plain segments, so that it is a path below the workspace and nothing else. */
const REPOSITORY = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

export function isRepositoryName(name: string): boolean {
  return REPOSITORY.test(name) && !name.includes('..') && !/\.(git|wiki)$/i.test(name);
}

/** @param repository The clone the conversation began on, below its user's workspace; null: the workspace itself. */
export function workingDirectory(workspace: string, repository: string | null): string {
  if (repository === null) return workspace;
  if (!isRepositoryName(repository)) throw new Error('a repository has an impossible name');
  return join(workspace, ...repository.split('/'));
}

/**
 * The same, made where it is missing: a clone that was deleted leaves an empty folder to go on in.
 * @throws When a link in the workspace leads it elsewhere.
 */
export function openWorkingDirectory(workspace: string, repository: string | null): string {
  const directory = workingDirectory(workspace, repository);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (repository !== null && realpathSync(directory) !== join(realpathSync(workspace), repository))
    throw new Error('the clone of a repository is not where it was made');
  return directory;
}
