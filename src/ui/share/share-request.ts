/** Which conversation's sharing is looked at: asked for in a list, shown over the page. */
import { Watched } from '../watched.ts';

export interface Shareable {
  readonly threadId: string;
  readonly title: string;
}

export const {
  get: askedToShare,
  set: askToShare,
  subscribe: onAskedToShare,
} = new Watched<Shareable | null>(null);
