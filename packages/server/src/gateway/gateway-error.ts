// GatewayError: a request that the gateway itself refuses, and how any error is answered.

import { type ErrorCode, HgCacheError, InvalidKeyError, LoadError } from 'hgcache';
import { ERROR_NUMBERS, type ErrorBody, type ErrorName, errorBody, errorNameOf } from '../error-codes.ts';

/** A request that is refused before the cache is asked, or whose answer cannot be given. */
export class GatewayError extends Error {
  readonly errorName: ErrorName;
  readonly headers: Readonly<Record<string, string>>;

  constructor(errorName: ErrorName, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'GatewayError';
    this.errorName = errorName;
    this.headers = headers;
  }
}

/** Status, headers and body of an answer that is an error. */
export interface ErrorAnswer {
  readonly errorName: ErrorName;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

// Loads are quick or time out; a client that comes back after a second finds another situation.
const RETRY_AFTER: Readonly<Record<string, string>> = { 'retry-after': '1' };

/** How an error is answered. `requestId` is what the log calls the request, `bodyLimit` the bytes it might have had. */
export function answerOf(error: unknown, requestId: string, bodyLimit?: number): ErrorAnswer {
  const errorName = nameOf(error);
  const { status } = ERROR_NUMBERS[errorName];
  // What nobody expected may say anything, so it goes to the log alone.
  const message =
    errorName === 'internal'
      ? `internal server error; the log has it under ${requestId}`
      : isFrameworkError(error, 413)
        ? `the body is larger than ${bodyLimit} bytes`
        : (error as Error).message;
  const headers = {
    ...(status === 503 ? RETRY_AFTER : {}),
    ...(error instanceof GatewayError ? error.headers : {}),
  };
  return { errorName, status, headers, body: errorBody(errorName, message) };
}

function nameOf(error: unknown): ErrorName {
  if (error instanceof GatewayError) return error.errorName;
  if (error instanceof HgCacheError) return errorNameOf(codeOf(error));
  return error instanceof Error ? nameOfFrameworkError(error) : 'internal';
}

/** A loader's own error is the cause of a `LoadError`; that a source took too long, or refused the key, is no failure. */
function codeOf(error: HgCacheError): ErrorCode {
  const { code, cause } = error;
  const isMore = cause instanceof LoadError || cause instanceof InvalidKeyError;
  return code === 'load_failed' && isMore ? cause.code : code;
}

function isFrameworkError(error: unknown, statusCode: number): boolean {
  return !(error instanceof GatewayError) && (error as { statusCode?: unknown }).statusCode === statusCode;
}

/** Fastify's own errors: a path that cannot be decoded, a body that is too large, not JSON or broken off. */
function nameOfFrameworkError({
  statusCode,
  code,
}: Error & { statusCode?: number; code?: string }): ErrorName {
  switch (statusCode) {
    case 404:
      return 'pageNotFound';
    case 408:
      return 'requestTimeout';
    case 413:
      return 'bodyTooLarge';
    case 415:
      return 'unsupportedMediaType';
    default:
      if (statusCode === undefined || statusCode < 400 || statusCode > 499) return 'internal';
      return code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'validation' : 'binding';
  }
}
