/** Asks an edge as the raw requests an attacker, a program or a browser would send: paths go out as they are given. */
import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';

const ANSWER_MS = 10_000;
const BODY_BYTES_MAX = 65_536;

export interface EdgeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its beginning, at most 64 KiB. */
  readonly body: string;
  /** When the certificate ends, epoch ms; null without TLS. */
  readonly certificateEnds: number | null;
}

export interface EdgeTarget {
  /** Of the page; ends in `/`. */
  readonly url: URL;
  /** `NAME=VALUE` of a sign-in; null: none is at hand. */
  readonly cookie: string | null;
  /** Whether any certificate is accepted. */
  readonly insecure: boolean;
}

export type Headers = Readonly<Record<string, string>>;

/**
 * @param path As it goes out, from the host's root.
 * @throws Where nothing answers within 10 s.
 */
export function ask(
  { url, insecure }: EdgeTarget,
  path: string,
  headers: Headers = {},
  method = 'GET',
): Promise<EdgeAnswer> {
  const isTls = url.protocol === 'https:';
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path,
    method,
    headers,
    agent: false,
    rejectUnauthorized: !insecure,
    signal: AbortSignal.timeout(ANSWER_MS),
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? httpsRequest : httpRequest)(options);
    request.on('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${ANSWER_MS} ms`) : error),
    );
    request.on('upgrade', ({ headers: told }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: told, body: '', certificateEnds: null });
    });
    request.on('response', (response) => {
      const socket = response.socket as Partial<TLSSocket>;
      const ends = Date.parse(socket.getPeerCertificate?.().valid_to ?? '');
      let body = '';
      const done = () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          certificateEnds: Number.isNaN(ends) ? null : ends,
        });
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > BODY_BYTES_MAX) response.destroy();
      });
      response.on('close', done);
    });
    request.end();
  });
}

export function upgradeHeaders(origin: string): Headers {
  return {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    Origin: origin,
  };
}
