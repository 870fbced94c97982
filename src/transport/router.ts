/**
 * Which handler answers which path. Paths are compared raw: an edge in front decodes and cleans them before it
 * matches them and passes them on as they came, so only what is compared here decides.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** @param stars What stands where the route has its `*`, in order. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  stars: readonly string[],
) => Promise<void> | void;

/** Handlers by `METHOD path`; GET handlers also answer HEAD. `*` stands for one segment of any text. */
export type Routes = Readonly<Record<string, Handler>>;

export interface Site {
  /** What all of `routes` lives under, as `/chat`. */
  readonly basePath: string;
  readonly routes: Routes;
  /** Beside it, where an edge passes nothing on: how the server is. */
  readonly outside: Routes;
  /** Whether browsers reach it by https. */
  readonly secure: boolean;
  /** WebSockets open at once. */
  readonly maxSockets: number;
}

export interface Found {
  /** As the table names it. */
  readonly route: string;
  readonly handler: Handler;
  readonly stars: readonly string[];
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export class Router {
  readonly #basePath: string;
  readonly #inside: Table;
  readonly #outside: Table;

  constructor({ basePath, routes, outside }: Pick<Site, 'basePath' | 'routes' | 'outside'>) {
    this.#basePath = basePath;
    this.#inside = new Table(routes);
    this.#outside = new Table(outside);
  }

  isInside(path: string): boolean {
    return path.startsWith(`${this.#basePath}/`);
  }

  find(method: string, path: string): Found | null {
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.isInside(path)
      ? this.#inside.find(wanted, path.slice(this.#basePath.length))
      : this.#outside.find(wanted, path);
  }

  /** The methods a path has, where it has any. */
  methodsOf(path: string): string[] {
    return METHODS.filter((method) => this.find(method, path) !== null);
  }
}

class Table {
  readonly #routes: Routes;
  /** Those with a `*`, as what their line `METHOD path` matches. */
  readonly #patterns: readonly { route: string; matches: RegExp }[];

  constructor(routes: Routes) {
    this.#routes = routes;
    this.#patterns = Object.keys(routes)
      .filter((route) => route.includes('*'))
      .map((route) => {
        const segments = route.split('*').map(RegExp.escape).join('([^/]+)');
        return { route, matches: new RegExp(`^${segments}$`) };
      });
  }

  find(method: string, path: string): Found | null {
    const line = `${method} ${path}`;
    const exact = Object.hasOwn(this.#routes, line) ? this.#routes[line] : undefined;
    if (exact && !line.includes('*')) return { route: line, handler: exact, stars: [] };
    for (const { route, matches } of this.#patterns) {
      const found = matches.exec(line);
      const handler = this.#routes[route];
      if (found && handler) return { route, handler, stars: found.slice(1) };
    }
    return null;
  }
}
