/**
 * The CLI's transcripts of one conversation, where several servers share the store: put back before its process
 * starts, kept before and after the end of each turn, and once more when the process has gone. So the server that goes
 * on with it has its memory.
 */
import { KeptTranscript } from '../claude/kept-transcript.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Lease } from '../store/store.ts';

export interface TranscriptParts {
  readonly cluster: Pick<Cluster, 'transcript' | 'keepTranscript'> | null;
  readonly lease: Lease;
  /** Where the CLI keeps a session's now: that is another place once a repository is chosen. */
  readonly fileOf: (sessionId: string) => string;
  readonly onError: (error: unknown) => void;
}

export class Transcripts {
  readonly #parts: TranscriptParts;
  readonly #own: KeptTranscript;
  #keeping: Promise<void> = Promise.resolve();

  constructor(parts: TranscriptParts) {
    this.#parts = parts;
    this.#own = this.#of(parts.lease.sessionId);
  }

  /** Its own, and those that a fork begins in. */
  async restore(): Promise<void> {
    const { cluster, lease } = this.#parts;
    if (cluster === null) return;
    await this.#own.restore();
    for (const sessionId of lease.fork?.sessions ?? []) await this.#of(sessionId).restore();
  }

  /** Keeps what its own has grown by; resolves when that is done, or has failed, which costs memory and no words. */
  keep(): Promise<void> {
    const { cluster, onError } = this.#parts;
    if (cluster === null) return this.#keeping;
    this.#keeping = this.#keeping.then(() => this.#own.keep()).catch(onError);
    return this.#keeping;
  }

  #of(sessionId: string): KeptTranscript {
    const { cluster, lease, fileOf } = this.#parts;
    return new KeptTranscript(() => fileOf(sessionId), {
      load: async () => (await cluster?.transcript(sessionId)) ?? null,
      keep: async (at, bytes) => cluster?.keepTranscript(lease, at, bytes),
    });
  }
}
