import { memo } from 'react';
import { opsWords } from '../words/ops.ts';
import { clock, count } from './numbers.ts';
import { toneOf } from './tone.ts';
import type { Kept } from './trail.ts';

interface EventRowProps {
  kept: Kept;
  /** Its actor is named, not only that one's kind. */
  isOfAll: boolean;
}

/** One event: when, from where, what, in whom, and where that led. */
export const EventRow = memo(function EventRow({ kept, isOfAll }: EventRowProps) {
  const said = opsWords();
  const { event } = kept;
  return (
    <p className={event.moved ? 'ops-event moved' : 'ops-event'}>
      <time className="ops-at">{clock(event.at)}</time>
      <span className="ops-from">
        <span className="hidden">{said.from} </span>
        {said.origins[event.from] ?? event.from}
      </span>
      <code className="ops-type">{event.event.type}</code>
      <Gap kept={kept} />
      <code className="ops-to" title={event.actor}>
        {isOfAll ? event.actor : event.kind}
      </code>
      <code className={`ops-led tone-${toneOf(event.state)}`}>{event.state}</code>
    </p>
  );
});

/** What is not there before an event. */
export function Gap({ kept: { missing } }: { kept: Kept }) {
  const said = opsWords();
  if (missing === 0) return null;
  return (
    <span className="ops-gap">{missing === null ? said.cut : said.missing(count(missing))}</span>
  );
}
