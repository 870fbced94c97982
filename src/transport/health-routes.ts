/** How the server is: for a scheduler, an edge's health checks and a person. Outside of the base path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { conversationKey, type Store } from '../store/store.ts';
import { within } from '../within.ts';
import { sendJson } from './http.ts';
import type { AgentInfo } from './protocol.ts';
import type { Readiness } from './readiness.ts';
import type { Routes } from './router.ts';

/** A store that takes longer to answer is not ready for anybody. */
const STORE_MS = 1_000;

export interface HealthRouteParts {
  readonly store: Store;
  readonly readiness: Readiness;
  readonly agent: AgentInfo;
  readonly sandbox: 'bwrap' | 'none';
  readonly diskIsFull: () => Promise<boolean>;
  /** What this server is called among those that share a store; null: it shares none. */
  readonly node: string | null;
}

export function healthRoutes(parts: HealthRouteParts): Routes {
  const healthz = (_: IncomingMessage, response: ServerResponse) =>
    sendJson(response, 200, { status: 'ok' });
  return {
    'GET /healthz': healthz,
    'GET /health': healthz,
    'GET /readyz': async (_, response) => {
      const draining = parts.readiness.askDraining();
      const storeIsUp = await isUp(parts.store);
      const ready = storeIsUp && !draining;
      const state = {
        ready,
        draining,
        // A full disk takes nobody out of service: reading works, and no other node has more room.
        store: !storeIsUp ? 'down' : (await parts.diskIsFull()) ? 'full' : 'ok',
        agent: parts.agent.kind,
        sandbox: parts.sandbox,
        ...(parts.node !== null && { node: parts.node }),
      };
      sendJson(response, ready ? 200 : 503, state);
    },
  };
}

/** A server that has lost its lease in a shared store can do nothing, and knows it without asking. */
async function isUp(store: Store): Promise<boolean> {
  if (store.cluster?.isMember === false) return false;
  const answers = store.head(conversationKey('-', '-')).then(
    () => true,
    () => false,
  );
  return (await within(answers, STORE_MS)) && (await answers);
}
