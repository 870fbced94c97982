/**
 * Files in `/proc`. They do not say how long they are, so that `readFile` takes 64 KiB of memory for each; of a few
 * hundred at once the allocator keeps what it cannot give back.
 */
import { open } from 'node:fs/promises';

const FEW_BYTES = 4096;

/**
 * All of it; '' where there is none, or it may not be read.
 * @param bytes What it is read through, piece by piece; who reads one after the other may use the same for all.
 */
export async function readProc(
  path: string,
  bytes: Buffer = Buffer.allocUnsafe(FEW_BYTES),
): Promise<string> {
  try {
    await using file = await open(path);
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { bytesRead } = await file.read(bytes);
      if (bytesRead === 0) return text;
      text += decoder.decode(bytes.subarray(0, bytesRead), { stream: true });
    }
  } catch {
    return '';
  }
}
