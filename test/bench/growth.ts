/**
 * Whether a token costs more among many conversations: the same tokens a second from 10, 100 and 1,000 of them, each
 * number on a server of its own that stays for all rounds. (P7)
 */
import { greenroom, type Server, type Tab } from './contenders.ts';
import { type Figures, turn, warmTab } from './measures.ts';
import { sleep } from './process.ts';
import type { Table } from './report.ts';

const NUMBERS = [10, 100, 1_000];
const PER_SECOND = 500;
const TURN_MS = 14_000;
/** Before what is counted: a thousand prompts at once take four seconds until all are kept, and their runs begun. */
const BEGIN_MS = 9_000;
const COUNT_MS = 4_000;
/** So many programs are started at once. */
const STARTS = 8;
const SETTINGS = { CHAT_PROCESS_IDLE_MS: '3600000' };

interface Room {
  readonly name: string;
  readonly server: Server;
  readonly tabs: readonly Tab[];
}

export async function growth(rounds: number): Promise<Table[]> {
  const rooms: Room[] = [];
  for (const conversations of NUMBERS) rooms.push(await furnish(conversations));
  const figures = new Map(rooms.map(({ name }) => [name, [] as Figures[]]));
  for (let round = 0; round <= rounds; round += 1)
    for (const room of rooms) {
      process.stderr.write(`\rround ${round} of ${rounds}: ${room.name}\x1b[K`);
      const seen = await tokenCpu(room);
      if (round > 0) figures.get(room.name)?.push(seen); // the first warms the code
    }
  process.stderr.write('\r\x1b[K');
  await Promise.all(rooms.map(({ server }) => server.stop()));
  return [
    {
      name: 'growth',
      title: `${PER_SECOND} tokens/s in all, by how many conversations they come from (P7: at most 1.30 ×)`,
      rows: { tokenCpu: { label: 'server CPU', unit: 'µs/token', digits: 0 } },
      rounds: figures,
      bases: [nameOf(NUMBERS[0] ?? 0)],
    },
  ];
}

async function furnish(conversations: number): Promise<Room> {
  const name = nameOf(conversations);
  process.stderr.write(`\rstarting ${name}\x1b[K`);
  const server = await greenroom(name, undefined, [], SETTINGS).start('stream');
  const tabs: Tab[] = [];
  let next = 0;
  const starter = async () => {
    while (next < conversations) {
      next += 1;
      tabs.push(await warmTab(server, next));
    }
  };
  await Promise.all(Array.from({ length: STARTS }, starter));
  return { name, server, tabs };
}

async function tokenCpu({ server, tabs }: Room): Promise<Figures> {
  const each = PER_SECOND / tabs.length;
  const prompt = `rate ${each} for ${TURN_MS} after 1`;
  const turns = Promise.all(tabs.map((tab) => turn(tab, prompt, (each * TURN_MS) / 1_000)));
  await sleep(BEGIN_MS);
  const [from, cpu] = [performance.now(), server.program.cpuMs];
  await sleep(COUNT_MS);
  const [tookMs, used] = [performance.now() - from, server.program.cpuMs - cpu];
  await turns;
  return { tokenCpu: (used * 1_000) / ((PER_SECOND * tookMs) / 1_000) };
}

function nameOf(conversations: number): string {
  return `${conversations.toLocaleString('en')} conversations`;
}
