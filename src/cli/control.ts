/** What the commands of this machine may ask of the server that runs. */
import type { Conversations } from '../machines/conversations.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import type { Housekeeper } from '../store/housekeeper.ts';
import type { UsageQuery } from '../store/limits.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { SignIns } from '../transport/auth/sign-ins.ts';
import type { ControlHandlers } from '../transport/control.ts';
import type { Door } from '../transport/websocket.ts';
import { importDirectory } from './import.ts';
import { removeUser } from './user.ts';

/** What a sign-in that a command made is for, in its user's list of them. */
export const COMMAND_DEVICE = 'greenroom session';

/** Longer than the stop recipe of a process takes; see claude/stop.ts. */
const END_MS = 10_000;

export interface ControlParts {
  readonly version: string;
  readonly door: Door;
  readonly supervisor: Supervisor;
  readonly conversations: Conversations;
  readonly store: Store;
  readonly signIns: SignIns;
  readonly signInUrl: () => string;
  readonly housekeeper: Housekeeper;
  readonly usersDir: string;
  readonly log: Log;
}

export function controlHandlers(parts: ControlParts): ControlHandlers {
  const { version, door, supervisor, conversations, store, signIns, signInUrl, housekeeper, log } =
    parts;
  const sweep = async () => {
    await housekeeper.sweep(); // one that was under way had begun before
    await housekeeper.sweep();
  };
  return {
    state: async () => ({ pid: process.pid, version, sockets: door.size, ...supervisor.state }),
    login: async () => ({ url: signInUrl() }),
    session: async ({ user, ttlMs }) => {
      const { value } = await signIns.begin(String(user), COMMAND_DEVICE, Number(ttlMs));
      log.info({ audit: 'signIn', user, by: 'command', ttlMs }, 'a command signed a user in');
      return { value, secure: signIns.rules.secure };
    },
    removeUser: async ({ user }) => {
      const end = () => conversations.endAll(String(user), END_MS);
      const removed = await removeUser({ ...parts, now: Date.now, end, sweep }, String(user));
      log.info({ audit: 'userRemoved', user, by: 'command', ...removed }, 'a user was removed');
      return removed;
    },
    backup: async ({ file }) => {
      await store.backup(String(file));
      return {};
    },
    import: ({ dir }) => importDirectory(store, String(dir)),
    usage: async (query) => ({ usage: await store.usage(query as unknown as UsageQuery) }),
  };
}
