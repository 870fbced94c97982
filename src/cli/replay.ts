/** `greenroom replay FILE`: goes through a capsule again, and tells whether it ends as it did. */
import { readFile } from 'node:fs/promises';
import { type Capsule, type Replay, replay } from '../machines/inspection/capsule.ts';
import { readCapsule } from '../machines/inspection/read-capsule.ts';
import { stateName } from '../machines/inspection/shown.ts';
import { UsageError } from './usage.ts';

/** Prints the path of states. `same`: it ends as it did. */
export async function replayFile([file, ...rest]: readonly string[]): Promise<{
  text: string;
  same: boolean;
}> {
  if (file === undefined || rest.length > 0) throw new UsageError('replay: name one FILE');
  const text = await readFile(file, 'utf8');
  const capsule = capsuleIn(text, file);
  const replayed = replay(capsule);
  const lines = [headOf(capsule), ...pathOf(replayed), verdictOf(capsule, replayed)];
  return { text: lines.join('\n'), same: replayed.identical };
}

function capsuleIn(text: string, file: string): Capsule {
  try {
    return readCapsule(text);
  } catch (error) {
    throw new Error(`${file} is no capsule that this version reads: ${(error as Error).message}`);
  }
}

function headOf({ kind, actor, at, version, why }: Capsule): string {
  const when = new Date(at).toISOString();
  return `${kind} ${actor}, kept ${when} by Greenroom ${version} for: ${why}`;
}

function pathOf({ steps }: Replay): string[] {
  const begun = steps[0]?.at ?? 0;
  let before = '';
  return steps.map(({ at, event, snapshot }) => {
    const state = stateName(snapshot.value);
    const stays = state === before;
    before = state;
    const seconds = `+${((at - begun) / 1_000).toFixed(3)} s`.padStart(12);
    return `${seconds}  ${event.type.padEnd(34)}  ${stays ? '' : state}`.trimEnd();
  });
}

function verdictOf({ entries, failedOn }: Capsule, { identical, sameMachine }: Replay): string {
  const failed = failedOn === null ? '' : `, and the actor failed on ${failedOn.event.type}`;
  const other = sameMachine ? '' : '\nIt was recorded by another machine than this version has.';
  return identical
    ? `It ends as it did after ${entries.length} events, as a fold and alive${failed}.${other}`
    : `It ends otherwise than it did${failed}.${other}`;
}
