import { type KeyboardEvent, useId, useRef, useState } from 'react';
import type { LimitView, LimitViews } from '../../transport/protocol.ts';
import { useNow } from '../view/clock.ts';
import { words } from '../words/words.ts';
import {
  type Counted,
  detailWords,
  LIMITS,
  leftWords,
  levelOf,
  shareOf,
  shortWords,
  tightest,
} from './limit-words.ts';

const GAP_PX = 8;

/** The limit that is reached first, quietly; all of them on demand. Nothing where all are lifted. */
export function LimitMeter({ limits }: { limits: LimitViews }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const name = tightest(limits);
  if (name === null) return null;
  const view = limits[name];
  const short = shortWords(name, view);

  const onToggle = () => {
    const isShown = popover.current?.matches(':popover-open') ?? false;
    setIsOpen(isShown);
    if (!isShown || !button.current || !popover.current) return;
    placeAbove(popover.current, button.current);
    popover.current.focus();
  };
  // It closes this, and must not stop the answer as well.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isOpen) event.stopPropagation();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={`limit-meter ${levelOf(view)}`}
        popoverTarget={id}
        aria-label={words.limits.meter(short, leftWords(view))}
        title={short}
        onKeyDown={onKeyDown}
      >
        <Ring share={shareOf(view) ?? 0} />
        {levelOf(view) !== 'low' && (
          <span className="limit-words" aria-hidden="true">
            {short}
          </span>
        )}
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={words.limits.yours}
        tabIndex={-1}
        className="limits-popover"
        onToggle={onToggle}
        onKeyDown={onKeyDown}
      >
        <h2>{words.limits.yours}</h2>
        {isOpen && <LimitList limits={limits} />}
      </div>
    </>
  );
}

function LimitList({ limits }: { limits: LimitViews }) {
  const now = useNow(15_000);
  return (
    <dl>
      {LIMITS.map((name) => (
        <LimitRow key={name} name={name} view={limits[name]} now={now} />
      ))}
    </dl>
  );
}

function LimitRow({ name, view, now }: { name: Counted; view: LimitView; now: number }) {
  const share = shareOf(view);
  return (
    <div className={`limit-row ${levelOf(view)}`}>
      <dt>{words.limits.names[name]}</dt>
      <dd className="limit-left">{leftWords(view)}</dd>
      {share !== null && (
        <dd className="limit-bar" aria-hidden="true">
          <meter value={share} aria-label={words.limits.names[name]} />
        </dd>
      )}
      <dd className="limit-detail">{detailWords(name, view, now)}</dd>
    </div>
  );
}

const RADIUS = 6.5;
const ROUND = 2 * Math.PI * RADIUS;

function Ring({ share }: { share: number }) {
  return (
    <svg className="ring" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r={RADIUS} />
      <circle
        className="ring-used"
        cx="8"
        cy="8"
        r={RADIUS}
        strokeDasharray={`${share * ROUND} ${ROUND}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}

/** Over its button, from where it grows upwards, and never over the edge of the page. */
function placeAbove(box: HTMLElement, anchor: HTMLElement): void {
  const { left, top } = anchor.getBoundingClientRect();
  const x = Math.max(GAP_PX, Math.min(left, innerWidth - box.offsetWidth - GAP_PX));
  box.style.left = `${x}px`;
  box.style.bottom = `${innerHeight - top + GAP_PX}px`;
  box.style.maxHeight = `${top - 2 * GAP_PX}px`;
}
