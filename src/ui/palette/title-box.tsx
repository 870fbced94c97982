import { useId, useLayoutEffect, useRef, useState } from 'react';
import { isComposing } from '../compose/ime.ts';
import { words } from '../words/words.ts';

const TITLE_MAX = 200;

interface TitleBoxProps {
  title: string;
  onRename: (title: string) => void;
  onClose: () => void;
}

/** Asks for another title; the old one is selected, to be typed over. */
export function TitleBox({ title, onRename, onClose }: TitleBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(title);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') onRename(text.trim());
      }}
    >
      <label className="palette-name" htmlFor={id}>
        {words.palette.newTitle}
      </label>
      <div className="palette-head title-row">
        <input
          id={id}
          ref={input}
          className="palette-input"
          dir="auto"
          autoComplete="off"
          enterKeyHint="done"
          maxLength={TITLE_MAX}
          value={text}
          onChange={({ target }) => setText(target.value)}
          // The Enter that ends a word of an input method sends the form in Safari.
          onKeyDown={(event) =>
            event.key === 'Enter' && isComposing(event) && event.preventDefault()
          }
        />
        <button type="submit" className="button primary" disabled={text.trim() === ''}>
          {words.palette.keepTitle}
        </button>
        <button type="button" className="button quiet-button" onClick={onClose}>
          {words.palette.close}
        </button>
      </div>
    </form>
  );
}
