/** Wires who may come in: the lists of the settings, and the sign-ins that follow them. */
import { type Config, readConfig } from '../config.ts';
import { ConfigError, type Environment } from '../settings.ts';
import type { SignInRecords } from '../store/sign-ins.ts';
import type { Log } from '../telemetry/log.ts';
import { type MemberLists, Members } from '../transport/auth/members.ts';
import { type SignInParts, SignIns } from '../transport/auth/sign-ins.ts';
import { LOCAL_USER } from '../transport/local-login.ts';
import { signInRules } from './data-dir.ts';

export interface SignedIn {
  readonly members: Members;
  readonly signIns: SignIns;
  /** Reads keys and lists again; who may not come in any more is out at once. What is bad is logged, and nothing changes. */
  readonly reload: (env: Environment) => Promise<void>;
}

export function wireSignIns(
  config: Config,
  dataDir: string,
  store: SignInRecords,
  log: Log,
  now: SignInParts['now'],
): SignedIn {
  const members = new Members(listsOf(config));
  const signIns = new SignIns({ now, store, members, rules: signInRules(config, dataDir) });
  const endStrangers = async () => {
    for (const user of await signIns.endStrangers())
      log.info({ audit: 'revoked', user }, 'signed out: not among CHAT_ALLOWED_USERS any more');
  };
  return {
    members,
    signIns,
    async reload(env) {
      try {
        const fresh = readAgain(config, env);
        members.replace(listsOf(fresh));
        signIns.rotate(signInRules(fresh, dataDir).secrets);
        log.info({ audit: 'reloaded' }, 'cookie keys, allowed users and operators were read again');
      } catch (error) {
        const problems = error instanceof ConfigError ? error.problems : [];
        log.error({ err: error, problems }, 'bad settings were not taken, and stay as they were');
        return;
      }
      await endStrangers().catch((error: unknown) =>
        log.error({ err: error }, 'who may not come in any more is not signed out yet'),
      );
    },
  };
}

/** @throws {ConfigError} Also where it would change how people sign in, as while a file is written anew. */
function readAgain({ signIn }: Config, env: Environment): Config {
  const fresh = readConfig(env);
  if (fresh.signIn !== signIn)
    throw new ConfigError(['CHAT_OAUTH_CLIENT_ID: is read at the start alone; accepts no change']);
  return fresh;
}

/** In local mode only who can open the control socket makes sign-ins, so each is let in. */
export function listsOf({ signIn, allowedUsers, operators }: Config): MemberLists {
  const isLocal = signIn === 'local';
  return {
    allowed: isLocal ? null : (allowedUsers ?? []),
    operators: [...(operators ?? []), ...(isLocal ? [LOCAL_USER] : [])],
  };
}
