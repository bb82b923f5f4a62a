// Addresses in configuration: `host:port`, and the ids of peers, which are made of one.

import { isIP, isIPv6 } from 'node:net';
import type { HostAndPort } from './config.ts';

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;
const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})$/;

/** Whether this is a host name or an IP address, as one listens on or connects to. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || HOST_NAME.test(text);
}

/** The parts of `host:port` or `[ipv6]:port`, with a port from 1 to 65,535; `undefined` for anything else. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const match = HOST_AND_PORT.exec(text);
  if (!match) return undefined;
  const [, ipv6, host = ipv6 ?? '', digits] = match;
  const port = Number(digits);
  const isKnownHost = ipv6 === undefined ? isHost(host) : isIPv6(ipv6);
  return isKnownHost && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/**
 * Where the peer with this id is reached. An id is `http://host:port`, or `host:port` as the third version of
 * groupcache-go puts it on its ring; `undefined` for anything else, a slash at the end included.
 */
export function addressOfPeer(id: string): HostAndPort | undefined {
  return parseHostAndPort(id.startsWith('http://') ? id.slice('http://'.length) : id);
}

/** The URL of a server that listens there. */
export function urlOf({ host, port }: HostAndPort): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
