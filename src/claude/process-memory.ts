/** How much memory a process and what it started take now, as Linux tells it. */
import { readdir } from 'node:fs/promises';
import { readProc } from './proc-file.ts';

/** What `statm` counts in, on every machine that Greenroom's packages run on; others would be told too little. */
const PAGE_BYTES = 4096;

/**
 * Resident bytes of a process, its children and theirs; pages that several share count in each. What has left its
 * parent (a server that Claude put in the background and whose shell has ended) is not found.
 * @returns 0 where it has gone, or there is no /proc.
 */
export async function residentBytes(pid: number): Promise<number> {
  const [own, children] = await Promise.all([ownBytes(pid), childrenOf(pid)]);
  const theirs = await Promise.all(children.map(residentBytes));
  return theirs.reduce((sum, bytes) => sum + bytes, own);
}

async function ownBytes(pid: number): Promise<number> {
  const statm = await readProc(`/proc/${pid}/statm`);
  return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
}

/** A child is listed under the thread that started it. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((id) => readProc(`/proc/${pid}/task/${id}/children`)),
  );
  return lists.flatMap((list) => list.split(' ').map(Number)).filter((child) => child > 0);
}
