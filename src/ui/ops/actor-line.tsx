import { memo } from 'react';
import type { ActorRow } from '../../transport/ops/protocol.ts';
import { sizeWords } from '../files/size-words.ts';
import { opsWords } from '../words/ops.ts';
import { KindMark } from './kind-mark.tsx';
import { count } from './numbers.ts';
import { StateChip } from './state-chip.tsx';

interface ActorLineProps {
  row: ActorRow;
  depth: 0 | 1;
  age: string;
}

/** An actor in the list. Drawn anew only when its row is another, which most are not. */
export const ActorLine = memo(function ActorLine({ row, depth, age }: ActorLineProps) {
  const said = opsWords();
  return (
    <div className={depth === 0 ? 'ops-actor' : 'ops-actor below'}>
      <KindMark kind={row.kind} />
      <div className="ops-actor-words">
        <p className="ops-actor-first">
          <span className="ops-user">{row.user ?? said.nobody}</span>
          <code className="ops-id">{row.id}</code>
          <StateChip state={row.state} />
        </p>
        <p className="ops-actor-facts">
          <span>{said.kinds[row.kind]}</span>
          {factsOf(row, age).map(({ text, tone }) => (
            <span key={text} className={tone}>
              {text}
            </span>
          ))}
          {row.fault !== undefined && <code className="bad">{row.fault}</code>}
        </p>
      </div>
    </div>
  );
});

interface Fact {
  readonly text: string;
  readonly tone?: 'busy' | 'good';
}

/** What there is to say of an actor in figures, what matters most first; nothing of what it does not have. */
export function factsOf(row: ActorRow, age: string): Fact[] {
  const said = opsWords();
  const facts: Fact[] = [{ text: age }];
  const { tokensPerSecond = 0, queue = 0, behind = 0, unsentBytes = 0 } = row;
  if (tokensPerSecond > 0) facts.push({ text: said.tokens(count(tokensPerSecond)), tone: 'good' });
  if (queue > 0) facts.push({ text: said.queued(count(queue)), tone: 'busy' });
  if (behind > 0) facts.push({ text: said.behind(count(behind)), tone: 'busy' });
  if (unsentBytes > 0) facts.push({ text: said.unsent(sizeWords(unsentBytes)), tone: 'busy' });
  if (row.residentBytes !== undefined) facts.push({ text: sizeWords(row.residentBytes) });
  if (row.pid !== undefined) facts.push({ text: said.pid(row.pid) });
  if (row.recorded) facts.push({ text: said.recorded });
  return facts;
}
