/** Speech into the draft, by the browser's own recognition. It never sends. */
import type { Draft } from '../chat/draft.ts';

export type DictationState =
  | 'off'
  | 'starting'
  | 'listening'
  | 'denied'
  | 'notHeard'
  | 'network'
  | 'noMicrophone'
  | 'failed';

/** What is used of `SpeechRecognition`; the types of the DOM do not have it. */
export interface Recognition {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onstart: (() => void) | null;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  /** @throws {Error} Where it runs already. */
  start(): void;
  /** What was said so far is still told. */
  stop(): void;
  abort(): void;
}

/** By the `error` of the API; `aborted` is our own doing. */
const FAULTS: Readonly<Record<string, DictationState>> = {
  aborted: 'off',
  'not-allowed': 'denied',
  'service-not-allowed': 'denied',
  'no-speech': 'notHeard',
  network: 'network',
  'audio-capture': 'noMicrophone',
};

/** Null where the browser offers none. */
export function recognitionIn(scope: object): (new () => Recognition) | null {
  const { SpeechRecognition, webkitSpeechRecognition } = scope as Record<
    string,
    (new () => Recognition) | undefined
  >;
  return SpeechRecognition ?? webkitSpeechRecognition ?? null;
}

export class Dictation {
  readonly #make: () => Recognition;
  readonly #draft: Draft;
  readonly #tell: (state: DictationState) => void;
  #current: Recognition | null = null;
  #state: DictationState = 'off';
  /** What it put into the draft last: anything else there is the user's doing. */
  #written = '';

  constructor(make: () => Recognition, draft: Draft, tell: (state: DictationState) => void) {
    this.#make = make;
    this.#draft = draft;
    this.#tell = tell;
  }

  /** @param place What is selected in the draft: the words take its place. */
  start(language: string, place: { start: number; end: number }): void {
    this.abort();
    const text = this.#draft.text();
    const before = text.slice(0, place.start);
    const after = text.slice(place.end);
    const recognition = this.#make();
    this.#current = recognition;
    this.#written = text;
    recognition.lang = language;
    recognition.continuous = true;
    recognition.interimResults = true;
    const ifCurrent = (then: () => void) => () => this.#current === recognition && then();
    recognition.onstart = ifCurrent(() => this.#be('listening'));
    recognition.onresult = ({ results }) =>
      ifCurrent(() => {
        const spoken = Array.from(results, (result) => result[0]?.transcript ?? '').join('');
        this.#written = spaced(before, spoken.trim(), after);
        this.#draft.set(this.#written);
      })();
    recognition.onerror = ({ error }) => ifCurrent(() => this.#be(FAULTS[error] ?? 'failed'))();
    recognition.onend = ifCurrent(() => this.#end());
    this.#be('starting');
    try {
      recognition.start();
    } catch {
      this.#current = null;
      this.#be('failed');
    }
  }

  /** Asks for no more; the last words still come. */
  stop(): void {
    this.#current?.stop();
  }

  /** Ends at once. What was heard stays in the draft. */
  abort(): void {
    const recognition = this.#current;
    if (!recognition) return;
    this.#current = null;
    recognition.abort();
    this.#be('off');
  }

  /** The draft has changed: sent or typed in, it is the user's again. */
  heedDraft(): void {
    if (this.#current && this.#draft.text() !== this.#written) this.abort();
  }

  #end(): void {
    this.#current = null;
    // What went wrong stays to be read.
    if (this.#state === 'starting' || this.#state === 'listening') this.#be('off');
  }

  #be(state: DictationState): void {
    this.#state = state;
    this.#tell(state);
  }
}

function spaced(before: string, spoken: string, after: string): string {
  const left = before === '' || /\s$/.test(before) || spoken === '' ? before : `${before} `;
  const right = after === '' || /^[\s.,;:!?]/.test(after) || spoken === '' ? after : ` ${after}`;
  return left + spoken + right;
}
