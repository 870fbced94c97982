import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Draft } from '../chat/draft.ts';
import { ariaKeys, pressed } from '../shortcuts.ts';
import { words } from '../words/words.ts';
import { quoteOf, withQuote } from './quote.ts';

interface QuoteProps {
  box: RefObject<HTMLTextAreaElement | null>;
  draft: Draft;
}

interface Picked {
  readonly quote: string;
  readonly left: number;
  readonly top: number;
}

/** From the text to the button, px. Under a finger, the handles of the selection hang below the text. */
const GAP = 6;
const HANDLES = 30;
/** Its own height and width with some room, px. */
const SIZE = { height: 48, width: 128 };

/** A button beside what is selected in the conversation. The browser's own menu stays: on a phone it is above. */
export default function QuoteButton({ box, draft }: QuoteProps) {
  const button = useRef<HTMLButtonElement>(null);
  const picked = usePicked();

  const quote = () => {
    const element = box.current;
    if (!element || !picked) return;
    const { selectionStart, selectionEnd } = element;
    const { text, caret } = withQuote(draft.text(), selectionStart, selectionEnd, picked.quote);
    draft.set(text);
    document.getSelection()?.removeAllRanges();
    element.focus();
    requestAnimationFrame(() => {
      element.setSelectionRange(caret, caret);
      element.scrollTop = element.scrollHeight;
    });
  };

  const onKey = useRef<(event: KeyboardEvent) => void>(() => {});
  onKey.current = (event) => {
    if (!picked) return;
    if (pressed(event, 'quote')) quote();
    else if (event.key === 'Tab' && !event.shiftKey && document.activeElement === document.body)
      button.current?.focus();
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey.current(event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);

  if (!picked) return null;
  return (
    <div
      className="quote-bar"
      role="toolbar"
      aria-label={words.compose.quoteToolbar}
      style={{ left: picked.left, top: picked.top }}
    >
      <button
        ref={button}
        type="button"
        className="button"
        title={words.compose.quoteTitle}
        aria-keyshortcuts={ariaKeys('quote')}
        onMouseDown={(event) => event.preventDefault()} // the selection stays
        onClick={quote}
      >
        <span aria-hidden="true">❝ </span>
        {words.compose.quote}
      </button>
    </div>
  );
}

/** What is selected in the conversation, once the mouse has let go of it. */
function usePicked(): Picked | null {
  const [picked, setPicked] = useState<Picked | null>(null);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    let isPressed = false;
    const look = () => setPicked(isPressed ? null : pickedIn(document.getSelection()));
    const press = ({ target, pointerType }: PointerEvent) => {
      isPressed = pointerType === 'mouse' && !(target as Element).closest('.quote-bar');
    };
    const release = () => {
      isPressed = false;
      look();
    };
    look(); // it may have been selected while this was loaded
    document.addEventListener('selectionchange', look, { signal });
    addEventListener('pointerdown', press, { signal });
    addEventListener('pointerup', release, { signal });
    addEventListener('pointercancel', release, { signal });
    addEventListener('scroll', look, { signal, capture: true, passive: true });
    addEventListener('resize', look, { signal });
    return () => listening.abort();
  }, []);
  return picked;
}

function pickedIn(selection: Selection | null): Picked | null {
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const { commonAncestorContainer: node } = range;
  const element = node instanceof Element ? node : node.parentElement;
  const text = selection.toString();
  if (!element?.closest('.conversation') || text.trim() === '') return null;
  const rects = [...range.getClientRects()];
  const [first, last] = [rects[0], rects.at(-1)];
  if (!first || !last || last.bottom < 0 || first.top > innerHeight) return null;
  const isTouch = matchMedia('(pointer: coarse)').matches;
  const isAbove = !isTouch && first.top > SIZE.height + GAP;
  const top = isAbove ? first.top - SIZE.height : last.bottom + (isTouch ? HANDLES : GAP);
  return {
    quote: quoteOf(text, element.closest('pre') !== null),
    left: Math.max(8, Math.min(isAbove ? first.left : last.left, innerWidth - SIZE.width)),
    top: Math.min(top, innerHeight - SIZE.height),
  };
}
