/** Every shortcut of the page, once: handlers ask whether one was pressed, and the keyboard help lists them all. */

/** `own`: ⌘ on a Mac, Ctrl elsewhere, and not the other; `either`: whichever of the two. */
type Modifier = 'own' | 'either';

interface Shortcut {
  /** Where it is heard. */
  readonly place: 'page' | 'box' | 'reading';
  /** The character or key, as `KeyboardEvent.key` names it. */
  readonly key: string;
  /** The key by its place, where a keyboard writes no Latin letters or Shift makes another character of it. */
  readonly code?: string;
  readonly modifier?: Modifier;
  /** `any`: some keyboards need it for the character. */
  readonly shift?: true | 'any';
}

export const SHORTCUTS = {
  palette: { place: 'page', key: 'k', code: 'KeyK', modifier: 'own' },
  help: { place: 'page', key: '?', shift: 'any' },
  stop: { place: 'page', key: 'Escape' },
  send: { place: 'box', key: 'Enter' },
  sendAlways: { place: 'box', key: 'Enter', modifier: 'either' },
  breakLine: { place: 'box', key: 'Enter', shift: true },
  recallEarlier: { place: 'box', key: 'ArrowUp' },
  recallLater: { place: 'box', key: 'ArrowDown' },
  command: { place: 'box', key: '/' },
  file: { place: 'box', key: '@' },
  quote: { place: 'reading', key: '9', code: 'Digit9', modifier: 'either', shift: true },
} as const satisfies Record<string, Shortcut>;

export type ShortcutId = keyof typeof SHORTCUTS;

/** Of the browser's event and of React's alike. */
export type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'> & {
  readonly code?: string;
};

export function pressed(event: Pressed, id: ShortcutId, mac = isMac()): boolean {
  const { key, code, modifier, shift }: Shortcut = SHORTCUTS[id];
  if (event.altKey || (shift !== 'any' && event.shiftKey !== (shift ?? false))) return false;
  if (!isModified(event, modifier, mac)) return false;
  if (code !== undefined && event.code === code && (shift || isForeign(event.key))) return true;
  return key.length === 1 ? event.key.toLowerCase() === key : event.key === key;
}

function isModified(event: Pressed, modifier: Modifier | undefined, mac: boolean): boolean {
  const { ctrlKey, metaKey } = event;
  if (modifier === 'either') return ctrlKey || metaKey;
  if (modifier === 'own') return mac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  return !ctrlKey && !metaKey;
}

/** Cyrillic, Greek, Hebrew …: there the letter's place is what is meant. */
function isForeign(key: string): boolean {
  return !/^[\x20-\x7e]/.test(key);
}

/** What is printed on the keys of one shortcut, in the order they are pressed. */
export type Keycap = 'command' | 'control' | 'shift' | 'enter' | 'escape' | (string & {});

export function keycapsOf(id: ShortcutId, mac = isMac()): Keycap[] {
  const { key, modifier, shift }: Shortcut = SHORTCUTS[id];
  return [
    ...(modifier ? [mac ? 'command' : 'control'] : []),
    ...(shift === true ? ['shift'] : []),
    CAPS[key] ?? key.toUpperCase(),
  ];
}

const CAPS: Record<string, Keycap> = {
  Escape: 'escape',
  Enter: 'enter',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

/** As `aria-keyshortcuts` says it. */
export function ariaKeys(id: ShortcutId, mac = isMac()): string {
  const { key, modifier, shift }: Shortcut = SHORTCUTS[id];
  return [
    ...(modifier ? [mac ? 'Meta' : 'Control'] : []),
    ...(shift === true ? ['Shift'] : []),
    key.length === 1 ? key.toUpperCase() : key,
  ].join('+');
}

export function isMac(): boolean {
  return /^(?:Mac|iP)/.test(navigator.platform);
}
