/** Which conversation's sharing is looked at: asked for in a list, shown over the page. */

export interface Shareable {
  readonly threadId: string;
  readonly title: string;
}

let asked: Shareable | null = null;
const listeners = new Set<() => void>();

export function askToShare(conversation: Shareable | null): void {
  asked = conversation;
  for (const listener of listeners) listener();
}

export function askedToShare(): Shareable | null {
  return asked;
}

export function onAskedToShare(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
