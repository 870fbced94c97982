import { type Item, liveRun, type Thread, type ToolItem } from './thread.ts';

/** Adds an item to the live run, unless it is there already. */
export function ensure(thread: Thread, id: string, make: () => Item): void {
  const run = liveRun(thread.runs);
  if (!run || run.items.some((item) => item.id === id)) return;
  thread.runs[thread.runs.length - 1] = { ...run, items: [...run.items, make()], retry: null };
}

/** Replaces one item, searching from the newest back: what streams is nearly always the last one. */
export function change(thread: Thread, id: string, edit: (item: Item) => Item): void {
  for (let r = thread.runs.length - 1; r >= 0; r -= 1) {
    const run = thread.runs[r];
    const i = run?.items.findLastIndex((item) => item.id === id) ?? -1;
    const item = run?.items[i];
    if (!run || !item) continue;
    const items = [...run.items];
    items[i] = edit(item);
    thread.runs[r] = { ...run, items };
    return;
  }
}

export function changeTool(thread: Thread, id: string, edit: (tool: ToolItem) => ToolItem): void {
  change(thread, id, (item) => (item.kind === 'tool' ? edit(item) : item));
}
