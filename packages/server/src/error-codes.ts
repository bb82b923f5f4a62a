// The numbers that error bodies carry, and which error of the cache has which: the one place where errors meet HTTP.

import type { ErrorCode } from 'hgcache';

/** One number as clients see it. */
export interface ErrorNumber {
  /** `code` in the body of the answer. It never changes its meaning. */
  readonly number: number;
  /** The status of the answer (RFC 9110). */
  readonly status: number;
  /** What it is called, in a few words. */
  readonly text: string;
  /** When a client gets it. */
  readonly when: string;
}

/** What can go wrong at the gateway, by name. */
export type ErrorName =
  | 'internal'
  | 'validation'
  | 'pageNotFound'
  | 'tokenInvalid'
  | 'binding'
  | 'methodNotAllowed'
  | 'bodyTooLarge'
  | 'unsupportedMediaType'
  | 'headersTooLarge'
  | 'requestTimeout'
  | 'originFailed'
  | 'authorizationInvalid'
  | 'authorizationMissing'
  | 'permissionDenied'
  | 'encoding'
  | 'decoding'
  | 'keyNotFound'
  | 'unknownGroup'
  | 'overloaded'
  | 'loadTimeout'
  | 'deadlineExceeded'
  | 'peersNotTold'
  | 'stopping'
  | 'notReady'
  | 'peerFailed'
  | 'answerFull';

/**
 * The numbers. 100002 to 100006, 100101, 1002xx and 1003xx are those of the Go project HgCache with its statuses and
 * texts, where they have a use here; 100007 to 100011 continue its basic ones, and 1006xx are about the cache.
 */
export const ERROR_NUMBERS: Readonly<Record<ErrorName, ErrorNumber>> = {
  internal: {
    number: 100002,
    status: 500,
    text: 'Internal server error',
    when: 'Something went wrong that should not; the log of the server says what, under the id in the message.',
  },
  validation: {
    number: 100003,
    status: 400,
    text: 'Validation failed',
    when:
      'The key is missing, empty or longer than 1,024 bytes, a percent-escape is broken, or a parameter is unknown, ' +
      'given twice or out of range.',
  },
  pageNotFound: {
    number: 100004,
    status: 404,
    text: 'Page not found',
    when: 'There is no such path.',
  },
  tokenInvalid: {
    number: 100005,
    status: 401,
    text: 'Token invalid',
    when: 'The bearer token of a write is not the configured one.',
  },
  binding: {
    number: 100006,
    status: 400,
    text: 'Error occurred while binding the request body to the struct',
    when: 'The body is not JSON, or not JSON of the expected shape.',
  },
  methodNotAllowed: {
    number: 100007,
    status: 405,
    text: 'Method not allowed',
    when: 'The path exists, but not with this method; the header Allow lists those that it has.',
  },
  bodyTooLarge: {
    number: 100008,
    status: 413,
    text: 'Body too large',
    when: 'The value is larger than 8 MiB or than the group may keep, or the body of a batch is larger than 1 MiB.',
  },
  unsupportedMediaType: {
    number: 100009,
    status: 415,
    text: 'Unsupported media type',
    when: 'The body of a batch is not sent as application/json.',
  },
  headersTooLarge: {
    number: 100010,
    status: 431,
    text: 'Request header fields too large',
    when: 'The request line and the headers are larger than 1 MiB.',
  },
  requestTimeout: {
    number: 100011,
    status: 408,
    text: 'Request time-out',
    when: 'The request did not arrive completely within 60 s.',
  },
  originFailed: {
    number: 100101,
    status: 500,
    text: 'Database error',
    when: 'The origin of the group, a database or whatever it is, could not be asked or gave an error.',
  },
  authorizationInvalid: {
    number: 100203,
    status: 401,
    text: 'Invalid authorization header',
    when: 'The header Authorization of a write is not of the form "Bearer <token>".',
  },
  authorizationMissing: {
    number: 100204,
    status: 401,
    text: 'The Authorization header was empty',
    when: 'A write needs the configured bearer token, and there is no header Authorization.',
  },
  permissionDenied: {
    number: 100206,
    status: 403,
    text: 'Permission denied',
    when: 'No token is configured, and the write does not come directly from this machine.',
  },
  encoding: {
    number: 100301,
    status: 500,
    text: 'Encoding failed due to an error with the data',
    when: 'What the origin gave is not a value of the group.',
  },
  decoding: {
    number: 100302,
    status: 500,
    text: 'Decoding failed due to an error with the data',
    when: 'The value is not UTF-8 text, and was asked for as text.',
  },
  keyNotFound: {
    number: 100601,
    status: 404,
    text: 'Key not found',
    when: 'The origin has no value for the key.',
  },
  unknownGroup: {
    number: 100602,
    status: 404,
    text: 'No such group',
    when: 'No group of this name is configured.',
  },
  overloaded: {
    number: 100603,
    status: 503,
    text: 'Overloaded',
    when: 'Too many loads wait already. Nothing was started; the header Retry-After says when to try again.',
  },
  loadTimeout: {
    number: 100604,
    status: 504,
    text: 'Load timed out',
    when: 'The origin did not answer within the time that the group or the source allows.',
  },
  deadlineExceeded: {
    number: 100605,
    status: 504,
    text: 'Deadline exceeded',
    when: 'There was no answer within the time that the gateway waits, 55 s.',
  },
  peersNotTold: {
    number: 100606,
    status: 503,
    text: 'Peers could not be told',
    when:
      'The peers in the message could not be told of a write. They are told in the background to drop what they have ' +
      'of the key, until they answer or leave. If its owner is among them, the value of a PUT may be lost. The same ' +
      'write may be repeated.',
  },
  stopping: {
    number: 100607,
    status: 503,
    text: 'Stopping',
    when: 'The node is stopping; another one answers.',
  },
  notReady: {
    number: 100608,
    status: 503,
    text: 'Not ready',
    when: 'From /readyz alone: the node is starting or stopping.',
  },
  peerFailed: {
    number: 100609,
    status: 502,
    text: 'Peer failed',
    when: 'A peer could not be reached or answered nonsense, and there was nothing to fall back to.',
  },
  answerFull: {
    number: 100610,
    status: 413,
    text: 'Answer full',
    when: 'From a batch alone: the values before this one fill the answer, 64 MiB; ask for this key again.',
  },
};

const NAMES: Readonly<Record<ErrorCode, ErrorName>> = {
  invalid_config: 'internal',
  invalid_key: 'validation',
  invalid_value: 'encoding',
  unknown_group: 'unknownGroup',
  load_failed: 'originFailed',
  load_timeout: 'loadTimeout',
  overloaded: 'overloaded',
  deadline_exceeded: 'deadlineExceeded',
  peer_failed: 'peerFailed',
  invalidation_failed: 'peersNotTold',
  partial_failure: 'originFailed',
  listen_failed: 'internal',
  stopped: 'stopping',
};

/** The name under which an error of the cache is answered. */
export function errorNameOf(code: ErrorCode): ErrorName {
  return NAMES[code];
}

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly code: number;
  /** What went wrong with this request. */
  readonly message: string;
  /** Where the number is explained, in the documentation of this version. */
  readonly reference: string;
}

/** The body for an error. */
export function errorBody(name: ErrorName, message: string): ErrorBody {
  const code = ERROR_NUMBERS[name].number;
  return { code, message, reference: `docs/error-codes.md#${code}` };
}
