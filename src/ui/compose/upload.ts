import type { UploadView } from '../../transport/views.ts';
import { apiUrl, ask } from '../api.ts';

/** Keeps an image on the server, for prompts to name. @throws {ApiError} */
export function upload(file: File): Promise<UploadView> {
  return ask('POST', apiUrl('uploads'), { body: file, headers: { 'Content-Type': file.type } });
}
