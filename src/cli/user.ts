/** `greenroom user remove`: a user who is to leave, with all that is kept of theirs. */
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { forgetTranscript, usersDirOf } from '../claude/launch.ts';
import type { Config } from '../config.ts';
import type { SweepRules } from '../store/history.ts';
import { UNDO_MS } from '../store/housekeeper.ts';
import { type Store, userOf } from '../store/store.ts';
import { Members } from '../transport/auth/members.ts';
import { isUserName } from '../transport/auth/user-name.ts';
import { serverOrStore } from './data.ts';
import { dataDirOf, sharedSettings } from './data-dir.ts';
import { listsOf } from './members.ts';
import { UsageError } from './usage.ts';

const PAGE = 100;

export interface Removed {
  readonly signIns: number;
  readonly conversations: number;
  /** `link`: what stands there leads elsewhere, and was left. */
  readonly directory: 'removed' | 'none' | 'link';
}

export interface RemovalParts {
  readonly store: Store;
  /** All users' own directories. */
  readonly usersDir: string;
  readonly now: () => number;
  /** Ends what goes on in conversations of theirs; resolves when its processes have gone, or soon after. */
  readonly end: () => Promise<void>;
  /** Forgets for good what was deleted. */
  readonly sweep: () => Promise<void>;
}

/** Asks for what cannot be undone. Null: there is nobody to ask. */
export type Ask = ((question: string) => Promise<string>) | null;

/** Prints what was done. @throws {UsageError} Where nobody said yes and nobody can be asked. */
export async function user(config: Config, args: readonly string[], ask: Ask): Promise<string> {
  const { name, yes } = readArgs(args);
  if (!yes) {
    if (ask === null) throw new UsageError('user remove: add --yes, as nobody can be asked here');
    const question = `This ends every sign-in of ${name} and deletes their conversations, images and directory for good. Type the name to go on: `;
    if ((await ask(question)).trim() !== name) return 'nothing was done';
  }
  const removed = await serverOrStore<Removed>(config, 'removeUser', { user: name }, (store) =>
    removeUser(removalOn(config, store), name),
  );
  return inWords(config, name, removed);
}

/**
 * Ends a user's sign-ins first, so that nothing new begins, then what goes on, then what is kept.
 * @throws {RangeError} For what no user can be called.
 */
export async function removeUser(parts: RemovalParts, name: string): Promise<Removed> {
  if (!isUserName(name)) throw new RangeError(`not a user name: ${JSON.stringify(name)}`);
  const { store, now, end, sweep, usersDir } = parts;
  const signIns = (await store.signInsOf(name, now())).length;
  await store.revokeUser(name);
  let conversations = 0;
  for (;;) {
    const { found } = await store.list(name, null, PAGE);
    if (found.length === 0) break;
    // As if long ago: nobody is to restore them.
    for (const { key } of found) await store.remove(key, now() - UNDO_MS - 1);
    conversations += found.length;
  }
  await end();
  await sweep();
  await store.forgetReader(name); // last, as a link that was being opened is noted until its sign-in has ended
  return { signIns, conversations, directory: removeDirectory(usersDir, name) };
}

/** Nothing outside of `users/NAME` is touched: a link is not followed, neither there nor further down. */
function removeDirectory(users: string, name: string): Removed['directory'] {
  const own = join(users, name);
  for (const dir of [users, own]) {
    const found = lstatSync(dir, { throwIfNoEntry: false });
    if (found === undefined) return 'none';
    if (!found.isDirectory()) return 'link';
  }
  rmSync(own, { recursive: true, maxRetries: 3 });
  return 'removed';
}

/** Where no server runs, nothing goes on. */
function removalOn(config: Config, store: Store): RemovalParts {
  const dataDir = dataDirOf(config);
  const sweep = async () => {
    const rules: SweepRules = {
      endedBefore: 0,
      deletedBefore: Date.now() - UNDO_MS,
      unusedSince: null,
    };
    for (let more = true; more; ) {
      const swept = await store.sweep(rules);
      const { key, sessionId } = swept.forgotten ?? {};
      if (key && sessionId) forgetTranscript({ ...config, dataDir }, userOf(key), sessionId);
      more = swept.more;
    }
  };
  return {
    store,
    usersDir: usersDirOf({ ...config, dataDir }),
    now: Date.now,
    end: async () => {},
    sweep,
  };
}

function readArgs([action, ...args]: readonly string[]): { name: string; yes: boolean } {
  if (action !== 'remove') throw new UsageError('user: accepts remove NAME [--yes]');
  try {
    const { positionals, values } = parseArgs({
      args,
      options: { yes: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [name] = positionals;
    if (name === undefined || positionals.length > 1) throw new Error('name one user');
    if (!isUserName(name)) throw new Error(`${JSON.stringify(name)} is not a user name`);
    return { name, yes: values.yes === true };
  } catch (error) {
    throw new UsageError(`user remove: ${(error as Error).message}`);
  }
}

function inWords(config: Config, name: string, removed: Removed): string {
  const { signIns, conversations, directory } = removed;
  const directories = {
    removed: `users/${name} of the data directory was deleted`,
    none: `there was no users/${name} in the data directory`,
    link: `users/${name} of the data directory is a link: what it leads to was left as it is`,
  };
  const shared = sharedSettings(config);
  const mayReturn = config.signIn === 'forge' && new Members(listsOf(config)).allows(name);
  return [
    `${name}: ${signIns} sign-ins ended, ${conversations} conversations deleted; ${directories[directory]}.`,
    'What they used stays in the ledger under their name. Images they never sent go within a day.',
    ...(shared.length > 0 ? [`Files in ${shared.join(' and ')} are shared, and stay.`] : []),
    ...(mayReturn
      ? [
          'They may come back: take the name out of CHAT_ALLOWED_USERS too, and send SIGHUP to the server.',
        ]
      : []),
  ].join('\n');
}
