/** A refusal before the upgrade, written to the raw socket. */
import type { Duplex } from 'node:stream';
import { FAULTS, type FaultCode } from '../faults.ts';
import { securityHeaders } from './security-headers.ts';

const RETRY_AFTER_S = 2;

/** A browser sees only that it failed (close 1006); other clients read the status and the fault. */
export function refuse(socket: Duplex, fault: FaultCode, secure: boolean): void {
  const { status, say } = FAULTS[fault];
  const code = status ?? 503;
  const body = JSON.stringify({ fault, message: say });
  const headers = Object.entries(securityHeaders(secure)).map(([k, v]) => `${k}: ${v}\r\n`);
  const retry = code === 503 ? `Retry-After: ${RETRY_AFTER_S}\r\n` : '';
  socket.once('finish', () => socket.destroy()); // not when the client pleases
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_TEXT[code] ?? 'Refused'}\r\nConnection: close\r\n${retry}${headers.join('')}` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  503: 'Service Unavailable',
};
