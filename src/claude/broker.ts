/**
 * The credential broker: children reach the Claude API through it, each with a token of its own that is worth
 * nothing elsewhere and dies with its process. Only the server knows the key. It listens on loopback alone.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuse } from './api-error.ts';
import type { Credentials } from './credentials.ts';
import { createUpstream, type Forwarded, forward, type Upstream } from './forward.ts';
import type { ClaudeSettings } from './launch.ts';
import { type ApiUsage, added, NO_USAGE } from './usage-meter.ts';

/** All that the CLI asks the API for. The target is compared raw, so that no spelling of another path fits. */
const TARGET = /^\/v1\/messages(?:\/count_tokens)?(?:\?[\w=&.,%-]*)?$/;
/** Subagents ask side by side; more than this of one process is refused with 429. */
const REQUESTS_MAX = 32;
const HEADERS_TIMEOUT_MS = 5_000;
/** For a request as a whole: what comes from this machine does not take longer. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than a person's pause between prompts mostly is, so that the CLI finds its connection alive. */
const KEEP_ALIVE_MS = 120_000;
const API_URL = 'https://api.anthropic.com';

export type BrokerSettings = Pick<
  ClaudeSettings,
  'anthropicApiKey' | 'anthropicAuthToken' | 'anthropicBaseUrl'
>;

export interface Grant extends Credentials {
  readonly baseUrl: string;
  readonly token: string;
  readonly usage: ApiUsage;
}

interface Holder {
  usage: ApiUsage;
  readonly requests: Set<Forwarded>;
}

export class Broker {
  readonly #server: Server;
  readonly #upstream: Upstream;
  readonly #settings: BrokerSettings;
  /** By the hash of its token: how long a look-up takes then tells nothing about any token. */
  readonly #holders = new Map<string, Holder>();

  private constructor(settings: BrokerSettings) {
    this.#settings = settings;
    this.#upstream = upstreamOf(settings);
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.unref();
  }

  /** Null where the server holds no key: there is nothing to keep back then. */
  static async start(settings: BrokerSettings): Promise<Broker | null> {
    if (settings.anthropicApiKey === null && settings.anthropicAuthToken === null) return null;
    const broker = new Broker(settings);
    broker.#server.listen(0, '127.0.0.1');
    await once(broker.#server, 'listening');
    return broker;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A token for one process, until `revoke`, which also cuts off what it still asks. */
  issue(): Grant {
    const token = randomBytes(32).toString('base64url');
    const holder: Holder = { usage: NO_USAGE, requests: new Set() };
    const id = hashOf(token);
    this.#holders.set(id, holder);
    return {
      baseUrl: this.baseUrl,
      token,
      env: this.#envWith(token),
      get usage() {
        return holder.usage;
      },
      revoke: () => {
        this.#holders.delete(id);
        for (const request of holder.requests) request.cut();
      },
    };
  }

  /** Ends at once, and with it whatever is still asked. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#upstream.agent.destroy();
  }

  #envWith(token: string): Record<string, string> {
    const { anthropicApiKey, anthropicBaseUrl } = this.#settings;
    return {
      ANTHROPIC_BASE_URL: this.baseUrl,
      // Under the name that the server's own has: the CLI treats the two a little differently.
      [anthropicApiKey === null ? 'ANTHROPIC_AUTH_TOKEN' : 'ANTHROPIC_API_KEY']: token,
      // A base URL of its own makes the CLI expect less of the API; behind this one is the API itself.
      ...(anthropicBaseUrl === null ? { _CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL: '1' } : {}),
    };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const holder = this.#holders.get(hashOf(tokenIn(request)));
    if (!holder) return refuse(response, 403, 'permission_error', 'This token is not valid.');
    if (request.method !== 'POST' || !TARGET.test(request.url ?? ''))
      return refuse(response, 404, 'not_found_error', 'Nothing else is passed on.');
    if (holder.requests.size >= REQUESTS_MAX)
      return refuse(response, 429, 'rate_limit_error', `${REQUESTS_MAX} requests run already.`);
    const forwarded = forward(request, response, this.#upstream, (growth) => {
      holder.usage = added(holder.usage, growth);
    });
    holder.requests.add(forwarded);
    response.once('close', () => holder.requests.delete(forwarded));
  }
}

function upstreamOf(settings: BrokerSettings): Upstream {
  return createUpstream(new URL(settings.anthropicBaseUrl ?? API_URL), {
    ...(settings.anthropicApiKey === null ? {} : { 'x-api-key': settings.anthropicApiKey }),
    ...(settings.anthropicAuthToken === null
      ? {}
      : { authorization: `Bearer ${settings.anthropicAuthToken}` }),
  });
}

function tokenIn({ headers }: IncomingMessage): string {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  return String(headers['x-api-key'] ?? bearer ?? '');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
