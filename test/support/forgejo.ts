/** A Forgejo on loopback that has plain OAuth2 and no discovery; it takes each code once, with its PKCE verifier. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { stopServer, visitBehindEdge } from './oauth-servers.ts';
import { CLIENT } from './oidc-provider.ts';

export interface Forgejo {
  readonly forgeUrl: URL;
  readonly forgePublicUrl: URL;
  /** Paths asked for, oldest first. */
  readonly paths: string[];
  /** Who signs in; null denies. */
  login: string | null;
  /** What the user's page of its API says instead. */
  userAnswer: { readonly status: number; readonly body: string } | null;
  /** Tokens it gave out. */
  readonly tokens: string[];
  visit(authorizeUrl: URL): Promise<URL>;
  stop(): Promise<void>;
}

/** @param path Of its public address, which it does not have inside: it begins and ends with a slash. */
export async function startForgejo(path = '/'): Promise<Forgejo> {
  const codes = new Map<string, { readonly challenge: string; readonly redirectUri: string }>();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://forgejo');
    forgejo.paths.push(url.pathname);
    if (url.pathname === '/login/oauth/authorize') return authorize(url.searchParams, response);
    if (url.pathname === '/login/oauth/access_token')
      return token(new URLSearchParams(await text(request)), response);
    if (url.pathname === '/api/v1/user') return user(request.headers.authorization, response);
    response.writeHead(404, { 'Content-Type': 'text/html' }).end('<p>Page Not Found</p>');
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const redirectUri = query.get('redirect_uri') ?? '';
    const challenge = query.get('code_challenge');
    if (query.get('client_id') !== CLIENT.clientId || challenge === null)
      return void response.writeHead(400).end();
    const back = new URL(redirectUri);
    back.searchParams.set('state', query.get('state') ?? '');
    if (forgejo.login === null) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomBytes(16).toString('hex');
      codes.set(code, { challenge, redirectUri });
      back.searchParams.set('code', code);
    }
    response.writeHead(303, { Location: back.href }).end();
  }

  function token(form: URLSearchParams, response: ServerResponse): void {
    const begun = codes.get(form.get('code') ?? '');
    const verifier = form.get('code_verifier') ?? '';
    const isRight =
      form.get('client_id') === CLIENT.clientId &&
      form.get('client_secret') === CLIENT.clientSecret &&
      begun?.redirectUri === form.get('redirect_uri') &&
      begun?.challenge === createHash('sha256').update(verifier).digest('base64url');
    const json = { 'Content-Type': 'application/json;charset=utf-8' };
    if (!isRight) return void response.writeHead(400, json).end('{"error":"unauthorized_client"}');
    codes.delete(form.get('code') ?? '');
    const given = `gto_${randomBytes(16).toString('hex')}`;
    forgejo.tokens.push(given);
    response.writeHead(200, json);
    response.end(JSON.stringify({ access_token: given, token_type: 'bearer', expires_in: 3600 }));
  }

  function user(authorization: string | undefined, response: ServerResponse): void {
    if (!forgejo.tokens.some((token) => authorization === `Bearer ${token}`))
      return void response.writeHead(401).end();
    const { userAnswer, login } = forgejo;
    const { status, body } = userAnswer ?? { status: 200, body: JSON.stringify({ id: 7, login }) };
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  }

  const forgejo: Forgejo = {
    forgeUrl: new URL(`http://127.0.0.1:${port}`),
    forgePublicUrl: new URL(`http://localhost:${port}${path}`),
    paths: [],
    login: 'ada',
    userAnswer: null,
    tokens: [],
    visit: (authorizeUrl) => visitBehindEdge(authorizeUrl, path),
    stop: () => stopServer(server),
  };
  return forgejo;
}
