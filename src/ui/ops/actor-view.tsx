import type { OpsAct } from '../../transport/ops/protocol.ts';
import { useNow } from '../view/clock.ts';
import { opsWords } from '../words/ops.ts';
import { factsOf } from './actor-line.tsx';
import { actsFor, isHarsh } from './acts.ts';
import { BackButton } from './back-button.tsx';
import type { OpsClient } from './client.ts';
import { KindMark } from './kind-mark.tsx';
import { age, count } from './numbers.ts';
import { ALL, type Followed } from './state.ts';
import { StateChip } from './state-chip.tsx';
import { NOTHING } from './trail.ts';
import { TrailView } from './trail-view.tsx';
import { useOps } from './use-ops.ts';

interface ActorViewProps {
  client: OpsClient;
  /** `*`: all of them. */
  actor: string;
  /** Null where the list stands beside it. */
  onBack: (() => void) | null;
  onAct: (act: OpsAct) => void;
  onFollow: (actor: string) => void;
}

/** The actor that is followed: what it is, how it stands, and what happens in it and around it. */
export function ActorView({ client, actor, onBack, onAct, onFollow }: ActorViewProps) {
  const said = opsWords();
  const followed = useOps(client, ({ followed }) => (followed?.actor === actor ? followed : null));
  const row = followed?.row ?? null;
  return (
    <section className="ops-detail" aria-label={actor === ALL ? said.allEvents : actor}>
      <div className="ops-head">
        {onBack && <BackButton onBack={onBack} />}
        {actor === ALL ? (
          <h2>{said.allEvents}</h2>
        ) : (
          <ActorHead followed={followed} actor={actor} onFollow={onFollow} />
        )}
        {row && !followed?.hasEnded && <Acts client={client} row={row} onAct={onAct} />}
      </div>
      {followed?.hasEnded && <p className="ops-note">{said.ended}</p>}
      {(followed?.dropped ?? 0) > 0 && (
        <p className="ops-note" title={said.droppedTitle}>
          {said.dropped(count(followed?.dropped ?? 0))}
        </p>
      )}
      {followed === null || (followed.isAsked && followed.trail.kept.length === 0) ? (
        <p className="quiet ops-empty">{said.opening}</p>
      ) : (
        <TrailView
          client={client}
          trail={followed.trail ?? NOTHING}
          actor={actor === ALL ? null : actor}
          kind={actor === ALL ? null : (row?.kind ?? null)}
          isLive={true}
        />
      )}
    </section>
  );
}

function ActorHead(props: {
  followed: Followed | null;
  actor: string;
  onFollow: (actor: string) => void;
}) {
  const said = opsWords();
  const now = useNow();
  const row = props.followed?.row ?? null;
  if (row === null)
    return (
      <h2>
        <code>{props.actor}</code>
      </h2>
    );
  return (
    <div className="ops-who">
      <h2>
        <KindMark kind={row.kind} />
        <span className="ops-user">{row.user ?? said.nobody}</span>{' '}
        <code title={row.id}>{row.id}</code>
        {!props.followed?.hasEnded && <StateChip state={row.state} />}
      </h2>
      <p className="ops-actor-facts">
        <span>{said.kinds[row.kind]}</span>
        {!props.followed?.hasEnded &&
          factsOf(row, said.age(age(now - row.since))).map(({ text, tone }) => (
            <span key={text} className={tone}>
              {text}
            </span>
          ))}
        {row.run !== undefined && (
          <span>
            {said.run} <code>{row.run}</code>
          </span>
        )}
        {row.fault !== undefined && <code className="bad">{row.fault}</code>}
        {row.of !== undefined && (
          <button
            type="button"
            className="link-button"
            onClick={() => props.onFollow(row.of ?? props.actor)}
          >
            {said.of}
          </button>
        )}
      </p>
    </div>
  );
}

function Acts(props: {
  client: OpsClient;
  row: NonNullable<Followed['row']>;
  onAct: (act: OpsAct) => void;
}) {
  const said = opsWords();
  const capsulesMax = useOps(props.client, ({ about }) => about?.capsulesMax ?? 0);
  const isLive = useOps(props.client, ({ line }) => line.is === 'live');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks, and there is no form
    <div className="ops-acts" role="group" aria-label={said.actions}>
      {actsFor(props.row, capsulesMax).map((act) => (
        <button
          key={act.act}
          type="button"
          className={isHarsh(act) ? 'button danger' : 'button'}
          disabled={!isLive}
          onClick={() => props.onAct(act)}
        >
          {said.acts[act.act].label}
        </button>
      ))}
    </div>
  );
}
