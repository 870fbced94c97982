/** Where this server is for people, and how long what they write may be. */
export interface ChatPlace {
  readonly publicUrl: URL | null;
  readonly basePath: string;
  readonly maxPromptBytes: number;
}

/** The address of the chat's page; null where only who runs the server knows it. */
export function pageAt({ publicUrl, basePath }: ChatPlace): string | null {
  return publicUrl && `${publicUrl.origin}${basePath}/`;
}
