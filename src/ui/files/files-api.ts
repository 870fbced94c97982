/** The user's files, as the page asks for them. Paths are relative to the workspace; '' is its top. */
import type { FolderView } from '../../transport/views.ts';
import { apiUrl, ask, request } from '../api.ts';

/** A preview of a longer text is cut here: nobody reads on in a panel. */
export const PREVIEW_BYTES_MAX = 256 * 1024;

export function folder(path: string, signal?: AbortSignal): Promise<FolderView> {
  return ask('GET', apiUrl('files', { path }), { signal });
}

export function contentUrl(path: string, download = false): string {
  return apiUrl('files/content', { path, ...(download && { download: '' }) });
}

export async function textOf(path: string, signal: AbortSignal): Promise<string> {
  const response = await request('GET', contentUrl(path), { signal });
  return (await response.blob()).slice(0, PREVIEW_BYTES_MAX).text();
}

/** @param replace Whether a file that is there is replaced; else that is a 412. */
export async function put(path: string, file: File, replace: boolean): Promise<void> {
  const headers: Record<string, string> = replace ? {} : { 'If-None-Match': '*' };
  await request('PUT', contentUrl(path), { body: file, headers });
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
