// Where a peer is reached over HTTP, read from its member entry.

import type { Member } from '../../member.ts';

/** The parts of a peer's base URL. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
  /** What stands before the base path in every request, e.g. `/cache`; empty without one. */
  readonly prefix: string;
}

const DEFAULT_PORT = 80;
const MAX_PORT = 65_535;

// A host is a name, an IPv4 address, or an IPv6 address in brackets; a prefix is any path of visible ASCII.
const ADDRESS =
  /^(http:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(\/[\x21-\x22\x24-\x3e\x40-\x7e]*)?$/;

/**
 * The address of a member: `addresses.http`, or else its id. It is a base URL `http://host:port[/prefix]`, or
 * `host:port` alone, which is what stands on the ring of groupcache-go. Anything else is `undefined`.
 */
export function parsePeerAddress(member: Member): PeerAddress | undefined {
  const [, scheme, host, portText, path = ''] = ADDRESS.exec(addressText(member)) ?? [];
  if (host === undefined || (scheme === undefined && portText === undefined)) return undefined;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > MAX_PORT) return undefined;
  return {
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port,
    prefix: path.endsWith('/') ? path.slice(0, -1) : path,
  };
}

/** What is wrong with the address of a member that {@link parsePeerAddress} does not understand. */
export function describeBadAddress(member: Member): string {
  return `${JSON.stringify(addressText(member))} is not an address for HTTP, e.g. http://10.0.0.1:8001`;
}

function addressText(member: Member): string {
  return member.addresses?.['http'] ?? member.id;
}
