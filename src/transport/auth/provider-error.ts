/**
 * Why the identity provider's part of a sign-in failed. Neither error has a cause: the library's carry codes, tokens
 * and bodies, and what is thrown may be logged.
 */
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';

/** The provider cannot be reached, or does not answer as one. Trying again later may help. */
export class ProviderDown extends Error {
  readonly reason: string;

  /**
   * @param reason A short code: the system's (`ECONNREFUSED`), OAuth's (`server_error`), or `unreachable`, `timeout`,
   *   `tooLarge`, `status`, `malformed`; `issuer` and `endpoint` where discovery names what is not below the public URL.
   */
  constructor(reason: string) {
    super(`the identity provider failed: ${reason}`);
    this.name = 'ProviderDown';
    this.reason = reason;
  }
}

/** The provider, or our check of its answer, refused this one sign-in. It has to begin anew. */
export class ProviderRefused extends Error {
  readonly reason: string;

  /**
   * @param reason A short code: OAuth's own (`access_denied`, `invalid_grant`; `other` for one it does not define),
   *   or what was wrong: `callback`, `idToken` (there was none), `signature`, `expired`, `nonce`, `issuer`, `audience`,
   *   `subject`, `claim`, `unauthorized` (by userinfo), `user` (no name that a user can have).
   */
  constructor(reason: string) {
    super(`the sign-in was refused: ${reason}`);
    this.name = 'ProviderRefused';
    this.reason = reason;
  }
}

/** Error codes of RFC 6749 and OpenID Connect; others are a stranger's text, and not repeated. */
const OAUTH_ERRORS: ReadonlySet<string> = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_token',
  'login_required',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
]);

/** Its own trouble, of which OAuth lets it tell the browser. */
const OAUTH_DOWN: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable']);

const CLAIMS: Readonly<Record<string, string>> = {
  nonce: 'nonce',
  iss: 'issuer',
  aud: 'audience',
  azp: 'audience',
  sub: 'subject',
};

/** What the library threw, as one of ours. */
export function providerError(thrown: unknown): ProviderDown | ProviderRefused {
  if (thrown instanceof ProviderDown || thrown instanceof ProviderRefused) return thrown;
  if (thrown instanceof AuthorizationResponseError || thrown instanceof ResponseBodyError)
    return ofOAuth(thrown.error);
  if (thrown instanceof WWWAuthenticateChallengeError) return new ProviderRefused('unauthorized');
  if (thrown instanceof ClientError) {
    // What our own fetch threw comes wrapped.
    const { cause } = thrown;
    if (cause instanceof ProviderDown) return cause;
    return ofCheck(thrown.code, cause instanceof Error ? cause.cause : undefined);
  }
  return new ProviderDown('malformed');
}

function ofOAuth(error: string): ProviderDown | ProviderRefused {
  if (OAUTH_DOWN.has(error)) return new ProviderDown(error);
  return new ProviderRefused(OAUTH_ERRORS.has(error) ? error : 'other');
}

/** @param about What the check that failed says of itself: its shape is the library's, and tells which one it was. */
function ofCheck(code: string | undefined, about: unknown): ProviderDown | ProviderRefused {
  const facts: Readonly<Record<string, unknown>> =
    typeof about === 'object' && about !== null ? { ...about } : {};
  switch (code) {
    case 'OAUTH_TIMEOUT':
      return new ProviderDown('timeout');
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return new ProviderDown('status');
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return new ProviderRefused(CLAIMS[String(facts.claim ?? facts.attribute)] ?? 'claim');
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return new ProviderRefused('expired');
    case 'OAUTH_KEY_SELECTION_FAILED':
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return new ProviderRefused('signature');
    case 'OAUTH_INVALID_RESPONSE':
      return ofInvalid(facts);
    default:
      return new ProviderDown('malformed');
  }
}

function ofInvalid(facts: Readonly<Record<string, unknown>>): ProviderDown | ProviderRefused {
  if ('signature' in facts || 'header' in facts) return new ProviderRefused('signature');
  if ('claims' in facts) return new ProviderRefused('claim');
  if ('body' in facts) {
    const { body } = facts;
    const isTokens = typeof body === 'object' && body !== null && 'access_token' in body;
    // Forgejo gives none for a grant that was made without the scope `openid`.
    return isTokens && !('id_token' in body)
      ? new ProviderRefused('idToken')
      : new ProviderDown('malformed');
  }
  // Else it is about the address the browser came back by: its `state`, its `iss`, or what it holds twice.
  return new ProviderRefused('callback');
}
