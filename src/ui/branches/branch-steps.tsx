import { useEffect, useId, useRef } from 'react';
import { hashOf } from '../chat/route.ts';
import { words } from '../words/words.ts';
import type { Siblings } from './branches.ts';

type Direction = 'back' | 'on';

/** The step just taken on this page: the same button has the focus in the conversation it leads to. */
let stepped: { to: string; direction: Direction } | null = null;

/** ‹ 2 / 3 ›: to the other ways it went on from here. */
export function BranchSteps({ siblings: { threads, at } }: { siblings: Siblings }) {
  const id = useId();
  const nav = useRef<HTMLElement>(null);
  const here = threads[at];
  useEffect(() => {
    if (stepped === null || stepped.to !== here) return;
    const { direction } = stepped;
    stepped = null;
    const hasFocus = document.activeElement !== document.body;
    if (hasFocus && !nav.current?.contains(document.activeElement)) return; // the reader went elsewhere
    const enabled = [...(nav.current?.querySelectorAll<HTMLElement>('button:enabled') ?? [])];
    (direction === 'on' ? enabled.at(-1) : enabled[0])?.focus();
  }, [here]);
  const step = (by: number) => threads[at + by];
  return (
    <nav className="branch-steps" aria-label={words.branches.label} ref={nav}>
      <Step to={step(-1)} mark="‹" direction="back" place={id} />
      <span aria-hidden="true">{`${at + 1} / ${threads.length}`}</span>
      <span className="hidden" id={id}>
        {words.branches.place(at + 1, threads.length)}
      </span>
      <Step to={step(1)} mark="›" direction="on" place={id} />
    </nav>
  );
}

interface StepProps {
  to: string | undefined;
  mark: string;
  direction: Direction;
  /** The id of what says where one is: it is spoken with the button. */
  place: string;
}

function Step({ to, mark, direction, place }: StepProps) {
  return (
    <button
      type="button"
      className="branch-step"
      aria-label={direction === 'back' ? words.branches.previous : words.branches.next}
      aria-describedby={place}
      disabled={to === undefined}
      onClick={() => {
        if (to === undefined) return;
        stepped = { to, direction };
        location.hash = hashOf(to);
      }}
    >
      <span aria-hidden="true">{mark}</span>
    </button>
  );
}
