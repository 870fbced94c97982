import { type FormEvent, useId, useState } from 'react';
import type { OpsAct, OpsLogLevel } from '../../transport/ops/protocol.ts';
import { Dialog } from '../account/dialog.tsx';
import { faultWords, saidOf } from '../fault-words.ts';
import { opsWords } from '../words/ops.ts';
import { DRAIN_WORD, isHarsh } from './acts.ts';
import type { Answer, OpsClient } from './client.ts';

/** What came of an act, for people. */
export interface Result {
  readonly isGood: boolean;
  readonly text: string;
}

interface ActDialogProps {
  act: OpsAct;
  client: Pick<OpsClient, 'act'>;
  onResult: (result: Result) => void;
  onClose: () => void;
}

const LEVELS: readonly OpsLogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Asks once before an operator's act; before the server is ended, for a word besides. */
export function ActDialog({ act, client, onResult, onClose }: ActDialogProps) {
  const said = opsWords();
  const words = said.acts[act.act];
  const [typed, setTyped] = useState('');
  const [level, setLevel] = useState(act.act === 'logLevel' ? act.level : 'info');
  const id = useId();
  const [before, after] = said.typeWord;
  const isDrain = act.act === 'drain';
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (isDrain && typed.trim() !== DRAIN_WORD) return;
    onClose();
    onResult(resultOf(act, await client.act(act.act === 'logLevel' ? { ...act, level } : act)));
  };
  return (
    <Dialog title={words.title} className="ops-dialog" onClose={onClose}>
      <form onSubmit={onSubmit}>
        {'actor' in act && (
          <p>
            <code>{act.actor}</code>
          </p>
        )}
        {'user' in act && (
          <p>
            <strong>{act.user}</strong>
          </p>
        )}
        <p>{words.means}</p>
        {act.act === 'logLevel' && (
          <select
            className="field"
            aria-label={said.logLevel}
            value={level}
            onChange={({ target }) => setLevel(target.value as OpsLogLevel)}
          >
            {LEVELS.map((it) => (
              <option key={it} value={it}>
                {it}
              </option>
            ))}
          </select>
        )}
        {isDrain && (
          <p className="ops-typed">
            <label htmlFor={id}>
              {before}
              <code>{DRAIN_WORD}</code>
              {after}
            </label>
            <input
              id={id}
              className="field"
              value={typed}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {said.cancel}
          </button>
          <button
            type="submit"
            className={isHarsh(act) ? 'button danger-button' : 'button primary'}
            disabled={isDrain && typed.trim() !== DRAIN_WORD}
          >
            {words.label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The server's own words where it has some, as they tell more of this one case. */
export function resultOf(act: OpsAct, answer: Answer): Result {
  const said = opsWords();
  if (answer === null) return { isGood: false, text: said.noAnswer };
  const { fault, message, name } = answer;
  if (fault === null)
    return {
      isGood: true,
      text: [said.acts[act.act].done, ...(name === undefined ? [] : [name])].join(' '),
    };
  return { isGood: false, text: saidOf(fault, message ?? faultWords(fault)) };
}
