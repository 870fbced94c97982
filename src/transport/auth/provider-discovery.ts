/** What the provider says of itself: OpenID Connect's discovery, or Forgejo's well-known paths where it has none. */
import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import { isBelow, isSameIssuer } from './base-url.ts';
import { ProviderDown, providerError } from './provider-error.ts';

/** What was found is asked for anew after this. Signing keys have shorter lives, which the library minds. */
export const DISCOVERY_TTL_MS = 10 * 60_000;

export interface Discovered {
  /** Plain OAuth2: no ID token tells who signed in. */
  readonly kind: 'oidc' | 'oauth2';
  readonly config: Configuration;
}

export interface DiscoveryRules {
  /** Where browsers reach the provider, a base; its issuer is this, with or without the last slash. */
  readonly publicUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs: number;
  readonly fetch: CustomFetch;
}

export class Discovery {
  readonly #rules: DiscoveryRules;
  readonly #now: () => number;
  #found: { readonly at: number; readonly discovered: Promise<Discovered> } | null = null;
  #hasOidc = false;

  constructor(rules: DiscoveryRules, now: () => number) {
    this.#rules = rules;
    this.#now = now;
  }

  /** Asks once for all who wait, and again after a failure. @throws {ProviderDown} */
  async get(): Promise<Discovered> {
    const now = this.#now();
    if (this.#found === null || now >= this.#found.at + DISCOVERY_TTL_MS)
      this.#found = { at: now, discovered: this.#discover() };
    const found = this.#found;
    try {
      return await found.discovered;
    } catch (error) {
      if (this.#found === found) this.forget();
      throw providerError(error);
    }
  }

  /** What was found, and the keys with it, may be out of date: it is asked for anew. */
  forget(): void {
    this.#found = null;
  }

  async #discover(): Promise<Discovered> {
    const { publicUrl, clientId, clientSecret, timeoutMs, fetch } = this.#rules;
    let isMissing = false;
    const config = await discovery(
      // Its whole address: the library would insist on the issuer's last slash, which some Forgejos have not.
      new URL('.well-known/openid-configuration', publicUrl),
      clientId,
      undefined,
      ClientSecretPost(clientSecret),
      {
        execute: [allowInsecureRequests, enableNonRepudiationChecks],
        timeout: timeoutMs / 1_000,
        [customFetch]: async (url, options) => {
          const response = await fetch(url, options);
          isMissing = response.status === 404;
          return response;
        },
      },
    ).catch((error: unknown) => {
      // A provider that has discovery does not lose it: a 404 is an edge whose provider is away, and no downgrade.
      if (isMissing && !this.#hasOidc) return null;
      throw error;
    });
    if (config === null) return { kind: 'oauth2', config: this.#oauth2() };
    config[customFetch] = fetch;
    const { issuer, authorization_endpoint: endpoint } = config.serverMetadata();
    if (!isSameIssuer(issuer, publicUrl.href)) throw new ProviderDown('issuer');
    // The browser is sent there: nowhere but to the provider.
    if (endpoint === undefined || !URL.canParse(endpoint) || !isBelow(new URL(endpoint), publicUrl))
      throw new ProviderDown('endpoint');
    this.#hasOidc = true;
    return { kind: 'oidc', config };
  }

  #oauth2(): Configuration {
    const { publicUrl, clientId, clientSecret, timeoutMs, fetch } = this.#rules;
    const server = {
      issuer: publicUrl.href,
      authorization_endpoint: new URL('login/oauth/authorize', publicUrl).href,
      token_endpoint: new URL('login/oauth/access_token', publicUrl).href,
    };
    const config = new Configuration(server, clientId, undefined, ClientSecretPost(clientSecret));
    allowInsecureRequests(config);
    config.timeout = timeoutMs / 1_000;
    config[customFetch] = fetch;
    return config;
  }
}
