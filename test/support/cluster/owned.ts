/** A conversation that a chosen server owns, with a tab there and one that watches by another. */
import { randomUUID } from 'node:crypto';
import type { Cluster } from './cluster.ts';

const USERS = ['ada', 'ben', 'cyd', 'dot'];
let begun = 0;

export async function beginOn(cluster: Cluster, at: string, watchedBy: string) {
  begun += 1;
  const user = USERS[begun % USERS.length] as string;
  const threadId = randomUUID();
  const [owner, other] = [cluster.node(at), cluster.node(watchedBy)];
  const sender = await cluster.tab(user, threadId, [owner]);
  const watcher = await cluster.tab(user, threadId, [other]);
  const tag = `begun-${begun}`;
  await sender.runEnded(sender.prompt(`tag ${tag} words 1 every 1`));
  const key = `${user}/${threadId}`;
  const owning = await cluster.ownerOf(key);
  if (owning !== at) throw new Error(`${owning} owns it`);
  const session = () => {
    cluster.agents.look();
    return cluster.agents.notes.find(({ detail }) => detail === tag)?.session;
  };
  return { key, user, threadId, sender, watcher, owner, other, session };
}
