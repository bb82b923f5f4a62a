// What a request asks for, read from its raw target: keys are bytes, and a framework would decode them as text.

import { keyFromBytes } from 'hgcache';
import { GatewayError } from './gateway-error.ts';

/** The group and the key in a path `/v1/groups/{group}/keys/{key}`. */
export interface KeyTarget {
  readonly group: string;
  readonly key: string;
}

// Everything after `keys/` is the key: slashes need not be escaped, and dots are not steps.
const KEY_PATH = /^\/v1\/groups\/([^/?]*)\/keys\/([^?]*)/;

/** The same path with nothing in it that a router could misunderstand. */
export const NEUTRAL_KEY_PATH = '/v1/groups/-/keys/-';

/** What the router sees instead of the target: of a path with a key, {@link NEUTRAL_KEY_PATH}. */
export function routedTarget(target: string): string {
  const path = originForm(target);
  return KEY_PATH.test(path) ? NEUTRAL_KEY_PATH : path;
}

/** Group and key of a target that was routed to {@link NEUTRAL_KEY_PATH}; throws for a broken percent-escape. */
export function parseKeyTarget(target: string): KeyTarget {
  const [, group = '', key = ''] = KEY_PATH.exec(originForm(target)) ?? [];
  return { group: decode(group), key: decode(key) };
}

/**
 * The parameters in the query, decoded as forms are (`+` is a space) and then as keys are, so that any bytes survive.
 * Throws for a broken percent-escape and for a parameter that is given twice.
 */
export function parseQuery(target: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const start = target.indexOf('?');
  if (start === -1) return parameters;
  for (const part of target.slice(start + 1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    const decodedName = decode(name.replaceAll('+', ' '));
    if (parameters.has(decodedName)) {
      throw new GatewayError('validation', `parameter ${JSON.stringify(decodedName)} is given twice`);
    }
    parameters.set(decodedName, decode(value.replaceAll('+', ' ')));
  }
  return parameters;
}

/** Throws when the query has a parameter that is not in `known`: a typing error must not pass for no parameter. */
export function rejectUnknownParameters(query: ReadonlyMap<string, string>, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    const allowed = known.length === 0 ? 'this path takes none' : `known: ${known.join(', ')}`;
    throw new GatewayError('validation', `unknown parameter ${JSON.stringify(name)}; ${allowed}`);
  }
}

/** The path and the query alone; a target may be a whole URL (RFC 9112, section 3.2.2). */
function originForm(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '') || '/';
}

/** The key that percent-encoded text stands for (RFC 3986, section 2.1); the parser gives raw bytes as Latin-1. */
function decode(text: string): string {
  if (!text.includes('%')) return keyFromBytes(Buffer.from(text, 'latin1'));
  const broken = /%(?![\da-f]{2}).{0,2}/i.exec(text);
  if (broken !== null) {
    throw new GatewayError(
      'validation',
      `${JSON.stringify(broken[0])} is not a percent-escape: % and two hexadecimal digits; a % itself is %25`,
    );
  }
  const raw = text.replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  return keyFromBytes(Buffer.from(raw, 'latin1'));
}
