// How a peer's request is answered: values, acknowledgements and errors, with their statuses and headers.

import type { ServerResponse } from 'node:http';
import { bytesOf } from '../../byte-view.ts';
import { systemClock } from '../../clock.ts';
import { HgCacheError, messageOf } from '../../errors.ts';
import type { PeerValue } from '../peer-transport.ts';
import { WireError } from './byte-reader.ts';
import {
  AGE_HEADER,
  type Audience,
  ERROR_HEADER,
  type ErrorWord,
  HGCACHE_HEADER,
  HGCACHE_VERSION,
  statusOf,
  wordOf,
} from './http-status.ts';
import { TTL_HEADER, ttlHeaderOf } from './time-left.ts';
import { getResponseHead, getResponseTail, PROTOBUF_TYPE } from './wire.ts';

/** A request that never reaches the handler, because it is wrong in itself. */
export class RefusedRequest extends Error {
  readonly word: 'not_found' | 'forbidden' | 'bad_request' | 'method_not_allowed' | 'too_large';

  constructor(word: RefusedRequest['word'], message: string) {
    super(message);
    this.word = word;
  }
}

// Up to here a copy is cheaper than a write of its own.
const COPIED_VALUE_BYTES = 4 * 1024;
// How long the asker of a large value may stop reading before its connection is closed.
const STALLED_READER_MS = 60_000;

/** Answers a get with the value of the key. */
export function answerValue(response: ServerResponse, { value, expiresAtMs, ageMs }: PeerValue): void {
  const bytes = bytesOf(value);
  const head = getResponseHead(bytes.length);
  const tail = getResponseTail(expiresAtMs);
  const length = head.length + bytes.length + tail.length;
  const wholeAgeMs = Math.max(0, Math.floor(ageMs));
  // A flat array of headers: the object form costs node:http a fifth of the whole answer.
  const headers = [
    'content-type',
    PROTOBUF_TYPE,
    'content-length',
    String(length),
    'age',
    String(Math.floor(wholeAgeMs / 1000)),
    HGCACHE_HEADER,
    HGCACHE_VERSION,
    AGE_HEADER,
    String(wholeAgeMs),
  ];
  if (expiresAtMs !== 0) headers.push(TTL_HEADER, ttlHeaderOf(expiresAtMs, systemClock.now()));
  response.writeHead(200, headers);
  if (bytes.length <= COPIED_VALUE_BYTES) {
    const body = Buffer.allocUnsafe(length);
    body.set(head, 0);
    body.set(bytes, head.length);
    body.set(tail, head.length + bytes.length);
    // node:http puts a string into one write with the headers, which a Buffer gets a slower writev for: 42 µs of CPU
    // for the whole request rather than 52. In Latin-1 every byte is a character.
    response.end(body.toString('latin1'), 'latin1');
    return;
  }
  response.setTimeout(STALLED_READER_MS);
  response.cork();
  response.write(head);
  response.write(bytes);
  response.end(tail);
  response.uncork();
}

/** Answers that it is done, with what came of it if anything did; the status is exactly 200. */
export function answerDone(response: ServerResponse, contentType?: string, body?: Uint8Array): void {
  const headers = ['content-length', String(body?.length ?? 0), HGCACHE_HEADER, HGCACHE_VERSION];
  if (contentType !== undefined) headers.push('content-type', contentType);
  if (body !== undefined && body.length > COPIED_VALUE_BYTES) response.setTimeout(STALLED_READER_MS);
  response.writeHead(200, headers);
  response.end(body);
}

/** Answers with whatever was thrown on the way. */
export function answerError(response: ServerResponse, audience: Audience, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const word = wordFor(error);
  const body = Buffer.from(messageOf(error));
  const headers = ['content-type', 'text/plain; charset=utf-8', 'content-length', String(body.length)];
  headers.push(HGCACHE_HEADER, HGCACHE_VERSION, ERROR_HEADER, word);
  if (word === 'method_not_allowed') headers.push('allow', 'GET, HEAD, PUT, DELETE');
  response.writeHead(statusOf(word, audience), headers);
  response.end(body);
}

function wordFor(error: unknown): ErrorWord {
  if (error instanceof RefusedRequest) return error.word;
  if (error instanceof WireError) return 'bad_request';
  return error instanceof HgCacheError ? wordOf(error) : 'internal';
}
