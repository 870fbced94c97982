/** Requests of the page to its server, and how they fail. */
import { saidOf } from './fault-words.ts';
import { words } from './words/words.ts';

/** An answer that is none. `status` is 0 where the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  /** The server's fault code; null where it gave none. */
  readonly fault: string | null;

  constructor(status: number, message: string, fault: string | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.fault = fault;
  }
}

/** A URL under the page's own `api/`. */
export function apiUrl(path: string, query: Record<string, string | number> = {}): string {
  const url = new URL(`api/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

/** Where an image is that a message names as if the page were at `/chat/`. */
export function imageUrl(name: string): string {
  return new URL(name.replace(/^\/chat\//, ''), document.baseURI).href;
}

export interface Asked {
  /** JSON, or a file as it is. */
  body?: object | Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** @throws {ApiError} For every answer but success. */
export async function request(method: string, url: string, asked: Asked = {}): Promise<Response> {
  const { body, headers, signal } = asked;
  const response = await fetch(url, {
    method,
    cache: 'no-cache',
    ...(body && { body: body instanceof Blob ? body : JSON.stringify(body) }),
    ...(headers && { headers }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, words.api.unreachable);
  });
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as {
    message?: unknown;
    fault?: unknown;
  };
  const fault = typeof answer.fault === 'string' ? answer.fault : null;
  const { status } = response;
  const message = typeof answer.message === 'string' ? answer.message : words.api.status(status);
  throw new ApiError(status, saidOf(fault, message), fault);
}

/** @throws {ApiError} */
export async function ask<T>(method: string, url: string, asked: Asked = {}): Promise<T> {
  const response = await request(method, url, asked);
  return (await response.json().catch(() => ({}))) as T;
}
