/** `greenroom backup` and `greenroom import`: done by the running server, or, where none runs, right here. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Store } from '../store/store.ts';
import { askControl } from '../transport/control.ts';
import { type ImportReport, importDirectory } from './import.ts';
import { openStore } from './open-store.ts';
import { UsageError } from './usage.ts';

/** Both may take as long as the disk does. */
const ANSWER_MS = 3_600_000;

/** Prints where the copy is. */
export async function backup(
  { dataDir }: Config,
  [file, ...rest]: readonly string[],
): Promise<string> {
  if (file === undefined || rest.length > 0) throw new UsageError('backup: name one new FILE');
  const to = resolve(file);
  await serverOrStore(dataDir, 'backup', { file: to }, (store) => store.backup(to));
  return to;
}

/** Prints what was imported. @throws With all problems, when something could not be read. */
export async function importHistories(
  { dataDir, historyDir }: Config,
  [given, ...rest]: readonly string[],
): Promise<string> {
  const from = given ?? historyDir;
  if (from === null || rest.length > 0)
    throw new UsageError('import: name one DIR, or set CHAT_HISTORY_DIR');
  const dir = resolve(from);
  const report = await serverOrStore<ImportReport>(dataDir, 'import', { dir }, (store) =>
    importDirectory(store, dir),
  );
  const { imported, known, problems } = report;
  const done = `${imported} conversations imported, ${known} were here already`;
  if (problems.length === 0) return done;
  throw new Error([`${done}, ${problems.length} left out:`, ...problems].join('\n  '));
}

async function serverOrStore<T>(
  dataDir: string | null,
  command: string,
  body: object,
  alone: (store: Store) => Promise<T>,
): Promise<T> {
  const dir = dataDir ?? '.';
  try {
    return (await askControl(dir, command, body, ANSWER_MS)) as T;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const store = openStore(dir);
  try {
    return await alone(store);
  } finally {
    await store.close();
  }
}
