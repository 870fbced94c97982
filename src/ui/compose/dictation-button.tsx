import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Draft } from '../chat/draft.ts';
import { language, words } from '../words/words.ts';
import { Dictation, type DictationState, recognitionIn } from './dictation.ts';

interface DictationButtonProps {
  box: RefObject<HTMLTextAreaElement | null>;
  draft: Draft;
  /** What is to be said of it now. */
  onState: (state: DictationState) => void;
}

/** Turns dictation on and off. Escape, sending, typing and leaving the message end it. */
export default function DictationButton({ box, draft, onState }: DictationButtonProps) {
  const [state, setState] = useState<DictationState>('off');
  const dictation = useRef<Dictation | null>(null);
  const isOn = state === 'starting' || state === 'listening';

  useEffect(() => {
    const Recognition = recognitionIn(window);
    if (!Recognition) return;
    const tell = (next: DictationState) => {
      setState(next);
      onState(next);
    };
    const current = new Dictation(() => new Recognition(), draft, tell);
    dictation.current = current;
    const unsubscribe = draft.subscribe(() => current.heedDraft());
    return () => {
      unsubscribe();
      current.abort();
    };
  }, [draft, onState]);

  useEffect(() => {
    if (!isOn) return;
    const listening = new AbortController();
    const { signal } = listening;
    const end = () => dictation.current?.abort();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation(); // it must not stop an answer as well
      end();
    };
    const onLeave = ({ relatedTarget }: FocusEvent) => {
      const form = box.current?.form;
      if (relatedTarget instanceof Node && !form?.contains(relatedTarget)) end();
    };
    addEventListener('keydown', onKey, { signal, capture: true });
    addEventListener('blur', end, { signal });
    box.current?.form?.addEventListener('focusout', onLeave, { signal });
    return () => listening.abort();
  }, [isOn, box]);

  const toggle = () => {
    const element = box.current;
    if (!element) return;
    if (isOn) return dictation.current?.stop();
    const { selectionStart: start, selectionEnd: end } = element;
    dictation.current?.start(language, { start, end });
  };
  return (
    <button
      type="button"
      className="button quiet-button icon-button dictate"
      aria-label={isOn ? words.compose.stopDictating : words.compose.dictate}
      aria-pressed={isOn}
      title={words.compose.dictateTitle}
      onClick={toggle}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <rect x="7" y="2.5" width="6" height="9.5" rx="3" />
        <path d="M4.5 9.5a5.5 5.5 0 0 0 11 0M10 15v2.5" />
      </svg>
    </button>
  );
}
