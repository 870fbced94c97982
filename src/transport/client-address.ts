/**
 * Where a request comes from, as far as that can be believed, and as what it is counted: an IPv4 address, or the /64
 * of an IPv6 one, which is the least that one customer of a provider has.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

export interface Addresses {
  /** Counts a request for its sender. */
  of(request: IncomingMessage): string;
}

/**
 * @param trusted Addresses and CIDR ranges of proxies that may say for whom they ask.
 * @param onUnnamed Called once, when a proxy on this machine does that and is not among them.
 */
export function clientAddresses(trusted: readonly string[], onUnnamed = () => {}): Addresses {
  let noticed = false;
  const proxies = new BlockList();
  for (const range of trusted) addRange(proxies, range);
  const isProxy = (address: string) => proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return {
    of({ socket, headers }) {
      const peer = plain(socket.remoteAddress ?? '');
      if (peer === null) return 'unknown';
      const forwarded = headers['x-forwarded-for'];
      if (forwarded === undefined) return countedAs(peer);
      if (isProxy(peer)) return countedAs(sender(String(forwarded), peer, isProxy));
      const address = countedAs(peer);
      if (!noticed && isLoopback(address)) onUnnamed();
      noticed ||= isLoopback(address);
      return address;
    },
  };
}

/** This machine: an operator, or a proxy that nobody named as one. */
export function isLoopback(counted: string): boolean {
  return counted.startsWith('127.') || counted === '0:0:0:0::/64';
}

/**
 * The last one in the list that is no proxy of ours: what stands left of it is its own claim. Where ours tell
 * something else than addresses, it is the proxy itself.
 */
function sender(forwarded: string, peer: string, isProxy: (address: string) => boolean): string {
  let found = peer;
  for (const entry of forwarded.split(',').reverse()) {
    const address = plain(entry.trim());
    if (address === null) return peer;
    found = address;
    if (!isProxy(address)) break;
  }
  return found;
}

function addRange(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

/** IPv4 as itself, also where a socket for both shows it as IPv6; null for what is no address. */
function plain(raw: string): string | null {
  const address = raw.split('%')[0] ?? ''; // the zone of a link-local one
  if (isIP(address) === 0) return null;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function countedAs(address: string): string {
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address}]`); // in its one short form
  const [left = '', right] = hostname.slice(1, -1).split('::');
  const [head, tail] = [left, right ?? ''].map((side) => (side === '' ? [] : side.split(':')));
  const zeros = Array<string>(8 - (head?.length ?? 0) - (tail?.length ?? 0)).fill('0');
  return `${[...(head ?? []), ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
