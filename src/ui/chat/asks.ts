import type { Interrupt, ResumeEntry } from '../../transport/protocol.ts';
import type { Item, Run, Thread } from './thread.ts';

/**
 * Settles what runs have asked and `isOver` says is decided. A run with no open question left is `answered`;
 * its tools that waited run now.
 * A run that merely goes on from one that asked settles nothing by itself: Claude can go on talking, in a run
 * of the server's own, while the question is still open.
 */
export function settleAsks(
  thread: Thread,
  isOver: (ask: Interrupt, run: Run) => boolean,
  answer: readonly ResumeEntry[] | null = null,
): void {
  thread.runs.forEach((run, index) => {
    if (run.state !== 'asking') return;
    const over = run.asks.filter((ask) => isOver(ask, run));
    if (over.length === 0) return;
    const tools = new Set(over.map(({ toolCallId }) => toolCallId));
    const asks = run.asks.filter((ask) => !over.includes(ask));
    thread.runs[index] = {
      ...run,
      asks,
      items: run.items.map((item) => (tools.has(item.id) ? unblocked(item) : item)),
      state: asks.length === 0 ? 'answered' : 'asking',
      answer: answer ?? run.answer,
    };
  });
}

/** The runs a run goes on from, nearest first, with their places in the thread. */
export function ancestors(thread: Thread, run: Run): { run: Run; index: number }[] {
  const found: { run: Run; index: number }[] = [];
  for (let parentId = run.parentId; parentId !== null; ) {
    const index = thread.runs.findLastIndex(({ id }) => id === parentId);
    const parent = thread.runs[index];
    // A chain that bites its own tail ends here, whatever the server says.
    if (!parent || found.length > thread.runs.length) break;
    found.push({ run: parent, index });
    parentId = parent.parentId;
  }
  return found;
}

function unblocked(item: Item): Item {
  return item.kind === 'tool' && item.state === 'asking' ? { ...item, state: 'running' } : item;
}
