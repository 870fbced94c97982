import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { isComposing } from '../compose/ime.ts';
import { words } from '../words/words.ts';
import { OptionLine } from './option-line.tsx';
import type { Group, Option } from './options.ts';

const QUERY_MAX = 200;
/** So far do Page Up and Page Down go. */
const PAGE = 8;

interface PaletteBoxProps {
  query: string;
  groups: readonly Group[];
  /** The option that Enter takes, by its id; the first one if there is none of that id. */
  activeId: string | null;
  /** What is to be said besides, under the list. */
  note: ReactNode;
  onQuery: (query: string) => void;
  onActive: (id: string) => void;
  onChoose: (option: Option) => void;
  onClose: () => void;
}

/** A box to type in and a list that follows it: the focus stays in the box (APG: editable combobox with a listbox). */
export function PaletteBox(props: PaletteBoxProps) {
  const { query, groups, activeId, note, onQuery, onActive, onChoose, onClose } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const options = groups.flatMap((group) => group.options);
  const active = options.find((option) => option.id === activeId) ?? options[0] ?? null;
  const domId = (option: Option) => `${id}-${option.id}`;

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const at = active ? options.indexOf(active) : 0;
    const last = options.length - 1;
    const next = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at === 0 ? last : at - 1,
      PageDown: Math.min(last, at + PAGE),
      PageUp: Math.max(0, at - PAGE),
    }[event.key];
    const to = next === undefined ? undefined : options[next];
    if (to) onActive(to.id);
    else if (event.key === 'Enter' && active) onChoose(active);
    else return;
    event.preventDefault();
  };

  const activeDom = active && domId(active);
  useEffect(() => {
    if (activeDom) document.getElementById(activeDom)?.scrollIntoView({ block: 'nearest' });
  }, [activeDom]);

  return (
    <>
      <div className="palette-head">
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="8.5" cy="8.5" r="5" />
          <path d="m12.5 12.5 4 4" />
        </svg>
        <input
          ref={input}
          className="palette-input"
          role="combobox"
          dir="auto"
          aria-label={words.palette.boxLabel}
          aria-expanded={options.length > 0}
          aria-controls={id}
          aria-activedescendant={activeDom ?? undefined}
          aria-autocomplete="list"
          placeholder={words.palette.placeholder}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="go"
          maxLength={QUERY_MAX}
          value={query}
          onChange={({ target }) => onQuery(target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="button quiet-button" onClick={onClose}>
          {words.palette.close}
        </button>
      </div>
      <div className="palette-list" role="listbox" id={id} aria-label={words.palette.results}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
          <div
            key={group.id}
            role="group"
            className="palette-group"
            aria-labelledby={`${id}-${group.id}`}
          >
            <p id={`${id}-${group.id}`} className="palette-label" role="presentation">
              {words.palette.groups[group.id]}
            </p>
            {group.options.map((option) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's, see above
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box
              <div
                key={option.id}
                id={domId(option)}
                role="option"
                aria-selected={option === active}
                className="palette-option"
                onMouseDown={(event) => event.preventDefault()} // the focus stays
                onMouseMove={() => option !== active && onActive(option.id)}
                onClick={() => onChoose(option)}
              >
                <OptionLine option={option} />
              </div>
            ))}
          </div>
        ))}
      </div>
      {note}
    </>
  );
}
