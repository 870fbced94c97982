/** The images of a prompt, fetched when Claude is to see them. */
import { FaultError } from '../faults.ts';
import type { Store } from '../store/store.ts';
import type { Upload } from '../store/uploads.ts';

/** @throws {FaultError} `upload.unknown`: the conversation that kept it was forgotten meanwhile. */
export async function imagesIn(
  store: Pick<Store, 'upload'>,
  user: string,
  ids: readonly string[],
): Promise<Upload[]> {
  const images = await Promise.all(ids.map((id) => store.upload(user, id)));
  return images.map((image) => {
    if (image === null) throw new FaultError('upload.unknown');
    return image;
  });
}
