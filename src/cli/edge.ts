/** Wires what tells clients apart before they are known: where they come from, and how often they failed. */
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import { SignInAttempts } from '../transport/auth/sign-in-attempts.ts';
import { clientAddresses } from '../transport/client-address.ts';

export function wireEdge({ trustedProxies, maxSignInAttempts }: Config, log: Log) {
  const warn = () =>
    log.warn(
      'a proxy on this machine sends X-Forwarded-For and is not in CHAT_TRUSTED_PROXIES: all who come through it count as one address',
    );
  return {
    addresses: clientAddresses(trustedProxies ?? [], warn),
    attempts: new SignInAttempts(maxSignInAttempts),
  };
}
