import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useSyncExternalStore,
} from 'react';
import type { Draft } from '../chat/draft.ts';

interface ComposerProps {
  ref: RefObject<HTMLTextAreaElement | null>;
  draft: Draft;
  /** Null until the server has said. */
  maxBytes: number | null;
  canSend: boolean;
  isRunning: boolean;
  onSend: () => void;
  onStop: () => void;
  onFocus: () => void;
}

/** Enter with this code belongs to an input method that is still composing. */
const COMPOSING_KEY = 229;

/** Where a prompt is written. Enter sends, Shift+Enter breaks the line, Escape stops a live answer. */
export function Composer(props: ComposerProps) {
  const { ref, draft, maxBytes, canSend, isRunning, onSend, onStop, onFocus } = props;
  const text = useSyncExternalStore(draft.subscribe, draft.text);
  const over = maxBytes === null ? 0 : byteLength(text) - maxBytes;
  const isSendable = canSend && over <= 0 && text.trim() !== '';

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [ref, text]);

  // Wherever the focus is, Escape stops; in a menu or dialog of the browser it never gets here.
  useEffect(() => {
    if (!isRunning) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing) onStop();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isRunning, onStop]);

  const onKeyDown = (event: KeyboardEvent) => {
    const isComposing = event.nativeEvent.isComposing || event.keyCode === COMPOSING_KEY;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    if (isSendable) onSend();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSendable) onSend();
      }}
    >
      <label className="hidden" htmlFor="composer-text">
        Message to Claude
      </label>
      <textarea
        id="composer-text"
        ref={ref}
        rows={1}
        value={text}
        placeholder="Message Claude"
        enterKeyHint="send"
        aria-describedby="composer-hint"
        aria-invalid={over > 0}
        onChange={({ target }) => draft.set(target.value)}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
      />
      <div className="composer-row">
        <p id="composer-hint" className={over > 0 ? 'hint over' : 'hint'}>
          {over > 0
            ? `Too long by ${over.toLocaleString()} bytes. Please shorten it.`
            : 'Enter sends, Shift+Enter breaks the line'}
        </p>
        {isRunning && (
          <button type="button" className="button stop" onClick={onStop}>
            <span className="stop-mark" aria-hidden="true" />
            Stop
          </button>
        )}
        <button type="submit" className="button primary send" disabled={!isSendable}>
          Send
        </button>
      </div>
    </form>
  );
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
