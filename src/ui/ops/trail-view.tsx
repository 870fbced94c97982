import { useMemo, useState } from 'react';
import type { ActorKind } from '../../transport/ops/protocol.ts';
import { ChartBox } from './chart-box.tsx';
import type { OpsClient } from './client.ts';
import { SnapshotBox } from './snapshot-box.tsx';
import { Timeline } from './timeline.tsx';
import { find, standingAt, type Trail } from './trail.ts';
import { useStepper } from './use-stepper.ts';

interface TrailViewProps {
  client: OpsClient;
  trail: Trail;
  /** Whose statechart and snapshot are shown; null: of whichever took the event. */
  actor: string | null;
  kind: ActorKind | null;
  /** Whether it goes on, or was recorded. */
  isLive: boolean;
}

/** Statechart, snapshot and events, all at the same moment: now, or the event that was stepped to. */
export function TrailView({ client, trail, actor, kind, isLive }: TrailViewProps) {
  const stepper = useStepper(trail, isLive);
  const [text, setText] = useState('');
  const [from, setFrom] = useState('');
  const shown = useMemo(() => find(stepper.trail, text, from), [stepper.trail, text, from]);
  const event = stepper.trail.kept[stepper.at]?.event ?? null;
  const whose = actor ?? event?.actor ?? null;
  const standing = whose === null ? null : standingAt(stepper.trail, whose, stepper.at);
  const onKeyDown = (pressed: React.KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[pressed.key];
    if (by === undefined || pressed.altKey || pressed.ctrlKey || pressed.metaKey) return;
    if ((pressed.target as Element).matches('input, select, textarea, .ops-chart-scroll')) return;
    pressed.preventDefault();
    stepper.step(by, shown);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys step wherever the focus is in it
    <div className={kind === null ? 'ops-trail no-chart' : 'ops-trail'} onKeyDown={onKeyDown}>
      {kind !== null && (
        <ChartBox
          client={client}
          kind={kind}
          actor={actor ?? ''}
          stepper={stepper}
          state={standing?.state ?? null}
        />
      )}
      <Timeline
        stepper={stepper}
        shown={shown}
        text={text}
        onText={setText}
        from={from}
        onFrom={setFrom}
        isLive={isLive}
        isOfAll={actor === null}
      />
      <SnapshotBox standing={standing} event={event} isPaused={stepper.isPaused} />
    </div>
  );
}
