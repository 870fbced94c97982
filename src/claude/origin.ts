/**
 * Where a forked conversation's first process begins: at a line of an earlier session's transcript, or, where no
 * transcript leads there, with what was said so far put before its first prompt.
 *
 * Measured with Claude Code 2.1.330: `--resume S --fork-session --session-id N --resume-session-at U` takes the
 * uuid of any line of S's chain, keeps that line and all before it under their uuids, and leaves S as it is, while
 * S's own process runs too. N has a transcript of its own from its first prompt on. A line before the last
 * compaction is refused, as is one that was printed and not written yet when the process was killed (exit 1).
 */
import { readFile, stat } from 'node:fs/promises';
import type { MessagePage } from '../transport/views.ts';
import { hasTranscript, type TranscriptPlace, transcriptFile } from './launch.ts';
import { type SaidBounds, seedOf } from './seed.ts';

/** What the store knows of a fork: sessions whose transcripts may hold the line, likeliest first. */
export interface ForkPlace {
  readonly sessions: readonly string[];
  /** Uuid of the last line before the fork; null where it was never noted. */
  readonly at: string | null;
}

export interface Origin {
  readonly fork: { readonly sessionId: string; readonly at: string } | null;
  /** Put before the first prompt of a session that begins anew. */
  readonly seed: string | null;
}

/** A longer transcript is not searched: reading it would cost more memory than a seed loses. */
const TRANSCRIPT_BYTES_MAX = 64 * 1024 * 1024;

/** @param said What was said in the conversation so far. */
export async function originOf(
  place: TranscriptPlace,
  sessionId: string,
  { sessions, at }: ForkPlace,
  said: (bounds: SaidBounds) => Promise<MessagePage>,
): Promise<Origin> {
  if (hasTranscript(place, sessionId)) return { fork: null, seed: null };
  for (const session of sessions)
    if (at !== null && (await leadsTo(transcriptFile(place, session), at)))
      return { fork: { sessionId: session, at }, seed: null };
  return { fork: null, seed: await seedOf(said) };
}

/** Whether the transcript holds that line, and behind its last compaction. */
async function leadsTo(file: string, uuid: string): Promise<boolean> {
  try {
    if ((await stat(file)).size > TRANSCRIPT_BYTES_MAX) return false;
    const bytes = await readFile(file);
    return (
      bytes.lastIndexOf(`"uuid":"${uuid}"`) > bytes.lastIndexOf('"subtype":"compact_boundary"')
    );
  } catch {
    return false; // it is not there
  }
}
