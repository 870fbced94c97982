import { useState } from 'react';
import type { Origin } from '../../transport/ops/protocol.ts';
import { opsWords } from '../words/ops.ts';
import { EventRow } from './event-row.tsx';
import { lanesOf } from './sequence.ts';
import { LaneHeads, SequenceRow, widthOf } from './sequence-row.tsx';
import { StepBar } from './step-bar.tsx';
import type { Stepper } from './use-stepper.ts';
import { WindowedList } from './windowed-list.tsx';

const ORIGINS: readonly Origin[] = [
  'edge',
  'session',
  'conversation',
  'claude',
  'limits',
  'server',
  'timer',
];
const ROW_PX = { timeline: 30, sequence: 38 } as const;
const VIEWS = ['timeline', 'sequence'] as const;

interface TimelineProps {
  stepper: Stepper;
  /** Indices of the events that fit the filters. */
  shown: readonly number[];
  text: string;
  onText: (text: string) => void;
  /** Empty: from anywhere. */
  from: string;
  onFrom: (from: string) => void;
  isLive: boolean;
  /** Of all actors, each of which is named. */
  isOfAll: boolean;
}

/** The events, as lines or as arrows between those who take part; the newest at the end. */
export function Timeline(props: TimelineProps) {
  const { stepper, shown } = props;
  const said = opsWords();
  const [view, setView] = useState<(typeof VIEWS)[number]>('timeline');
  const { kept } = stepper.trail;
  const lanes = lanesOf(stepper.trail);
  const at = shown.lastIndexOf(stepper.at);
  const eventAt = (position: number) => kept[shown[position] ?? -1];
  const go = (position: number) => {
    const index = shown[position];
    if (index !== undefined) stepper.to(index);
  };
  return (
    <section className="ops-timeline" aria-label={said[view]}>
      <div className="ops-timeline-bar">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks, and there is no form */}
        <div className="ops-tabs" role="group" aria-label={said.views}>
          {VIEWS.map((it) => (
            <button key={it} type="button" aria-pressed={it === view} onClick={() => setView(it)}>
              {said[it]}
            </button>
          ))}
        </div>
        <input
          type="search"
          className="field"
          placeholder={said.filterEvents}
          aria-label={said.filterEvents}
          value={props.text}
          onInput={({ currentTarget }) => props.onText(currentTarget.value)}
        />
        <select
          className="field"
          aria-label={said.originFilter}
          value={props.from}
          onChange={({ target }) => props.onFrom(target.value)}
        >
          <option value="">{said.anyOrigin}</option>
          {ORIGINS.map((origin) => (
            <option key={origin} value={origin}>
              {said.origins[origin]}
            </option>
          ))}
        </select>
      </div>
      <StepBar stepper={stepper} shown={shown} isLive={props.isLive} />
      {shown.length === 0 ? (
        <p className="quiet ops-empty">{kept.length === 0 ? said.noEvents : said.noEventFits}</p>
      ) : (
        <div className={view === 'sequence' ? 'ops-events as-sequence' : 'ops-events'}>
          <div
            className="ops-events-wide"
            style={view === 'sequence' ? { minWidth: `${widthOf(lanes)}px` } : {}}
          >
            {view === 'sequence' && <LaneHeads lanes={lanes} />}
            <WindowedList
              key={view}
              label={said[view]}
              className="ops-event-rows"
              count={shown.length}
              rowHeight={ROW_PX[view]}
              active={at}
              selected={stepper.isPaused ? at : -1}
              onActive={go}
              onChoose={go}
              keyOf={(position) => eventAt(position)?.key ?? ''}
              row={(position) => {
                const event = eventAt(position);
                if (event === undefined) return null;
                return view === 'timeline' ? (
                  <EventRow kept={event} isOfAll={props.isOfAll} />
                ) : (
                  <SequenceRow kept={event} lanes={lanes} height={ROW_PX.sequence} />
                );
              }}
              followsEnd={!stepper.isPaused}
              keepsInSight={stepper.isPaused}
            />
          </div>
        </div>
      )}
    </section>
  );
}
