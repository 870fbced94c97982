/** A provider on loopback that misbehaves on command. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Events,
  type MutableRedirectUri,
  type MutableResponse,
  type MutableToken,
  OAuth2Issuer,
  OAuth2Service,
} from 'oauth2-mock-server';
import { stopServer, visitBehindEdge } from './oauth-servers.ts';

export interface Misbehaviour {
  /** Changes what it says of itself. */
  discovery?(body: Record<string, unknown>): void;
  /** Changes what a token says before it is signed. */
  claims?(claims: Record<string, unknown>): void;
  /** Changes the answer of the token endpoint. */
  tokens?(body: Record<string, unknown>): void;
  userinfo?(body: Record<string, unknown>): void;
  /** Changes where the browser is sent back. */
  callback?(url: URL): void;
  /** Answers by itself, and returns true; else the provider does. */
  answer?(path: string, response: ServerResponse, request: IncomingMessage): boolean;
}

export interface MockProvider {
  readonly forgeUrl: URL;
  readonly forgePublicUrl: URL;
  /** What it does wrong, from now on. */
  misbehaviour: Misbehaviour;
  readonly paths: string[];
  readonly issuer: OAuth2Issuer;
  /** Where a browser that is sent there is sent back to. It signs in as `ada`. */
  visit(authorizeUrl: URL): Promise<URL>;
  stop(): Promise<void>;
}

/** @param path Of its public address, which it does not have inside: it begins and ends with a slash. */
export async function startMockProvider(path = '/'): Promise<MockProvider> {
  const issuer = new OAuth2Issuer();
  const service = new OAuth2Service(issuer);
  await issuer.keys.generate('RS256', { kid: 'one' });
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const asked = request.url?.split('?')[0] ?? '';
    paths.push(asked);
    if (mock.misbehaviour.answer?.(asked, response, request) !== true)
      service.requestHandler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const forgePublicUrl = new URL(`http://localhost:${port}${path}`);
  issuer.url = forgePublicUrl.href;

  service.on(Events.BeforeWellKnownOpenIdConfiguration, ({ body }: MutableResponse) => {
    if (body !== '') mock.misbehaviour.discovery?.(body);
  });
  service.on(Events.BeforeTokenSigning, ({ payload }: MutableToken) => {
    payload.preferred_username = 'ada';
    mock.misbehaviour.claims?.(payload);
  });
  service.on(Events.BeforeResponse, ({ body }: MutableResponse) => {
    if (body !== '') mock.misbehaviour.tokens?.(body);
  });
  service.on(Events.BeforeUserinfo, ({ body }: MutableResponse) => {
    if (body === '') return;
    body.preferred_username = 'ada';
    mock.misbehaviour.userinfo?.(body);
  });
  service.on(Events.BeforeAuthorizeRedirect, ({ url }: MutableRedirectUri) => {
    mock.misbehaviour.callback?.(url);
  });

  const mock: MockProvider = {
    forgeUrl: new URL(`http://127.0.0.1:${port}`),
    forgePublicUrl,
    misbehaviour: {},
    paths,
    issuer,
    visit: (authorizeUrl) => visitBehindEdge(authorizeUrl, path),
    stop: () => stopServer(server),
  };
  return mock;
}

/** A key the provider does not name. */
export function strangeKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

/** The token under another header, signed by `key`, or by nobody. */
export function resigned(token: unknown, header: object, key: KeyObject | null): string {
  const [, payload = ''] = String(token).split('.');
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const data = Buffer.from(`${head}.${payload}`);
  const signature = key === null ? '' : sign('sha256', data, key).toString('base64url');
  return `${head}.${payload}.${signature}`;
}
