/** A forge on loopback: one bare repository over git's dumb protocol, which any web server of files speaks. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

export interface TestForge {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** From now on it hangs at the first request for an object; resolves when that has come. */
  hangAtObjects(): Promise<void>;
  /** Makes `owner/name` with these files. */
  add(name: string, files: Readonly<Record<string, string | Buffer>>): void;
  stop(): Promise<void>;
}

/** @param authorization Asked for with every request; null: nothing is. */
export async function startForge(
  root: string,
  authorization: string | null = null,
  redirectTo: string | null = null,
): Promise<TestForge> {
  const requests: IncomingMessage[] = [];
  let onObject: (() => void) | null = null;
  const server = createServer((request, response) => {
    requests.push(request);
    if (onObject !== null && request.url?.includes('/objects/')) return onObject();
    const path = join(root, normalize((request.url ?? '/').split('?')[0] ?? '/'));
    if (authorization !== null && request.headers.authorization !== authorization)
      return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="forge"' }).end();
    if (redirectTo !== null)
      return response.writeHead(302, { Location: `${redirectTo}${request.url}` }).end();
    if (!existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
    response.end(readFileSync(path));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    hangAtObjects: () =>
      new Promise((resolve) => {
        onObject = resolve;
      }),
    add: (name, files) => addRepository(join(root, `${name}.git`), files),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function addRepository(bare: string, files: Readonly<Record<string, string | Buffer>>): void {
  const work = `${bare}.work`;
  mkdirSync(work, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(work, name), content);
  const env = { PATH: process.env.PATH ?? '', HOME: work, GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, env });
  git(work, 'init', '--quiet', '--initial-branch=main');
  git(work, 'add', '--all');
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  git(work, ...author, 'commit', '--quiet', '--message=first');
  git(work, 'clone', '--quiet', '--bare', work, bare);
  git(bare, 'update-server-info');
}
