import { type FormEvent, lazy, Suspense, useState } from 'react';
import type { Interrupt } from '../../transport/protocol.ts';
import { editsIn, exactInput } from '../chat/tool-summary.ts';
import { patiently } from '../patiently.ts';
import { alwaysWords } from './always-words.ts';
import { type Decision, inputOf } from './decision.ts';
import { EditInput } from './edit-input.tsx';

const Diff = lazy(patiently(() => import('../view/diff.tsx')));

interface AskForLeaveProps {
  ask: Interrupt;
  onDecide: (decision: Decision) => void;
}

/** A tool that wants leave: what exactly it would do, why it asks, and what each answer means. */
export function AskForLeave({ ask, onDecide }: AskForLeaveProps) {
  const [isEditing, setEditing] = useState(false);
  const metadata = ask.metadata ?? {};
  const toolName = String(metadata.toolName ?? 'a tool');
  const always = alwaysWords(metadata.suggestions);
  if (isEditing)
    return (
      <div className="ask">
        <Title toolName={toolName} />
        <EditInput
          input={inputOf(ask)}
          onRun={(input) => onDecide({ approved: true, scope: 'once', input })}
          onCancel={() => setEditing(false)}
        />
      </div>
    );
  return (
    <div className="ask">
      <Title toolName={toolName} />
      <What ask={ask} toolName={toolName} />
      <Why ask={ask} />
      <div className="ask-buttons">
        <button
          type="button"
          className="button primary"
          onClick={() => onDecide({ approved: true, scope: 'once' })}
        >
          Allow once
        </button>
        {always.length > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => onDecide({ approved: true, scope: 'conversation' })}
          >
            Allow for this conversation
          </button>
        )}
        {metadata.truncated !== true && (
          <button type="button" className="button quiet-button" onClick={() => setEditing(true)}>
            Edit…
          </button>
        )}
      </div>
      {always.length > 0 && <Always words={always} />}
      <Deny onDeny={(message) => onDecide({ approved: false, message })} />
    </div>
  );
}

function Title({ toolName }: { toolName: string }) {
  return (
    <h3 className="ask-title">
      Claude wants to use <strong>{toolName}</strong>
    </h3>
  );
}

/** What is approved here is what runs: all of it is shown. */
function What({ ask, toolName }: { ask: Interrupt; toolName: string }) {
  const input = inputOf(ask);
  const edits = editsIn(toolName, input);
  const { text, note } = exactInput(input);
  if (ask.metadata?.truncated === true)
    return (
      <p className="quiet">The input is too long to show here; the tool’s card above has it.</p>
    );
  return (
    <>
      {note && <p className="quiet">{note}</p>}
      {edits.length > 0 ? (
        <Suspense fallback={<p className="quiet">Comparing…</p>}>
          {edits.map((edit, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a call's edits never change places
            <Diff key={index} edit={edit} />
          ))}
        </Suspense>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
        <pre className="plain" tabIndex={0}>
          {text}
        </pre>
      )}
    </>
  );
}

function Why({ ask }: { ask: Interrupt }) {
  const input = inputOf(ask);
  const { reason, description } = ask.metadata ?? {};
  const words = [description ?? ask.message, reason]
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .filter((part) => part !== input.description);
  return words.length === 0 ? null : <p className="quiet">{words.join(' · ')}</p>;
}

function Always({ words }: { words: readonly string[] }) {
  return (
    <details className="always">
      <summary>What “for this conversation” means</summary>
      <p className="quiet">
        Until this conversation’s process ends, Claude also uses without asking. Nothing is written
        to disk:
      </p>
      <ul>
        {words.map((word) => (
          <li key={word}>
            <code>{word}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Deny({ onDeny }: { onDeny: (message: string) => void }) {
  const [message, setMessage] = useState('');
  const deny = (event: FormEvent) => {
    event.preventDefault();
    onDeny(message.trim());
  };
  return (
    <form className="ask-deny" onSubmit={deny}>
      <input
        type="text"
        className="field"
        aria-label="Why not, or what to do instead (optional)"
        placeholder="Say why (optional)"
        value={message}
        maxLength={2_000}
        onChange={({ target }) => setMessage(target.value)}
      />
      <button type="submit" className="button">
        Deny
      </button>
    </form>
  );
}
