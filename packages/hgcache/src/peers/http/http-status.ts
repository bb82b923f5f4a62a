// The one place that maps errors to statuses of the HTTP peer protocol, and answers back to errors.

import { type HgCacheError, InvalidValueError, LoadError, OverloadedError, PeerError } from '../../errors.ts';
import type { Dialect } from './http-transport-options.ts';

/** The header that tells HgCache nodes from others; its value is the version of what they say to each other. */
export const HGCACHE_HEADER = 'hgcache';
/** The value of {@link HGCACHE_HEADER}. */
export const HGCACHE_VERSION = '1';
/** The header that names what went wrong to another HgCache node. */
export const ERROR_HEADER = 'hgcache-error';

/** The header with the age of a value in ms; `Age` has it in seconds. */
export const AGE_HEADER = 'hgcache-age-ms';

/** Who has asked: another HgCache node, or one that talks a dialect of the Go family. */
export type Audience = 'hgcache' | Dialect;

/**
 * What an answer other than 200 says: an `ErrorCode` of what the handler threw, or `not_found`, or what is wrong
 * with the request itself. Errors that have no word of their own are `internal`.
 */
export type ErrorWord =
  | 'not_found'
  | 'forbidden'
  | 'bad_request'
  | 'method_not_allowed'
  | 'too_large'
  | 'invalid_key'
  | 'unknown_group'
  | 'invalid_value'
  | 'load_failed'
  | 'load_timeout'
  | 'overloaded'
  | 'stopped'
  | 'internal';

/**
 * The statuses. golang/groupcache falls back to a local load on anything but 200. For mailgun/groupcache and
 * groupcache-go 404 and 503 are final answers, so they get them only where a local load would be of no use.
 */
const STATUSES: { readonly [word in ErrorWord]: { readonly [audience in Audience]: number } } = {
  not_found: { hgcache: 404, groupcache: 404, 'groupcache-go': 404 },
  forbidden: { hgcache: 403, groupcache: 403, 'groupcache-go': 403 },
  bad_request: { hgcache: 400, groupcache: 400, 'groupcache-go': 400 },
  method_not_allowed: { hgcache: 405, groupcache: 405, 'groupcache-go': 405 },
  too_large: { hgcache: 413, groupcache: 413, 'groupcache-go': 413 },
  invalid_key: { hgcache: 400, groupcache: 400, 'groupcache-go': 400 },
  unknown_group: { hgcache: 404, groupcache: 404, 'groupcache-go': 421 },
  invalid_value: { hgcache: 500, groupcache: 500, 'groupcache-go': 503 },
  load_failed: { hgcache: 500, groupcache: 500, 'groupcache-go': 503 },
  load_timeout: { hgcache: 500, groupcache: 500, 'groupcache-go': 503 },
  overloaded: { hgcache: 503, groupcache: 500, 'groupcache-go': 503 },
  stopped: { hgcache: 503, groupcache: 500, 'groupcache-go': 500 },
  internal: { hgcache: 500, groupcache: 500, 'groupcache-go': 500 },
};

/** The status with which an error is answered. */
export function statusOf(word: ErrorWord, audience: Audience): number {
  return STATUSES[word][audience];
}

/** The word for an error that the handler has thrown. */
export function wordOf(error: HgCacheError): ErrorWord {
  return Object.hasOwn(STATUSES, error.code) ? (error.code as ErrorWord) : 'internal';
}

/**
 * The error that an HgCache node has reported: what its loader or its limits did is final and arrives as that error,
 * everything else is a {@link PeerError}, after which the key is loaded here.
 */
export function errorFromNode(peer: string, word: string, message: string): HgCacheError {
  switch (word) {
    case 'load_failed':
    case 'load_timeout':
      return new LoadError(word, message);
    case 'overloaded':
      return new OverloadedError(message);
    case 'invalid_value':
      return new InvalidValueError(message);
    default:
      return new PeerError(peer, `answered ${word}: ${message}`);
  }
}

/** The error that a node of the Go family has reported to a get with this status; `undefined` for not found. */
export function errorFromDialect(
  peer: string,
  dialect: Dialect,
  status: number,
  message: string,
): HgCacheError | undefined {
  if (dialect === 'groupcache-go' && status === 404) return undefined;
  if (dialect === 'groupcache-go' && status === 503) return new LoadError('load_failed', message);
  return new PeerError(peer, `answered ${status}${message === '' ? '' : `: ${message}`}`);
}
