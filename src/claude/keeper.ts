/**
 * A Claude process that outlives its server's right to run it is ended by a keeper: a shell beside it that kills it,
 * and all it started, once it has heard no heartbeat for a while, or once the pipe they come by is closed. It works
 * while the server is stopped (SIGSTOP) or dead, which leave children running.
 *
 * The shell that is started forks the keeper and becomes the program by exec: pid, exit, signals and pipes are those
 * of the program itself, and nothing it says passes through the keeper.
 */
import type { Heartbeats } from './heartbeats.ts';
import type { Launch } from './launch.ts';

/** Where the program's end of the pipe is. 3 is what the sandbox tells on. */
export const BEAT_FD = 4;
/** As many as in `sweep`; what was killed takes a moment to go. */
const PASSES_MAX = 50;

export interface Keeper {
  /**
   * A shell whose `read` knows a time limit, and its options. bash whose input is a socket believes that a network
   * started it and runs ~/.bashrc, which is the user's, and would be run outside the sandbox.
   */
  readonly program: readonly [string, ...string[]];
  /** Takes the keeper out of the server's process group, which may be stopped as one; null: not installed. */
  readonly setsid: string | null;
  /** How long the program lives on without a heartbeat. */
  readonly silenceMs: number;
  readonly heartbeats: Heartbeats;
}

/**
 * $1: the keeper's script; $2: seconds of silence; $3: its shell; $4: `setsid` or nothing; then the program. The
 * keeper closes what it inherits of the program's pipes, or nobody would notice their ends. Its input is no socket,
 * so that it reads no file of the user's.
 */
const START = `keep=$1 silence=$2 shell=$3 setsid=$4
shift 4
$setsid "$shell" -c "$keep" keeper $$ "$silence" </dev/null >/dev/null 2>&1 3>&- &
exec "$@" ${BEAT_FD}<&-`;

/**
 * $1: the program's pid; $2: seconds of silence. Its parent is the program until that has gone, so a pid that is
 * somebody else's by then is not killed. bwrap's end is the end of all inside; without it, what carries the marker is
 * sought as `sweep` does, without the keeper itself. `grep` is started without the marker, or it would find itself.
 */
const KEEP = `trap '' HUP INT QUIT TERM
cd /
mark="GREENROOM_PROCESS=$GREENROOM_PROCESS"
unset GREENROOM_PROCESS
while read -r -t "$2" beat <&${BEAT_FD}; do :; done
read -r self name state parent rest </proc/self/stat
[ "$parent" = "$1" ] && kill -9 "$1"
pass=0
while [ $pass -lt ${PASSES_MAX} ]; do
  pass=$((pass + 1)) found=
  for file in $(grep -lszxF -e "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/} pid=\${pid%/environ}
    [ "$pid" = "$self" ] || { found=1; kill -9 "$pid"; }
  done
  [ -n "$found" ] || exit 0
done`;

/** The same launch with a keeper beside it. */
export function kept(launch: Launch, keeper: Keeper | undefined): Launch {
  if (keeper === undefined) return launch;
  const { setsid, silenceMs, heartbeats } = keeper;
  const [shell, ...options] = keeper.program;
  const own = [KEEP, String(silenceMs / 1_000), shell, setsid ?? ''];
  const args = [...options, '-c', START, 'keeper', ...own, launch.command, ...launch.args];
  return { ...launch, command: shell, args, heartbeats };
}
