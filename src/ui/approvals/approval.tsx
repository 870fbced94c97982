import { useEffect, useRef, useState } from 'react';
import type { Interrupt, ResumeEntry } from '../../transport/protocol.ts';
import type { Run } from '../chat/thread.ts';
import { words } from '../words/words.ts';
import { AskForLeave } from './ask-for-leave.tsx';
import { answersIn, type Decision, decisionWords, isQuestion } from './decision.ts';
import { QuestionForm } from './question-form.tsx';

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

  // The button that was pressed is gone; whoever works by keyboard goes on from the next question, or the words in its place.
  const ending = useRef<HTMLDivElement>(null);
  const card = useRef<HTMLElement>(null);
  const isOwn = entries.length > 0;
  useEffect(() => {
    if (!isOwn || document.activeElement !== document.body) return;
    (ending.current ?? card.current?.querySelector<HTMLElement>('.ask, .link-button'))?.focus();
  });

  const decide = (interruptId: string, payload: Decision) => {
    if (isAnswered) return; // the second click of two
    const open = new Set(run.asks.map(({ id }) => id).filter((id) => id !== interruptId));
    const others = entries.filter((entry) => open.has(entry.interruptId));
    const all = [...others, { interruptId, status: 'resolved' as const, payload }];
    setEntries(all);
    if (all.length === run.asks.length) onAnswer(all);
  };

  if (run.state !== 'asking')
    return (
      <div className="quiet ending" tabIndex={-1} ref={ending}>
        <Decided entries={run.answer ?? entries} />
      </div>
    );
  return (
    <section className="card approval" ref={card} aria-label={words.approvals.label}>
      {run.asks.map((ask) => (
        <Ask
          key={ask.id}
          ask={ask}
          decided={entries.find((entry) => entry.interruptId === ask.id) ?? null}
          onDecide={(payload) => decide(ask.id, payload)}
        />
      ))}
      {isAnswered && (
        <p className="quiet">
          {words.approvals.sending}{' '}
          <button type="button" className="link-button" onClick={() => setEntries([])}>
            {words.approvals.change}
          </button>
        </p>
      )}
    </section>
  );
}

interface AskProps {
  ask: Interrupt;
  decided: ResumeEntry | null;
  onDecide: (payload: Decision) => void;
}

function Ask({ ask, decided, onDecide }: AskProps) {
  if (decided) return <Decided entries={[decided]} />;
  return isQuestion(ask) ? (
    <QuestionForm ask={ask} onDecide={onDecide} />
  ) : (
    <AskForLeave ask={ask} onDecide={onDecide} />
  );
}

function Decided({ entries }: { entries: readonly ResumeEntry[] }) {
  const answers = entries.flatMap(answersIn);
  const others = entries.filter((entry) => answersIn(entry).length === 0);
  const said =
    entries.length === 0 ? [words.approvals.answered] : [...new Set(others.map(decisionWords))];
  return (
    <>
      {answers.map(([question, answer]) => (
        <p key={question}>
          {question} <strong>{answer}</strong>
        </p>
      ))}
      {said.length > 0 && <p>{said.join(' ')}</p>}
    </>
  );
}
