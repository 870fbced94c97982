/** Whose workspace is where. */
import { Workspace, type WorkspaceBounds } from './workspace.ts';

/**
 * One workspace a folder, so that users who share one share its quota. Kept as long as the server runs: a few
 * numbers each.
 */
export function workspaces(
  topOf: (user: string) => string,
  bounds: WorkspaceBounds,
  now: () => number,
): (user: string) => Workspace {
  const byTop = new Map<string, Workspace>();
  return (user) => {
    const top = topOf(user);
    const workspace = byTop.get(top) ?? new Workspace(top, bounds, now);
    byTop.set(top, workspace);
    return workspace;
  };
}
