/** What the process's signals to end mean. */

/** Faster than anybody presses Ctrl-C twice. */
const ECHO_MS = 100;

export interface EndParts {
  readonly drain: () => void;
  readonly exitNow: () => void;
  readonly now: () => number;
}

/** The first signal drains; a second one, from somebody who waits no longer, ends the process at once. */
export function onEndSignal({ drain, exitNow, now }: EndParts): (signal: NodeJS.Signals) => void {
  let since: number | null = null;
  return (signal) => {
    if (since === null) {
      since = now();
      return drain();
    }
    // One Ctrl-C comes twice under `npm start`: from the terminal, and from npm, which passes its own on.
    if (signal === 'SIGINT' && now() - since < ECHO_MS) return;
    exitNow();
  };
}
