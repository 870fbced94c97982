import { type FormEvent, useEffect, useRef, useState } from 'react';
import { exactInput, toolInput } from '../chat/tool-summary.ts';
import { words } from '../words/words.ts';

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
        aria-label={isCommand ? words.approvals.commandLabel : words.approvals.jsonLabel}
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
          {isCommand ? words.approvals.commandWanted : words.approvals.jsonWanted}
        </p>
      )}
      <div className="ask-buttons">
        <button type="submit" className="button primary" disabled={edited === null}>
          {words.approvals.allowThis}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {words.approvals.back}
        </button>
      </div>
    </form>
  );
}

function commandIn(input: Record<string, unknown>, command: string): typeof input | null {
  return command.trim() === '' ? null : { ...input, command };
}
