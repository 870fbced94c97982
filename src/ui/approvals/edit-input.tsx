import { type FormEvent, useEffect, useRef, useState } from 'react';
import { exactInput, toolInput } from '../chat/tool-summary.ts';

interface EditInputProps {
  input: Record<string, unknown>;
  onRun: (input: Record<string, unknown>) => void;
  onCancel: () => void;
}

/** A tool's input, changed before it is allowed: a command as text, anything else as JSON. */
export function EditInput({ input, onRun, onCancel }: EditInputProps) {
  const isCommand = exactInput(input).text === input.command;
  const [text, setText] = useState(exactInput(input).text);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  const edited = isCommand ? commandIn(input, text) : toolInput(text);
  const run = (event: FormEvent) => {
    event.preventDefault();
    if (edited) onRun(edited);
  };
  return (
    <form className="ask-edit" onSubmit={run}>
      <textarea
        ref={box}
        aria-label={isCommand ? 'The command to run' : 'The input, as JSON'}
        aria-invalid={edited === null}
        spellCheck={false}
        rows={Math.min(14, text.split('\n').length + 1)}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
          event.stopPropagation(); // it must not stop the answer
          onCancel();
        }}
      />
      {edited === null && (
        <p className="edit-why" role="alert">
          {isCommand ? 'A command is wanted.' : 'This is no JSON object yet.'}
        </p>
      )}
      <div className="ask-buttons">
        <button type="submit" className="button primary" disabled={edited === null}>
          Allow this once
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Back
        </button>
      </div>
    </form>
  );
}

function commandIn(input: Record<string, unknown>, command: string): typeof input | null {
  return command.trim() === '' ? null : { ...input, command };
}
