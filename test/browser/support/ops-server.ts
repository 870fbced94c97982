import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { expect, type Page, type WebSocketRoute } from '@playwright/test';
import type { OpsClientFrame, OpsServerFrame } from '../../../src/transport/ops/protocol.ts';
import {
  CAPSULES,
  CHARTS,
  eventsOf,
  figuresAt,
  rowsOf,
  stepsOf,
} from '../../../src/ui/dev/ops-fixtures.ts';
import { CSP, ORIGIN } from './scripted-server.ts';

export const OPS = `${ORIGIN}/chat/ops/`;
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

type Said = OpsClientFrame & { actor?: string | null; ref?: string };

/** The operators' side of a server, of a test's own lines. */
export class OpsServer {
  readonly said: Said[] = [];
  readonly sockets: WebSocketRoute[] = [];
  now = Date.now();
  rows = rowsOf(60, this.now);
  /** What `GET charts` answers while no socket is let in. */
  status = 200;
  inspectorUrl: string | null = null;
  /** What `act` is answered. */
  reply: Partial<Extract<OpsServerFrame, { type: 'reply' }>> = {};

  static async start(page: Page): Promise<OpsServer> {
    const server = new OpsServer();
    await page.route(`${ORIGIN}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname.replace(/^\/chat\//, '');
      const json = server.#json(path);
      if (json !== undefined) return route.fulfill({ status: server.status, json });
      const file = path === 'ops/' ? 'ops/index.html' : path;
      const body = await readFile(join('dist/ui', file)).catch(() => null);
      if (body === null) return route.fulfill({ status: 404 });
      await route.fulfill({
        body,
        contentType: TYPES[extname(file)] ?? 'application/octet-stream',
        headers: { 'Content-Security-Policy': CSP },
      });
    });
    await page.routeWebSocket(`${OPS.replace('http', 'ws')}ws`, (ws) => {
      if (server.status !== 200) return void ws.close({ code: 4403 });
      server.sockets.push(ws);
      ws.onMessage((text) => server.#hear(JSON.parse(String(text)) as Said));
      server.greet();
    });
    return server;
  }

  #json(path: string): object | undefined {
    if (path === 'ops/charts') return { charts: CHARTS };
    if (path === 'ops/capsules') return { capsules: CAPSULES(this.now) };
    const name = /^ops\/capsules\/([^/]+)\/steps$/.exec(path)?.[1];
    const capsule = CAPSULES(this.now).find((it) => it.name === name);
    return capsule && stepsOf(capsule, this.now);
  }

  #hear(said: Said): void {
    this.said.push(said);
    if (said.type === 'act')
      this.send({ type: 'reply', ref: said.ref, fault: null, ...this.reply });
    if (said.type !== 'follow') return;
    const row = this.rows.find(({ id }) => id === said.actor);
    const snapshot = row ? { status: 'active', state: row.state, context: { queue: 0 } } : null;
    this.send({ type: 'followed', actor: said.actor, snapshot });
    this.send({ type: 'reply', ref: said.ref, fault: null });
  }

  greet(): void {
    this.send({
      type: 'ops',
      version: '0.1.0',
      user: 'ada',
      agent: { kind: 'claude', model: 'opus', version: '2.1.330', notice: null },
      sandbox: 'bwrap',
      inspectorUrl: this.inspectorUrl,
      capsulesMax: 20,
    });
    for (let at = 0; at < this.rows.length || at === 0; at += 1_000)
      this.send({
        type: 'actors',
        rows: this.rows.slice(at, at + 1_000),
        last: at + 1_000 >= this.rows.length,
      });
    for (let step = 0; step < 60; step += 1)
      this.send({ type: 'figures', figures: figuresAt(step, this.now) });
  }

  send(...frames: OpsServerFrame[]): void {
    for (const frame of frames) this.sockets.at(-1)?.send(JSON.stringify(frame));
  }

  /** So many events of the family that `conversation:t2` heads. */
  happen(count: number, first = 1, dropped = 0): void {
    this.send({ type: 'events', events: eventsOf(count, this.now, 2, first), dropped });
  }

  async heard(type: OpsClientFrame['type']): Promise<Said> {
    await expect.poll(() => this.said.findLast((said) => said.type === type)).toBeTruthy();
    return this.said.findLast((said) => said.type === type) as Said;
  }
}
