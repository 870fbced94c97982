/** `greenroom backup`, `greenroom import` and `greenroom usage`: done by the running server, or, where none runs, right here. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { FaultError } from '../faults.ts';
import type { Store } from '../store/store.ts';
import { askIfRunning } from '../transport/control.ts';
import { dateIn, usageCsv, usageQuery, usageTable } from '../transport/usage.ts';
import { dataDirOf, openStore } from './data-dir.ts';
import { type ImportReport, importDirectory } from './import.ts';
import { UsageError } from './usage.ts';

/** Both may take as long as the disk does. */
const ANSWER_MS = 3_600_000;

/** Prints where the copy is. */
export async function backup(config: Config, [file, ...rest]: readonly string[]): Promise<string> {
  if (file === undefined || rest.length > 0) throw new UsageError('backup: name one new FILE');
  const to = resolve(file);
  await serverOrStore(config, 'backup', { file: to }, (store) => store.backup(to));
  return to;
}

/** Prints what was imported. @throws With all problems, when something could not be read. */
export async function importHistories(
  config: Config,
  [given, ...rest]: readonly string[],
): Promise<string> {
  const from = given ?? config.historyDir;
  if (from === null || rest.length > 0)
    throw new UsageError('import: name one DIR, or set CHAT_HISTORY_DIR');
  const dir = resolve(from);
  const report = await serverOrStore<ImportReport>(config, 'import', { dir }, (store) =>
    importDirectory(store, dir),
  );
  const { imported, known, problems } = report;
  const done = `${imported} conversations imported, ${known} were here already`;
  if (problems.length === 0) return done;
  throw new Error([`${done}, ${problems.length} left out:`, ...problems].join('\n  '));
}

/** Prints what was used by whom on which days: a table, or CSV. */
export async function usage(config: Config, args: readonly string[]): Promise<string> {
  const { query, csv } = readUsageArgs(config, args);
  const { usage: used } = await serverOrStore(config, 'usage', query, async (store) => ({
    usage: await store.usage(query),
  }));
  return csv ? usageCsv(used).trimEnd() : usageTable(used);
}

function readUsageArgs({ timeZone }: Config, args: readonly string[]) {
  const text = { type: 'string' as const };
  try {
    const options = { from: text, to: text, user: text, csv: { type: 'boolean' as const } };
    const {
      from = null,
      to = null,
      user = null,
      csv,
    } = parseArgs({
      args: [...args],
      options,
    }).values;
    const query = usageQuery({ from, to }, user, dateIn(timeZone, Date.now()));
    return { query, csv: csv === true };
  } catch (error) {
    const why = error instanceof FaultError ? error.detail : (error as Error).message;
    throw new UsageError(`usage: ${why}`);
  }
}

/** Asks the server that runs; where none does, the store itself. */
export async function serverOrStore<T>(
  config: Config,
  command: string,
  body: object,
  alone: (store: Store) => Promise<T>,
): Promise<T> {
  const answer = await askIfRunning(config.dataDir ?? '.', command, body, ANSWER_MS);
  if (answer !== null) return answer as T;
  const store = await openStore(dataDirOf(config), config);
  try {
    return await alone(store);
  } finally {
    await store.close();
  }
}
