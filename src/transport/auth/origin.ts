/** Which pages may open a WebSocket. A missing or `null` Origin is no page of ours, and is refused. */
export interface OriginRules {
  readonly allowedOrigins: readonly string[] | null;
  readonly publicUrl: URL | null;
}

/** @param port The port we listen on, for the default: this machine's own names. */
export function allowedOrigins(
  { allowedOrigins, publicUrl }: OriginRules,
  port: number,
): ReadonlySet<string> {
  if (allowedOrigins !== null) return new Set(allowedOrigins);
  if (publicUrl !== null) return new Set([publicUrl.origin]);
  return new Set(
    ['127.0.0.1', 'localhost', '[::1]'].map((host) => new URL(`http://${host}:${port}`).origin),
  );
}
