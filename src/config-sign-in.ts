/** The settings about who may come in, and how. */
import {
  checkSecret,
  hostName,
  httpUrl,
  integer,
  list,
  Refused,
  secret,
  setting,
  TIMER_MAX_MS,
  text,
} from './settings.ts';

const DAY_MS = 86_400_000;

export const SIGN_IN_SETTINGS = {
  cookieSecrets: list(
    'CHAT_COOKIE_SECRETS',
    'cookie signing keys: the first signs, all verify; read again on SIGHUP; made and kept in the data directory when unset',
    'secrets of at least 32 bytes',
    (raw) => checkSecret(raw, 32),
  ),
  sessionTtlMs: integer(
    'CHAT_SESSION_TTL_MS',
    'a sign-in ends after this long without use',
    'milliseconds',
    { initial: 12 * 3_600_000, min: 1_000, max: TIMER_MAX_MS },
  ),
  sessionMaxMs: integer(
    'CHAT_SESSION_MAX_MS',
    'a sign-in ends after this long in any case',
    'milliseconds',
    { initial: 7 * DAY_MS, min: 1_000, max: TIMER_MAX_MS },
  ),
  forwardAuthSecret: secret(
    'FORWARD_AUTH_SECRET',
    'what the edge sends as X-Forward-Auth-Secret; unset: not asked for',
    16,
  ),
  forgePublicUrl: setting<URL | null>(
    'FORGE_PUBLIC_URL',
    'where browsers reach the forge, which is also what it calls itself (its ROOT_URL); unset: FORGE_URL',
    'an http or https URL without user, query or fragment',
    null,
    null,
    forgeAddress,
  ),
  oauthClientId: text(
    'CHAT_OAUTH_CLIENT_ID',
    'id of the OAuth2 application that people sign in through at the forge; unset: local mode, with a link from the terminal',
    'a client id',
  ),
  oauthClientSecret: secret(
    'CHAT_OAUTH_CLIENT_SECRET',
    'secret of that application; needed with its id',
    8,
  ),
  allowedUsers: list(
    'CHAT_ALLOWED_USERS',
    'users of the forge who may come in; read again on SIGHUP, and who is not in it any more is out within a second; needed with CHAT_OAUTH_CLIENT_ID',
    'user names, or * for whoever the forge knows',
    (raw) => raw,
    ['DISINTO_CHAT_ALLOWED_USERS'],
  ),
  operators: list(
    'CHAT_OPERATORS',
    'users who may see what is used by all; read again on SIGHUP; in local mode the user local is one',
    'user names',
    (raw) => raw,
  ),
  tunnelName: setting<string | null>(
    'EDGE_TUNNEL_FQDN',
    'the host of the public URL, by https, where CHAT_PUBLIC_URL is unset',
    'a host name',
    null,
    null,
    hostName,
  ),
};

/** Of the forge: what a path is added to. */
export function forgeAddress(raw: string): URL {
  const url = httpUrl(raw);
  if (url.username + url.password + url.search + url.hash !== '') throw new Refused();
  return url;
}
