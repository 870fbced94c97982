/** What “for this conversation” may add to the CLI's rules: nothing on disk, nothing beyond the operator's mode. */

export type PermissionUpdate = Record<string, unknown>;

/** From the strictest to the freest; a mode that is not here is never switched to. */
const MODES: readonly unknown[] = ['plan', 'default', 'acceptEdits'];

/** @param suggestions As the CLI makes them: mostly for `localSettings`, which is a file. */
export function forConversation(
  suggestions: readonly PermissionUpdate[],
  operatorMode: string,
): PermissionUpdate[] {
  return suggestions
    .filter((update) => staysWithin(update, operatorMode))
    .map((update) => ({ ...update, destination: 'session' }));
}

function staysWithin({ type, behavior, mode }: PermissionUpdate, operatorMode: string): boolean {
  switch (type) {
    case 'addRules':
      return behavior === 'allow';
    case 'addDirectories':
      return true;
    case 'setMode':
      return MODES.includes(mode) && MODES.indexOf(mode) <= rank(operatorMode);
    default:
      return false;
  }
}

/** An operator whose mode is bypass allows all that the others do. */
function rank(mode: string): number {
  return mode === 'bypassPermissions' ? MODES.length : MODES.indexOf(mode);
}
