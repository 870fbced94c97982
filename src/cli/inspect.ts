/** `greenroom inspect`: the living actors of the server that runs on this machine, in a terminal. */
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { followControl } from '../transport/control-stream.ts';
import type { ActorRow, OpsServerFrame } from '../transport/ops/protocol.ts';
import { actorTree, eventLine } from './actor-tree.ts';
import { UsageError } from './usage.ts';

export interface Screen {
  write(text: string): void;
  /** Null: it is no terminal, and what is written stays. */
  readonly size: { columns: number; rows: number } | null;
}

/** @returns Resolves when the server has gone, or all was shown that was asked for. */
export async function inspect(
  { dataDir }: Pick<Config, 'dataDir'>,
  args: readonly string[],
  screen: Screen,
): Promise<void> {
  const { actor, once, json } = readArgs(args);
  const view = new View(screen, actor !== null);
  const frames = followControl(dataDir ?? '.', 'inspect', { actor });
  for await (const frame of frames as AsyncIterable<OpsServerFrame>) {
    if (frame.type === 'followed' && actor !== null && frame.actor === null)
      throw new Error(`no actor that lives is called ${actor}; greenroom inspect lists them`);
    if (json) screen.write(`${JSON.stringify(frame)}\n`);
    else view.show(frame);
    if (once && frame.type === 'actors' && frame.last) return;
  }
}

class View {
  readonly #screen: Screen;
  readonly #follows: boolean;
  readonly #rows = new Map<string, ActorRow>();
  #isWhole = false;

  constructor(screen: Screen, follows: boolean) {
    this.#screen = screen;
    this.#follows = follows;
  }

  show(frame: OpsServerFrame): void {
    if (frame.type === 'events')
      for (const event of frame.events) this.#screen.write(`${eventLine(event)}\n`);
    if (frame.type !== 'actors' && frame.type !== 'changed') return;
    for (const row of frame.rows) this.#rows.set(row.id, row);
    for (const id of frame.type === 'changed' ? frame.gone : []) this.#rows.delete(id);
    this.#isWhole ||= frame.type === 'actors' && frame.last;
    if (this.#isWhole && !this.#follows) this.#draw();
  }

  #draw(): void {
    const tree = actorTree(this.#rows.values(), Date.now());
    const head = `${this.#rows.size} actors live`;
    const { size } = this.#screen;
    if (size === null) return this.#screen.write(`${[head, ...tree].join('\n')}\n\n`);
    const room = Math.max(1, size.rows - 2);
    const shown = [head, ...tree].slice(0, room).map((line) => line.slice(0, size.columns));
    const hidden = 1 + tree.length - shown.length;
    const more = hidden > 0 ? [`… ${hidden} lines more`] : [];
    this.#screen.write(`${CLEAR}${[...shown, ...more].join('\n')}\n`);
  }
}

/** To the top left, and nothing below. */
const CLEAR = '\u001B[H\u001B[J';

function readArgs(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { once: { type: 'boolean' }, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [actor = null, ...rest] = positionals;
    if (rest.length > 0) throw new Error('name one actor at most');
    return { actor, once: values.once === true, json: values.json === true };
  } catch (error) {
    throw new UsageError(`inspect: ${(error as Error).message}`);
  }
}
