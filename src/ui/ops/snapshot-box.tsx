import type { ActorEvent } from '../../transport/ops/protocol.ts';
import { opsWords } from '../words/ops.ts';
import { StateChip } from './state-chip.tsx';
import type { Standing } from './trail.ts';

interface SnapshotBoxProps {
  /** Null: it is not known. */
  standing: Standing | null;
  /** The last it took. */
  event: ActorEvent | null;
  isPaused: boolean;
}

/** How an actor stands, or stood: its state, what it keeps, and the event that led there. */
export function SnapshotBox({ standing, event, isPaused }: SnapshotBoxProps) {
  const said = opsWords();
  const title = isPaused ? said.snapshotThen : said.snapshot;
  const { type, ...fields } = event?.event ?? { type: '' };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    <section className="ops-snapshot" aria-label={title} tabIndex={0}>
      <h3>{title}</h3>
      {standing === null ? (
        <p className="quiet">{said.unknownThen}</p>
      ) : (
        <>
          <p className="ops-stands">
            <StateChip state={standing.state} />
          </p>
          <Fields of={livingFirst(standing.context)} name={said.context} none={said.noContext} />
        </>
      )}
      {event && (
        <>
          <h3>{said.event}</h3>
          <p className="ops-stands">
            <code>{type}</code>
          </p>
          <Fields of={{ actor: event.actor, ...fields }} name={said.event} none="" />
        </>
      )}
    </section>
  );
}

/** Machines keep their settings beside what changes, and those are looked for last. */
function livingFirst(context: Standing['context']): Standing['context'] {
  const isSetting = (name: string) => /(?:Ms|Max)$/.test(name);
  const fields = Object.entries(context);
  return Object.fromEntries([
    ...fields.filter(([name]) => !isSetting(name)),
    ...fields.filter(([name]) => isSetting(name)),
  ]);
}

function Fields(props: { of: { [name: string]: unknown }; name: string; none: string }) {
  const fields = Object.entries(props.of);
  if (fields.length === 0) return <p className="quiet">{props.none}</p>;
  return (
    <table className="ops-fields" aria-label={props.name}>
      <tbody>
        {fields.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>
              <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
