import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { stepTo } from '../history/roving.ts';
import { scrollTo, spanOf } from './window.ts';

interface WindowedListProps {
  label: string;
  className: string;
  count: number;
  rowHeight: number;
  /** The row the keys are at; below 0: none. */
  active: number;
  /** The row whose things are shown; below 0: none. */
  selected: number;
  /** `Enter`, or a click. */
  onChoose: (index: number) => void;
  /** Arrow keys, Home and End. */
  onActive: (index: number) => void;
  keyOf: (index: number) => string | number;
  row: (index: number) => ReactNode;
  /** Scrolls along with what is new at the end, as long as the reader is there. */
  followsEnd?: boolean;
  /** Whether the active row is scrolled to whenever it is another; else only where a key led there. */
  keepsInSight?: boolean;
}

/** A list of thousands of rows of one height, of which only those in sight are in the page. */
export function WindowedList(props: WindowedListProps) {
  const { label, className, count, rowHeight, active, selected } = props;
  const { followsEnd = false, keepsInSight = false } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, height: 600 });
  const isAtEnd = useRef(true);
  const byKey = useRef(false);

  const look = () => {
    const it = box.current;
    if (!it) return;
    isAtEnd.current = it.scrollTop + it.clientHeight >= it.scrollHeight - rowHeight;
    // By whole rows, so that it is not drawn anew for each pixel.
    const top = Math.floor(it.scrollTop / rowHeight) * rowHeight;
    const height = it.clientHeight;
    setPlace((now) => (now.top === top && now.height === height ? now : { top, height }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks at the box as it is
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when there is more, and when that is wished again
  useLayoutEffect(() => {
    const it = box.current;
    if (it && followsEnd && isAtEnd.current) it.scrollTop = it.scrollHeight;
    look();
  }, [count, followsEnd, props.keyOf(count - 1)]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks at the box as it is
  useLayoutEffect(() => {
    const it = box.current;
    if (!it || active < 0 || !(keepsInSight || byKey.current)) return;
    byKey.current = false;
    const to = scrollTo(active, it.scrollTop, it.clientHeight, rowHeight);
    if (to === null) return;
    it.scrollTop = to;
    look();
  }, [active, rowHeight, keepsInSight]);

  const { first, end } = spanOf(place.top, place.height + rowHeight, rowHeight, count);
  const shown = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
  const idOf = (index: number) => `${id}-${props.keyOf(index)}`;
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const page = Math.max(1, Math.floor(place.height / rowHeight) - 1);
    const to =
      event.key === 'PageDown'
        ? Math.min(count - 1, active + page)
        : event.key === 'PageUp'
          ? Math.max(0, active - page)
          : stepTo(event.key, active, count);
    if (to !== null) {
      byKey.current = true;
      props.onActive(to);
    } else if ((event.key === 'Enter' || event.key === ' ') && active >= 0) props.onChoose(active);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={box}
      className={`windowed ${className}`}
      role="listbox"
      aria-label={label}
      aria-activedescendant={active >= first && active < end ? idOf(active) : undefined}
      tabIndex={0}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <div
        role="presentation"
        className="windowed-rows"
        style={{ height: `${count * rowHeight}px` }}
      >
        {shown.map((index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names the row
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
          <div
            key={props.keyOf(index)}
            id={idOf(index)}
            role="option"
            aria-selected={index === selected}
            aria-setsize={count}
            aria-posinset={index + 1}
            className={index === active ? 'windowed-row at' : 'windowed-row'}
            style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
            onClick={() => props.onChoose(index)}
          >
            {props.row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
