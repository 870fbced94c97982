import { type FormEvent, useId, useState } from 'react';
import type { Interrupt } from '../../transport/protocol.ts';
import { type Question, questionsIn } from '../chat/tool-summary.ts';
import { words } from '../words/words.ts';
import { type Decision, inputOf } from './decision.ts';

const OTHER_MAX = 2_000;

interface QuestionFormProps {
  ask: Interrupt;
  onDecide: (decision: Decision) => void;
}

/** Chosen labels, and words of one's own. */
interface Answer {
  readonly labels: readonly string[];
  readonly other: string;
}

const NOTHING: Answer = { labels: [], other: '' };

/** Claude's questions as a form: options to choose from, and room for words of one's own. */
export function QuestionForm({ ask, onDecide }: QuestionFormProps) {
  const input = inputOf(ask);
  const questions = questionsIn(input);
  const [answers, setAnswers] = useState<Readonly<Record<string, Answer>>>({});
  const isComplete = questions.every(({ question }) => wordsOf(answers[question]) !== '');
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete) return;
    const said = questions.map(({ question }) => [question, wordsOf(answers[question])]);
    const answered = { ...input, answers: Object.fromEntries(said) };
    onDecide({ approved: true, scope: 'once', input: answered });
  };
  return (
    <form className="ask" tabIndex={-1} onSubmit={send}>
      <h3 className="ask-title">
        {questions.length === 1 ? words.approvals.question : words.approvals.questions}
      </h3>
      {questions.map((question) => (
        <OneQuestion
          key={question.question}
          question={question}
          answer={answers[question.question] ?? NOTHING}
          onAnswer={(answer) => setAnswers({ ...answers, [question.question]: answer })}
        />
      ))}
      <div className="ask-buttons">
        <button type="submit" className="button primary" disabled={!isComplete}>
          {words.approvals.send}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => onDecide({ approved: false, message: 'The user skipped the question.' })}
        >
          {words.approvals.skip}
        </button>
      </div>
    </form>
  );
}

interface OneQuestionProps {
  question: Question;
  answer: Answer;
  onAnswer: (answer: Answer) => void;
}

function OneQuestion({ question, answer, onAnswer }: OneQuestionProps) {
  const name = useId();
  const { options, multiSelect } = question;
  const choose = (label: string, isChosen: boolean) => {
    const others = multiSelect ? answer.labels.filter((one) => one !== label) : [];
    onAnswer({
      labels: isChosen ? [...others, label] : others,
      other: multiSelect ? answer.other : '',
    });
  };
  return (
    <fieldset className="question">
      <legend>
        {question.header && <span className="question-header">{question.header}</span>}
        {question.question}
      </legend>
      {options.map(({ label, description }) => (
        <label key={label} className="option">
          <input
            type={multiSelect ? 'checkbox' : 'radio'}
            name={name}
            checked={answer.labels.includes(label)}
            onChange={({ target }) => choose(label, target.checked)}
          />
          <span>
            {label}
            {description && <span className="option-words">{description}</span>}
          </span>
        </label>
      ))}
      <input
        type="text"
        className="field"
        aria-label={words.approvals.another(question.question)}
        placeholder={
          options.length > 0 ? words.approvals.somethingElse : words.approvals.yourAnswer
        }
        maxLength={OTHER_MAX}
        value={answer.other}
        onChange={({ target }) =>
          onAnswer({ labels: multiSelect ? answer.labels : [], other: target.value })
        }
      />
    </fieldset>
  );
}

function wordsOf({ labels, other }: Answer = NOTHING): string {
  return [...labels, other.trim()].filter((word) => word !== '').join(', ');
}
