/** What the commands of this machine may ask of the server that runs. */
import type { Supervisor } from '../machines/supervisor.ts';
import type { UsageQuery } from '../store/limits.ts';
import type { Store } from '../store/store.ts';
import type { SignIns } from '../transport/auth/sign-ins.ts';
import type { ControlHandlers } from '../transport/control.ts';
import type { Door } from '../transport/websocket.ts';
import { importDirectory } from './import.ts';

/** What a sign-in that a command made is for, in its user's list of them. */
export const COMMAND_DEVICE = 'greenroom session';

export interface ControlParts {
  readonly version: string;
  readonly door: Door;
  readonly supervisor: Supervisor;
  readonly store: Store;
  readonly signIns: SignIns;
  readonly signInUrl: () => string;
}

export function controlHandlers(parts: ControlParts): ControlHandlers {
  const { version, door, supervisor, store, signIns, signInUrl } = parts;
  return {
    state: async () => ({ pid: process.pid, version, sockets: door.size, ...supervisor.state }),
    login: async () => ({ url: signInUrl() }),
    session: async ({ user, ttlMs }) => {
      const { value } = await signIns.begin(String(user), COMMAND_DEVICE, Number(ttlMs));
      return { value, secure: signIns.rules.secure };
    },
    backup: async ({ file }) => {
      await store.backup(String(file));
      return {};
    },
    import: ({ dir }) => importDirectory(store, String(dir)),
    usage: async (query) => ({ usage: await store.usage(query as unknown as UsageQuery) }),
  };
}
