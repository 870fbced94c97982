/**
 * `greenroom import`: the histories of the server that Greenroom replaces, `<user>/<12 hex>.ndjson` with one
 * `{"ts","user","role","content"}` a line. Importing again changes nothing that is there already.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { conversationKey, type Store } from '../store/store.ts';
import { isUserName } from '../transport/auth/user-name.ts';
import type { Message } from '../transport/protocol.ts';

const FILE = /^[0-9a-f]{12}\.ndjson$/;
/** The replaced server made its CLI session ids so: where its Claude configuration is kept, Claude remembers. */
const SESSION_NAMESPACE = '6d436c61756465536573736964000000';

export interface ImportReport {
  /** Conversations that were imported, and those that were here already. */
  readonly imported: number;
  readonly known: number;
  /** What could not be read, and why: nothing of such a file is imported. */
  readonly problems: readonly string[];
}

/** @throws When the directory cannot be read. */
export async function importDirectory(
  store: Pick<Store, 'importConversation'>,
  dir: string,
): Promise<ImportReport> {
  const report = { imported: 0, known: 0, problems: [] as string[] };
  for (const file of historyFiles(dir, report.problems)) {
    try {
      const messages = messagesIn(
        readFileSync(join(dir, file.user, file.name), 'utf8'),
        file.thread,
      );
      const times = messages.map(({ metadata }) => Number(metadata?.createdAt));
      const isNew = await store.importConversation(conversationKey(file.user, file.thread), {
        sessionId: uuid5(`${file.thread}-claude`),
        messages,
        createdAt: Math.min(...times),
        updatedAt: Math.max(...times),
      });
      report[isNew ? 'imported' : 'known'] += 1;
    } catch (error) {
      report.problems.push(`${join(file.user, file.name)}: ${(error as Error).message}`);
    }
  }
  return report;
}

interface HistoryFile {
  readonly user: string;
  readonly name: string;
  readonly thread: string;
}

function historyFiles(dir: string, problems: string[]): HistoryFile[] {
  const users = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return users.flatMap(({ name: user }) => {
    if (!isUserName(user)) {
      problems.push(`${user}: not a user name`);
      return [];
    }
    return readdirSync(join(dir, user)).flatMap((name) => {
      if (FILE.test(name)) return [{ user, name, thread: basename(name, '.ndjson') }];
      problems.push(`${join(user, name)}: not named <12 hex digits>.ndjson`);
      return [];
    });
  });
}

function messagesIn(text: string, thread: string): Message[] {
  const lines = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, i }]));
  if (lines.length === 0) throw new Error('holds no message');
  return lines.map(({ line, i }) => {
    const message = messageIn(line, `${thread}-${i + 1}`);
    if (message === null) throw new Error(`line ${i + 1} is not {"ts","user","role","content"}`);
    return message;
  });
}

function messageIn(line: string, id: string): Message | null {
  const { ts, role, content } = parse(line);
  const createdAt = typeof ts === 'number' ? ts * 1000 : Date.parse(String(ts));
  if ((role !== 'user' && role !== 'assistant') || typeof content !== 'string') return null;
  if (Number.isNaN(new Date(createdAt).getTime())) return null; // also what no calendar has
  return { id, role, content: content.toWellFormed(), metadata: { createdAt } };
}

function parse(line: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(line) };
  } catch {
    return {};
  }
}

/** RFC 9562, version 5. */
function uuid5(name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(SESSION_NAMESPACE, 'hex'))
    .update(name)
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
