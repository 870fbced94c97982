import { opsWords } from '../words/ops.ts';
import { count } from './numbers.ts';
import type { Stepper } from './use-stepper.ts';

interface StepBarProps {
  stepper: Stepper;
  shown: readonly number[];
  isLive: boolean;
}

/** Stops time, and goes through it. */
export function StepBar({ stepper, shown, isLive }: StepBarProps) {
  const said = opsWords();
  const position = shown.lastIndexOf(stepper.at);
  const last = shown.length - 1;
  return (
    <div className="ops-steps" title={said.steppingHint}>
      {isLive && (
        <button
          type="button"
          className={stepper.isPaused ? 'button primary' : 'button'}
          onClick={stepper.isPaused ? stepper.live : stepper.pause}
        >
          {stepper.isPaused ? said.goLive : said.pause}
        </button>
      )}
      <button
        type="button"
        className="button ops-step"
        aria-label={said.previous}
        title={said.previous}
        disabled={position === 0 || last < 0}
        onClick={() => stepper.step(-1, shown)}
      >
        <span aria-hidden="true">◀</span>
      </button>
      <button
        type="button"
        className="button ops-step"
        aria-label={said.next}
        title={said.next}
        disabled={!stepper.isPaused || position === last}
        onClick={() => stepper.step(1, shown)}
      >
        <span aria-hidden="true">▶</span>
      </button>
      <input
        type="range"
        className="ops-slider"
        aria-label={said.position}
        aria-valuetext={said.positionOf(count(position + 1), count(last + 1))}
        min={0}
        max={Math.max(0, last)}
        value={Math.max(0, position)}
        disabled={last < 0}
        onInput={({ currentTarget }) => {
          const index = shown[Number(currentTarget.value)];
          if (index !== undefined) stepper.to(index);
        }}
      />
      <span className="ops-position">{said.positionOf(count(position + 1), count(last + 1))}</span>
      {stepper.news > 0 && <span className="ops-news">{said.since(count(stepper.news))}</span>}
    </div>
  );
}
