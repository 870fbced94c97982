/** Where operators look in. */

/** The operators' WebSocket, under the base path. */
export const OPS_SOCKET = '/ops/ws';

/** Their page among the built ones; it is served at `/ops/`, to them alone. */
export const OPS_PAGE = '/ops/index';

/** Whether the address of a request is that of the operators' socket. */
export function isForOperators(url: string | undefined, basePath: string): boolean {
  return url?.split('?')[0] === basePath + OPS_SOCKET;
}
