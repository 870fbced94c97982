import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ActorKind } from '../../transport/ops/protocol.ts';
import { opsWords } from '../words/ops.ts';
import { bringIntoSight, cross, FLASH_MS, light, putIn, sizeOf } from './chart-dom.ts';
import type { OpsClient } from './client.ts';
import { moveAt } from './trail.ts';
import { useAsked } from './use-ops.ts';
import type { Stepper } from './use-stepper.ts';

const ZOOM_STEP = 1.25;
const ZOOM_MIN = 0.25;
const ZOOM_MAX = 4;
/** Smaller than this its words cannot be read, larger than that nothing is won. */
const READABLE = [0.75, 1.25] as const;
const PADDING_PX = 24;

/** `readable`: all of it where that can be read, else a part; `fit`: all of it. */
type Zoom = number | 'readable' | 'fit';

interface ChartBoxProps {
  client: OpsClient;
  kind: ActorKind;
  actor: string;
  stepper: Stepper;
  /** Null: it is not known. */
  state: string | null;
}

/** The statechart of an actor's machine, with the state it is in and the ways it went lit. */
export function ChartBox(props: ChartBoxProps) {
  const said = opsWords();
  const charts = useAsked(props.client.charts);
  const svg =
    charts.is === 'there'
      ? (charts.it.charts.find(({ kind }) => kind === props.kind)?.svg ?? null)
      : null;
  return (
    <section className="ops-chart" aria-label={said.chart}>
      {svg !== null ? (
        <Chart {...props} svg={svg} />
      ) : (
        <p className="quiet ops-empty">
          {charts.is === 'coming'
            ? said.opening
            : charts.is === 'failed'
              ? `${said.chartFailed} ${charts.why}`
              : said.noChart}
        </p>
      )}
    </section>
  );
}

function Chart({ svg, kind, actor, stepper, state }: ChartBoxProps & { svg: string }) {
  const said = opsWords();
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<SVGSVGElement | null>(null);
  const [zoom, setZoom] = useState<Zoom>('readable');
  useLayoutEffect(() => {
    drawn.current = box.current && putIn(box.current, svg);
  }, [svg]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another chart is sized anew
  useLayoutEffect(() => {
    const [frame, chart] = [box.current, drawn.current];
    if (!frame || !chart) return;
    const observer = new ResizeObserver(() => {
      resize(chart, scaleOf(chart, frame, zoom));
      bringIntoSight(frame, chart);
    });
    resize(chart, scaleOf(chart, frame, zoom));
    observer.observe(frame);
    return () => observer.disconnect();
  }, [zoom, svg]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another chart is lit anew
  useLayoutEffect(() => {
    if (!drawn.current || !box.current) return;
    light(drawn.current, state);
    bringIntoSight(box.current, drawn.current);
  }, [state, svg]);
  useCrossings(drawn, actor, stepper);

  const zoomBy = (factor: number) => {
    if (!drawn.current || !box.current) return;
    const now = scaleOf(drawn.current, box.current, zoom);
    setZoom(Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, now * factor)));
  };
  return (
    <>
      <div
        ref={box}
        className="ops-chart-scroll"
        role="img"
        aria-label={said.chartOf(kind, state ?? '–')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
        tabIndex={0}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks, and there is no form */}
      <div className="ops-zoom" role="group" aria-label={said.chart}>
        <button
          type="button"
          className="button"
          aria-label={said.zoomOut}
          title={said.zoomOut}
          onClick={() => zoomBy(1 / ZOOM_STEP)}
        >
          <span aria-hidden="true">−</span>
        </button>
        <button
          type="button"
          className="button"
          aria-pressed={zoom === 'fit'}
          onClick={() => setZoom(zoom === 'fit' ? 'readable' : 'fit')}
        >
          {said.fit}
        </button>
        <button
          type="button"
          className="button"
          aria-label={said.zoomIn}
          title={said.zoomIn}
          onClick={() => zoomBy(ZOOM_STEP)}
        >
          <span aria-hidden="true">+</span>
        </button>
      </div>
    </>
  );
}

/** Each way that is gone while one looks flashes; the one of the event that was stepped to stays lit. */
function useCrossings(
  drawn: React.RefObject<SVGSVGElement | null>,
  actor: string,
  { trail, at, isPaused }: Stepper,
): void {
  const seen = useRef(trail.nextKey);
  useEffect(() => {
    if (!drawn.current) return;
    if (isPaused) {
      cross(drawn.current, moveAt(trail, actor, at), null);
      seen.current = trail.nextKey;
      return;
    }
    trail.kept.forEach(({ key }, index) => {
      if (key >= seen.current && drawn.current)
        cross(drawn.current, moveAt(trail, actor, index), FLASH_MS);
    });
    seen.current = trail.nextKey;
  }, [drawn, actor, trail, at, isPaused]);
  useEffect(() => {
    if (!isPaused && drawn.current) cross(drawn.current, null, null);
  }, [drawn, isPaused]);
}

function resize(drawn: SVGSVGElement, scale: number): void {
  const { width, height } = sizeOf(drawn);
  if (!drawn.hasAttribute('viewBox')) drawn.setAttribute('viewBox', `0 0 ${width} ${height}`);
  drawn.setAttribute('width', String(Math.round(width * scale)));
  drawn.setAttribute('height', String(Math.round(height * scale)));
}

function scaleOf(drawn: SVGSVGElement, box: Element, zoom: Zoom): number {
  if (typeof zoom === 'number') return zoom;
  const { width, height } = sizeOf(drawn);
  const [inWidth, inHeight] = [
    (box.clientWidth - PADDING_PX) / width,
    (box.clientHeight - PADDING_PX) / height,
  ];
  const fit = Math.max(0.05, Math.min(inWidth, inHeight));
  return zoom === 'fit' ? fit : Math.min(READABLE[1], Math.max(READABLE[0], fit));
}
