import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Interrupt, ResumeEntry } from '../../transport/protocol.ts';
import type { Run } from '../chat/thread.ts';
import { exactInput } from '../chat/tool-summary.ts';

interface ApprovalProps {
  run: Run;
  onAnswer: (resume: ResumeEntry[]) => void;
}

/**
 * Asks a person about each tool call a run was interrupted for. One card holds them all, because the server
 * takes the answers together: the last decision sends them.
 */
export default function Approval({ run, onAnswer }: ApprovalProps) {
  const [entries, setEntries] = useState<readonly ResumeEntry[]>([]);
  const isAnswered = run.asks.every(({ id }) => entries.some((e) => e.interruptId === id));

  // The button that was pressed is gone; whoever works by keyboard goes on from the words in its place.
  const ending = useRef<HTMLParagraphElement>(null);
  const isOwn = entries.length > 0;
  useEffect(() => {
    if (isOwn && document.activeElement === document.body) ending.current?.focus();
  });

  const decide = (interruptId: string, payload: Decision) => {
    const open = new Set(run.asks.map(({ id }) => id).filter((id) => id !== interruptId));
    const others = entries.filter((entry) => open.has(entry.interruptId));
    const all = [...others, { interruptId, status: 'resolved' as const, payload }];
    setEntries(all);
    if (all.length === run.asks.length) onAnswer(all);
  };

  if (run.state !== 'asking')
    return (
      <p className="quiet ending" tabIndex={-1} ref={ending}>
        {answerWords(run, entries)}
      </p>
    );
  return (
    <section className="card approval" aria-label="Approval">
      {run.asks.map((ask) => {
        const decided = entries.find((entry) => entry.interruptId === ask.id);
        return (
          <Ask
            key={ask.id}
            ask={ask}
            decided={decided ? payloadWords(decided.payload) : null}
            onDecide={(payload) => decide(ask.id, payload)}
          />
        );
      })}
      {isAnswered && (
        <p className="quiet">
          Sending your answer…{' '}
          <button type="button" className="link-button" onClick={() => setEntries([])}>
            Change it
          </button>
        </p>
      )}
    </section>
  );
}

type Decision =
  | { approved: true; scope: 'once' | 'conversation' }
  | { approved: false; message: string };

interface AskProps {
  ask: Interrupt;
  decided: string | null;
  onDecide: (payload: Decision) => void;
}

function Ask({ ask, decided, onDecide }: AskProps) {
  const [message, setMessage] = useState('');
  const toolName = String(ask.metadata?.toolName ?? 'a tool');
  const { text, note } = exactInput(ask.metadata?.input ?? null);
  const deny = (event: FormEvent) => {
    event.preventDefault();
    onDecide({ approved: false, message: message.trim() });
  };
  return (
    <div className="ask">
      <h3 className="ask-title">
        Claude wants to use <strong>{toolName}</strong>
      </h3>
      {(note || ask.message) && <p className="quiet">{note || ask.message}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="plain" tabIndex={0}>
        {text}
      </pre>
      {decided ? (
        <p className="quiet">{decided}</p>
      ) : (
        <>
          <div className="ask-buttons">
            <button
              type="button"
              className="button primary"
              onClick={() => onDecide({ approved: true, scope: 'once' })}
            >
              Allow once
            </button>
            <button
              type="button"
              className="button"
              onClick={() => onDecide({ approved: true, scope: 'conversation' })}
            >
              Allow for this conversation
            </button>
          </div>
          <form className="ask-deny" onSubmit={deny}>
            <input
              type="text"
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
        </>
      )}
    </div>
  );
}

function answerWords(run: Run, own: readonly ResumeEntry[]): string {
  const entries = run.answer ?? own;
  if (entries.length === 0) return 'Answered.';
  const words = new Set(entries.map(({ payload }) => payloadWords(payload)));
  return [...words].join(' ');
}

function payloadWords(payload: unknown): string {
  const { approved, scope } =
    typeof payload === 'object' && payload !== null
      ? (payload as { approved?: unknown; scope?: unknown })
      : { approved: payload, scope: 'once' };
  if (approved !== true) return 'Denied.';
  return scope === 'conversation' ? 'Allowed for this conversation.' : 'Allowed once.';
}
