import { memo } from 'react';
import { opsWords } from '../words/ops.ts';
import { Gap } from './event-row.tsx';
import { clock } from './numbers.ts';
import { arrowOf, type Lane } from './sequence.ts';
import type { Kept } from './trail.ts';

const LANE_PX = 134;
/** How far an arrow to oneself goes out. */
const LOOP_PX = 34;

export function widthOf(lanes: readonly Lane[]): number {
  return lanes.length * LANE_PX;
}

const middleOf = (lane: number) => lane * LANE_PX + LANE_PX / 2;

export function LaneHeads({ lanes }: { lanes: readonly Lane[] }) {
  const said = opsWords();
  return (
    <div className="ops-lanes" aria-hidden="true">
      {lanes.map((lane) => (
        <span key={lane} style={{ width: `${LANE_PX}px` }}>
          {lane === 'parked' ? said.parkedLane : said.origins[lane]}
        </span>
      ))}
    </div>
  );
}

interface SequenceRowProps {
  kept: Kept;
  lanes: readonly Lane[];
  height: number;
}

/** One event as an arrow from whom it came to whom it went, its type above. */
export const SequenceRow = memo(function SequenceRow({ kept, lanes, height }: SequenceRowProps) {
  const { event } = kept;
  const { from, to } = arrowOf(event, lanes);
  const y = height - 10;
  const [start, end] = [middleOf(from), middleOf(to)];
  const isOwn = from === to;
  const isToTheRight = isOwn || end > start;
  const tip = isOwn ? end + 2 : end;
  const head = isOwn || !isToTheRight ? tip + 8 : tip - 8;
  const label = isOwn ? start + LOOP_PX + 6 : Math.min(start, end) + 12;
  const isLast = isOwn && to === lanes.length - 1;
  return (
    <div className={event.moved ? 'ops-arrow moved' : 'ops-arrow'} title={clock(event.at)}>
      <svg width={widthOf(lanes)} height={height} aria-hidden="true">
        {lanes.map((lane, index) => (
          <line
            key={lane}
            className="ops-lane"
            x1={middleOf(index)}
            x2={middleOf(index)}
            y1={0}
            y2={height}
          />
        ))}
        {isOwn ? (
          <path className="ops-way" d={`M${start} ${y - 14}h${LOOP_PX}v14H${end + 2}`} />
        ) : (
          <path className="ops-way" d={`M${start} ${y}H${end}`} />
        )}
        <path className="ops-tip" d={`M${tip} ${y}L${head} ${y - 4}v8z`} />
      </svg>
      <span
        className="ops-arrow-words"
        style={
          isLast
            ? { right: `${LANE_PX / 2 + 8}px`, bottom: '1px' }
            : { left: `${label}px`, bottom: isOwn ? '7px' : '10px' }
        }
      >
        <code>{event.event.type}</code>
        {event.from === 'timer' && <span className="ops-timer">{opsWords().origins.timer}</span>}
        <Gap kept={kept} />
      </span>
    </div>
  );
});
