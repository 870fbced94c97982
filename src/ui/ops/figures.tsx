import type { ReactNode } from 'react';
import type { Figures } from '../../transport/ops/protocol.ts';
import { sizeWords } from '../files/size-words.ts';
import { opsWords } from '../words/ops.ts';
import type { OpsClient } from './client.ts';
import { count, milliseconds, percent } from './numbers.ts';
import { lineThrough } from './spark.ts';
import { FIGURES_MAX } from './state.ts';
import { useOps } from './use-ops.ts';

/** How the whole server is, each figure with its last two minutes. */
export function FiguresStrip({ client }: { client: OpsClient }) {
  const figures = useOps(client, ({ figures }) => figures);
  return <FiguresOf figures={figures} />;
}

export function FiguresOf({ figures }: { figures: readonly Figures[] }) {
  const said = opsWords();
  const now = figures.at(-1);
  const some = (...texts: (string | false)[]) => texts.filter(Boolean).join(' · ');
  const { processes, runs } = now ?? {};
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, by keys too
    <section className="ops-figures" aria-label={said.figures} tabIndex={0}>
      <Figure
        name={said.figure.sockets}
        value={now && count(now.sockets)}
        more={now && said.conversationsLive(count(now.conversations))}
        past={figures.map((it) => it.sockets)}
      />
      <Figure
        name={said.figure.processes}
        value={processes && said.ofMax(count(processes.alive), count(processes.max))}
        more={
          processes &&
          some(
            processes.starting > 0 && said.starting(count(processes.starting)),
            processes.waiting > 0 && said.waitingFor(count(processes.waiting)),
          )
        }
        past={figures.map((it) => it.processes.alive)}
        ceiling={processes?.max}
      />
      <Figure
        name={said.figure.runs}
        value={runs && count(runs.running)}
        more={runs && some(said.queued(count(runs.queued)), said.parked(count(runs.parked)))}
        past={figures.map((it) => it.runs.running)}
      />
      <Figure
        name={said.figure.unsent}
        value={now && sizeWords(now.unsentBytes)}
        past={figures.map((it) => it.unsentBytes)}
      />
      <Figure
        name={said.figure.memory}
        value={now && sizeWords(now.residentBytes)}
        more={now && said.heap(sizeWords(now.heapBytes))}
        past={figures.map((it) => it.residentBytes)}
      />
      <Figure
        name={said.figure.loop}
        value={now && milliseconds(now.loopDelayMs)}
        past={figures.map((it) => it.loopDelayMs)}
      />
      <Figure
        name={said.figure.cpu}
        value={now && percent(now.cpu)}
        past={figures.map((it) => it.cpu)}
        ceiling={1}
      />
    </section>
  );
}

interface FigureProps {
  name: string;
  /** Undefined until it is known. */
  value: ReactNode;
  more?: string | undefined;
  past: readonly number[];
  /** What the top of the line stands for, where there is such a thing; more than that goes higher. */
  ceiling?: number | undefined;
}

function Figure({ name, value, more = '', past, ceiling = 0 }: FigureProps) {
  return (
    <div className="ops-figure">
      <p className="ops-figure-name">{name}</p>
      <p className="ops-figure-value">{value ?? '–'}</p>
      <p className="ops-figure-more">{more}</p>
      <svg
        className="ops-spark"
        viewBox={`0 0 ${FIGURES_MAX - 1} 24`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path d={lineThrough(past, FIGURES_MAX, 24, ceiling)} />
      </svg>
    </div>
  );
}
