/** How a run is laid out: subagents as lanes, to-do calls as one list, all else as it came. */
import type { Item, Lane, NoteItem, Run, TextItem, ThinkingItem, ToolItem } from './thread.ts';
import { isTodoCall, type Todo, todosIn } from './todos.ts';
import { laneWords } from './tool-summary.ts';

export type Entry =
  | { kind: 'item'; key: string; item: TextItem | ThinkingItem | ToolItem | NoteItem }
  | { kind: 'lane'; key: string; lane: Lane; call: ToolItem | null; items: readonly Item[] }
  | { kind: 'todos'; key: string; todos: readonly Todo[] };

export function outline({ items, lanes }: Pick<Run, 'items' | 'lanes'>): Entry[] {
  const laneIds = new Set([
    ...lanes.map(({ id }) => id),
    ...items.flatMap(({ lane }) => lane ?? []),
  ]);
  const todoCalls = items.filter((item) => item.kind === 'tool' && isTodoCall(item)) as ToolItem[];
  const shown = new Set<string>();
  const entries: Entry[] = [];
  const addLane = (id: string) => {
    if (shown.has(id)) return;
    shown.add(id);
    entries.push(laneEntry(id, items, lanes));
  };
  for (const item of items) {
    if (item.kind === 'user') continue;
    if (item.lane !== null) addLane(item.lane);
    else if (laneIds.has(item.id)) addLane(item.id);
    else if (item === todoCalls[0])
      entries.push({ kind: 'todos', key: item.id, todos: todosIn(todoCalls) });
    else if (item.kind !== 'tool' || !todoCalls.includes(item))
      entries.push({ kind: 'item', key: item.id, item });
  }
  for (const { id } of lanes) addLane(id);
  return entries;
}

function laneEntry(id: string, items: readonly Item[], lanes: readonly Lane[]): Entry {
  const call = (items.find((item) => item.kind === 'tool' && item.id === id) as ToolItem) ?? null;
  const told = lanes.find((lane) => lane.id === id);
  const known = laneWords(call?.args ?? '');
  const lane: Lane = told ?? { id, ...known, state: 'running' };
  const description = lane.description || known.description;
  return {
    kind: 'lane',
    key: `lane:${id}`,
    lane: { ...lane, description },
    call,
    items: items.filter((item) => item.lane === id),
  };
}
