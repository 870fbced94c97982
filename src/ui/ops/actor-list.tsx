import { useMemo, useState } from 'react';
import { useNow } from '../view/clock.ts';
import { opsWords } from '../words/ops.ts';
import { ActorFilters } from './actor-filters.tsx';
import { ActorLine } from './actor-line.tsx';
import type { OpsClient } from './client.ts';
import { age } from './numbers.ts';
import { ALL_ACTORS, counts, linesOf } from './roster.ts';
import { useOps } from './use-ops.ts';
import { WindowedList } from './windowed-list.tsx';

const ROW_PX = 56;

interface ActorListProps {
  client: OpsClient;
  followed: string | null;
  onFollow: (actor: string) => void;
}

/** All living actors, as they are wanted. */
export function ActorList({ client, followed, onFollow }: ActorListProps) {
  const said = opsWords();
  const rows = useOps(client, ({ rows }) => rows);
  const isListed = useOps(client, ({ isListed }) => isListed);
  const [wanted, want] = useState(ALL_ACTORS);
  const [activeId, setActive] = useState<string | null>(followed);
  const lines = useMemo(() => linesOf(rows, wanted), [rows, wanted]);
  const counted = useMemo(() => counts(rows, wanted.kind), [rows, wanted.kind]);
  const now = useNow();
  const indexOf = (id: string | null) =>
    id === null ? -1 : lines.findIndex(({ row }) => row.id === id);
  const choose = (index: number) => {
    const id = lines[index]?.row.id;
    if (id === undefined) return;
    setActive(id);
    onFollow(id);
  };
  return (
    <section className="ops-list" aria-label={said.actors}>
      <ActorFilters
        wanted={wanted}
        onWant={want}
        counts={counted}
        shown={lines.length}
        all={rows.size}
      />
      {!isListed ? (
        <p className="quiet ops-empty">{said.loading}</p>
      ) : rows.size === 0 ? (
        <p className="quiet ops-empty">{said.noActors}</p>
      ) : lines.length === 0 ? (
        <div className="ops-empty">
          <p className="quiet">{said.noneFits}</p>
          <button type="button" className="button" onClick={() => want(ALL_ACTORS)}>
            {said.clearFilters}
          </button>
        </div>
      ) : (
        <WindowedList
          label={said.actors}
          className="ops-rows"
          count={lines.length}
          rowHeight={ROW_PX}
          active={indexOf(activeId)}
          selected={indexOf(followed)}
          onActive={(index) => setActive(lines[index]?.row.id ?? null)}
          onChoose={choose}
          keyOf={(index) => lines[index]?.row.id ?? ''}
          row={(index) => {
            const line = lines[index];
            return (
              line && (
                <ActorLine row={line.row} depth={line.depth} age={age(now - line.row.since)} />
              )
            );
          }}
        />
      )}
    </section>
  );
}
