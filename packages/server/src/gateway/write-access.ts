// Who may write: whoever has the token, or without one, whoever is on this machine.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { GatewayError } from './gateway-error.ts';

/** What is known of a request that wants to write. */
export interface Writer {
  readonly headers: IncomingHttpHeaders;
  /** The address at the other end of the socket; never one from a header, which anyone can write. */
  readonly remoteAddress: string | undefined;
  readonly httpVersion: string;
}

/** Throws a `GatewayError`, 401 or 403, unless this request may write. */
export type AssertMayWrite = (writer: Writer) => void;

/** What writes need. */
export interface WriteAccessOptions {
  /** The bearer token (RFC 6750); without one, or with an empty one, writes are for loopback addresses alone. */
  readonly token?: string | undefined;
  /** The origins whose pages may write from a browser on this machine without a token. */
  readonly origins: readonly string[];
}

// A proxy on this machine makes everyone's requests come from loopback. These are the traces that proxies leave, if
// they leave any; another one is HTTP/1.0, which old ones speak and clients no longer do.
const FORWARDING_HEADER =
  /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

/** Makes the check for these options. */
export function createWriteAccess({ token, origins }: WriteAccessOptions): AssertMayWrite {
  return token ? needToken(token) : needLoopback(origins);
}

function needToken(token: string): AssertMayWrite {
  const expected = digest(token);
  return ({ headers }) => {
    const { authorization } = headers;
    if (!authorization) {
      throw refused('authorizationMissing', 'a write needs the header Authorization: Bearer <token>', '');
    }
    const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (given === undefined) {
      throw refused(
        'authorizationInvalid',
        'Authorization must be "Bearer <token>"',
        ', error="invalid_request"',
      );
    }
    // Digests are of one length and are compared in constant time, so the time tells nothing about the token.
    if (!timingSafeEqual(digest(given), expected)) {
      throw refused('tokenInvalid', 'this is not the token that is configured', ', error="invalid_token"');
    }
  };
}

function needLoopback(origins: readonly string[]): AssertMayWrite {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return ({ headers, remoteAddress, httpVersion }) => {
    if (
      remoteAddress === undefined ||
      !loopback.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')
    ) {
      throw new GatewayError(
        'permissionDenied',
        'without a configured token, writes must come from a loopback address (127.0.0.1 or ::1)',
      );
    }
    const header = Object.keys(headers).find((name) => FORWARDING_HEADER.test(name));
    const trace =
      header === undefined ? httpVersion === '1.0' && 'came by HTTP/1.0' : `has the header ${header}`;
    if (trace) {
      throw new GatewayError(
        'permissionDenied',
        `without a configured token, writes must not come through a proxy; this one ${trace}`,
      );
    }
    // A page of anyone's can reach this machine from the browser on it, under a host name of its own.
    if (headers.origin !== undefined && !origins.includes(headers.origin)) {
      throw new GatewayError(
        'permissionDenied',
        `without a configured token, pages of ${headers.origin} may write only if http.cors.origins lists it`,
      );
    }
  };
}

function refused(
  name: 'authorizationMissing' | 'authorizationInvalid' | 'tokenInvalid',
  message: string,
  challenge: string,
): GatewayError {
  return new GatewayError(name, message, { 'www-authenticate': `Bearer realm="hgcache"${challenge}` });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
