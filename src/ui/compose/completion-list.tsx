import { type RefObject, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import type { CommandOffer } from '../../transport/protocol.ts';
import { apiUrl, ask } from '../api.ts';
import type { Draft } from '../chat/draft.ts';
import { words } from '../words/words.ts';
import {
  commandsFor,
  filesFor,
  type Suggestion,
  type Unfinished,
  unfinishedAt,
} from './completion.ts';

/** Between keys typed quickly nothing is asked. */
const PAUSE_MS = 120;
const SHOWN_MAX = 20;

interface CompletionProps {
  box: RefObject<HTMLTextAreaElement | null>;
  draft: Draft;
  commands: readonly CommandOffer[];
  threadId: string | null;
}

/** A list over the composer that completes commands and files. Keys go to it while it is open. */
export default function CompletionList({ box, draft, commands, threadId }: CompletionProps) {
  const id = useId();
  const text = useSyncExternalStore(draft.subscribe, draft.text);
  const unfinished = useUnfinished(box, text);
  const suggestions = useSuggestions(unfinished, commands, threadId);
  const [active, setActive] = useState(0);
  const [closedFor, setClosedFor] = useState<string | null>(null);
  const isOpen = suggestions.length > 0 && closedFor !== text;
  const at = Math.min(active, suggestions.length - 1);

  const choose = (suggestion: Suggestion | undefined) => {
    const element = box.current;
    if (!element || !unfinished || !suggestion) return;
    const caret = unfinished.start + suggestion.insert.length;
    const rest = text.slice(element.selectionEnd);
    draft.set(text.slice(0, unfinished.start) + suggestion.insert + rest);
    setActive(0);
    element.focus();
    requestAnimationFrame(() => element.setSelectionRange(caret, caret));
  };

  const onKey = useRef<(event: KeyboardEvent) => void>(() => {});
  onKey.current = (event) => {
    if (!isOpen || event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: suggestions.length - 1 }[event.key];
    if (step !== undefined) setActive((at + step) % suggestions.length);
    else if (event.key === 'Enter' || event.key === 'Tab') choose(suggestions[at]);
    else if (event.key === 'Escape') setClosedFor(text);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  useEffect(() => {
    const element = box.current;
    const listener = (event: KeyboardEvent) => onKey.current(event);
    // Before the composer's own keys: Enter completes, and does not send.
    element?.addEventListener('keydown', listener, true);
    return () => element?.removeEventListener('keydown', listener, true);
  }, [box]);
  useEffect(() => {
    const element = box.current;
    if (!element || !isOpen) return;
    const option = `${id}-${at}`;
    element.setAttribute('aria-controls', id);
    element.setAttribute('aria-activedescendant', option);
    document.getElementById(option)?.scrollIntoView({ block: 'nearest' });
    return () => {
      element.removeAttribute('aria-controls');
      element.removeAttribute('aria-activedescendant');
    };
  }, [box, id, at, isOpen]);

  const status = (
    <span className="hidden" role="status">
      {isOpen ? words.compose.suggestions(suggestions.length) : ''}
    </span>
  );
  if (!isOpen) return status;
  return (
    <>
      {status}
      <div className="completion" role="listbox" id={id} aria-label={nameOf(unfinished)}>
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the composer's keys choose, see above
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the composer
          <div
            key={suggestion.label}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className="completion-option"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(suggestion)}
          >
            <span className="completion-label">{suggestion.label}</span>
            {suggestion.hint && <span className="completion-hint">{suggestion.hint}</span>}
          </div>
        ))}
      </div>
    </>
  );
}

function nameOf(unfinished: Unfinished | null): string {
  return unfinished?.kind === 'file' ? words.compose.files : words.compose.commands;
}

/** Follows the caret as well as the text. */
function useUnfinished(box: CompletionProps['box'], text: string): Unfinished | null {
  const [caret, setCaret] = useState(0);
  useEffect(() => {
    const moved = () => {
      if (document.activeElement === box.current) setCaret(box.current?.selectionEnd ?? 0);
    };
    document.addEventListener('selectionchange', moved);
    return () => document.removeEventListener('selectionchange', moved);
  }, [box]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: typing moves the caret
  useEffect(() => setCaret(box.current?.selectionEnd ?? 0), [box, text]);
  return unfinishedAt(text, caret);
}

function useSuggestions(
  unfinished: Unfinished | null,
  commands: readonly CommandOffer[],
  threadId: string | null,
): readonly Suggestion[] {
  const [files, setFiles] = useState<readonly Suggestion[]>([]);
  const query = unfinished?.kind === 'file' ? unfinished.query : null;
  useEffect(() => {
    if (query === null) return setFiles([]);
    const aborted = new AbortController();
    const timer = setTimeout(() => {
      const url = apiUrl('files/complete', { q: query, ...(threadId && { threadId }) });
      ask<{ paths: string[] }>('GET', url, { signal: aborted.signal }).then(
        ({ paths }) => setFiles(filesFor(paths)),
        () => {}, // nothing to offer; what is typed goes as it is
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      aborted.abort();
    };
  }, [query, threadId]);
  if (unfinished === null) return [];
  const found = unfinished.kind === 'file' ? files : commandsFor(unfinished.query, commands);
  return found.slice(0, SHOWN_MAX);
}
