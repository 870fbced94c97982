import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Interrupt } from '../../transport/protocol.ts';
import { editsIn, exactInput } from '../chat/tool-summary.ts';
import { patiently } from '../patiently.ts';
import { words } from '../words/words.ts';
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
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !isEditing) editButton.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  const metadata = ask.metadata ?? {};
  const toolName = String(metadata.toolName ?? words.approvals.aTool);
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
    <div className="ask" tabIndex={-1}>
      <Title toolName={toolName} />
      <What ask={ask} toolName={toolName} />
      <Why ask={ask} />
      <div className="ask-buttons">
        <button
          type="button"
          className="button primary"
          onClick={() => onDecide({ approved: true, scope: 'once' })}
        >
          {words.approvals.allowOnce}
        </button>
        {always.length > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => onDecide({ approved: true, scope: 'conversation' })}
          >
            {words.approvals.allowHere}
          </button>
        )}
        {metadata.truncated !== true && (
          <button
            ref={editButton}
            type="button"
            className="button quiet-button"
            onClick={() => setEditing(true)}
          >
            {words.approvals.edit}
          </button>
        )}
      </div>
      {always.length > 0 && <Always rules={always} />}
      <Deny onDeny={(message) => onDecide({ approved: false, message })} />
    </div>
  );
}

function Title({ toolName }: { toolName: string }) {
  const [before, after] = words.approvals.wantsToUse;
  return (
    <h3 className="ask-title">
      {before}
      <strong>{toolName}</strong>
      {after}
    </h3>
  );
}

/** What is approved here is what runs: all of it is shown. */
function What({ ask, toolName }: { ask: Interrupt; toolName: string }) {
  const input = inputOf(ask);
  const edits = editsIn(toolName, input);
  const { text, note } = exactInput(input);
  if (ask.metadata?.truncated === true)
    return <p className="quiet">{words.approvals.tooLongToShow}</p>;
  return (
    <>
      {note && <p className="quiet">{note}</p>}
      {edits.length > 0 ? (
        <Suspense fallback={<p className="quiet">{words.approvals.comparing}</p>}>
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
  const parts = [description ?? ask.message, reason]
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .filter((part) => part !== input.description);
  return parts.length === 0 ? null : <p className="quiet">{parts.join(' · ')}</p>;
}

function Always({ rules }: { rules: readonly string[] }) {
  return (
    <details className="always">
      <summary>{words.approvals.alwaysTitle}</summary>
      <p className="quiet">{words.approvals.alwaysIntro}</p>
      <ul>
        {rules.map((rule) => (
          <li key={rule}>
            <code>{rule}</code>
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
        aria-label={words.approvals.denyLabel}
        placeholder={words.approvals.denyPlaceholder}
        value={message}
        maxLength={2_000}
        onChange={({ target }) => setMessage(target.value)}
      />
      <button type="submit" className="button">
        {words.approvals.deny}
      </button>
    </form>
  );
}
