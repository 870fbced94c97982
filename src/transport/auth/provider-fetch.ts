/** Requests to the provider: to its own address alone, whatever its documents name, and bounded. */
import type { CustomFetch } from 'openid-client';
import { isBelow } from './base-url.ts';
import { ProviderDown } from './provider-error.ts';

/** Of one answer. */
export const RESPONSE_MAX_BYTES = 1_048_576;

/**
 * A fetch that sends what is addressed to the provider as browsers know it to where we reach it. Anything else is
 * refused, so that no document of the provider's makes us send the client secret elsewhere. The library follows no
 * redirect, and gives each request and its answer a time.
 * @param forgeUrl Where we reach it, a base.
 * @param publicUrl Where browsers do, a base.
 * @throws {ProviderDown} From the fetch; so it rejects when the answer is too long, too.
 */
export function providerFetch(forgeUrl: URL, publicUrl: URL): CustomFetch {
  return async (address, options) => {
    const target = targetOf(new URL(address), forgeUrl, publicUrl);
    try {
      const response = await fetch(target, options as RequestInit);
      const { status } = response;
      const text = await bodyOf(response);
      return new Response(text.length === 0 ? null : text, { status, headers: response.headers });
    } catch (error) {
      if (error instanceof ProviderDown) throw error;
      throw new ProviderDown(options.signal?.aborted ? 'timeout' : whyUnreachable(error));
    }
  };
}

function targetOf(address: URL, forgeUrl: URL, publicUrl: URL): URL {
  if (!isBelow(address, publicUrl)) {
    if (isBelow(address, forgeUrl)) return address;
    throw new ProviderDown('endpoint');
  }
  const target = new URL(forgeUrl);
  target.pathname += address.pathname.slice(publicUrl.pathname.length);
  target.search = address.search;
  return target;
}

async function bodyOf(response: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > RESPONSE_MAX_BYTES) throw new ProviderDown('tooLarge');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The system's code (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), which tells an operator where to look. */
function whyUnreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unreachable';
}
