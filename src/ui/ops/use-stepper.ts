import { useState } from 'react';
import type { Trail } from './trail.ts';

export interface Stepper {
  /** What is shown: as it goes on, or as it was when it was paused. */
  readonly trail: Trail;
  /** The event that chart and snapshot stand at; below 0: before the first. */
  readonly at: number;
  readonly isPaused: boolean;
  /** Events that have come since it was paused. */
  readonly news: number;
  pause(): void;
  to(index: number): void;
  /** By so many of those that are shown; pauses. */
  step(by: number, shown: readonly number[]): void;
  live(): void;
}

/** @param isLive Whether there is more to come; what was recorded begins at its beginning. */
export function useStepper(trail: Trail, isLive: boolean): Stepper {
  const [stopped, stop] = useState<{ trail: Trail; at: number } | null>(
    isLive ? null : { trail, at: 0 },
  );
  const shownTrail = stopped?.trail ?? trail;
  const at = stopped?.at ?? trail.kept.length - 1;
  const to = (index: number) => stop({ trail: shownTrail, at: index });
  return {
    trail: shownTrail,
    at,
    isPaused: stopped !== null,
    news: stopped && isLive ? trail.nextKey - stopped.trail.nextKey : 0,
    pause: () => to(at),
    to,
    step: (by, shown) => {
      const next = stepFrom(at, by, shown);
      if (next !== null) to(next);
    },
    live: () => stop(null),
  };
}

/** The event so many further among those that are shown; null: there is none. */
export function stepFrom(at: number, by: number, shown: readonly number[]): number | null {
  if (by > 0) return shown.find((index) => index > at) ?? null;
  return shown.findLast((index) => index < at) ?? null;
}
