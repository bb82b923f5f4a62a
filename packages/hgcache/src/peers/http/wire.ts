// The messages of the Go family's wire format (groupcachepb, protobuf 2), read strictly and written by hand.

import { type ByteView, bytesOf, viewOf } from '../../byte-view.ts';
import { ByteReader, MAX_VARINT_BYTES, varintLength, WireError, writeVarint } from './byte-reader.ts';

/** `GetResponse`: what a peer answers to a get. */
export interface GetResponse {
  readonly value: ByteView;
  /** From when on it must not be served, in ms since the Unix epoch; 0 for never. */
  readonly expiresAtMs: number;
}

/** `SetRequest`: what mailgun/groupcache and groupcache-go send with a PUT. */
export interface SetRequest {
  readonly group: string;
  /** The key's bytes: the format says string, but Go does not hold keys to UTF-8. */
  readonly key: Uint8Array;
  readonly value: ByteView;
  /** As in {@link GetResponse}. */
  readonly expiresAtMs: number;
}

/** The content type of the messages. */
export const PROTOBUF_TYPE = 'application/x-protobuf';

// Wire types of protobuf.
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const GET_RESPONSE = { value: 1, expire: 3 } as const;
const SET_REQUEST = { group: 1, key: 2, value: 3, expire: 4 } as const;

const NANOSECONDS_PER_MS = 1_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

/** What precedes the value in a `GetResponse`, so that the value itself need not be copied. */
export function getResponseHead(valueLength: number): Buffer {
  const head = Buffer.allocUnsafe(1 + varintLength(valueLength));
  head[0] = (GET_RESPONSE.value << 3) | BYTES;
  writeVarint(head, 1, valueLength);
  return head;
}

/** What follows the value of a `GetResponse`: its expiry, or nothing. */
export function getResponseTail(expiresAtMs: number): Buffer {
  return expiresAtMs === 0 ? EMPTY : encodeExpire(GET_RESPONSE.expire, expiresAtMs);
}

/** A whole `GetResponse`. The value is written even when it is empty. */
export function encodeGetResponse(response: GetResponse): Buffer {
  const value = bytesOf(response.value);
  return Buffer.concat([getResponseHead(value.length), value, getResponseTail(response.expiresAtMs)]);
}

/** Reads a `GetResponse`. The value shares the bytes, which nobody may write to afterwards. */
export function decodeGetResponse(bytes: Uint8Array): GetResponse {
  const reader = new FieldReader(bytes);
  let value = EMPTY_VIEW;
  let expiresAtMs = 0;
  while (reader.next()) {
    if (reader.field === GET_RESPONSE.value) value = viewOf(reader.bytes());
    else if (reader.field === GET_RESPONSE.expire) expiresAtMs = expiryFromNanoseconds(reader.int64());
    else reader.skip();
  }
  return { value, expiresAtMs };
}

/** A whole `SetRequest`. */
export function encodeSetRequest(request: SetRequest): Buffer {
  return Buffer.concat([
    ...encodeBytes(SET_REQUEST.group, Buffer.from(request.group)),
    ...encodeBytes(SET_REQUEST.key, request.key),
    ...encodeBytes(SET_REQUEST.value, bytesOf(request.value)),
    request.expiresAtMs === 0 ? EMPTY : encodeExpire(SET_REQUEST.expire, request.expiresAtMs),
  ]);
}

/** Reads a `SetRequest`. Key and value share the bytes, which nobody may write to afterwards. */
export function decodeSetRequest(bytes: Uint8Array): SetRequest {
  const reader = new FieldReader(bytes);
  let group: Uint8Array | undefined;
  let key: Uint8Array | undefined;
  let value = EMPTY_VIEW;
  let expiresAtMs = 0;
  while (reader.next()) {
    if (reader.field === SET_REQUEST.group) group = reader.bytes();
    else if (reader.field === SET_REQUEST.key) key = reader.bytes();
    else if (reader.field === SET_REQUEST.value) value = viewOf(reader.bytes());
    else if (reader.field === SET_REQUEST.expire) expiresAtMs = expiryFromNanoseconds(reader.int64());
    else reader.skip();
  }
  if (group === undefined || key === undefined) throw new WireError('a SetRequest without its group or key');
  return { group: Buffer.from(group).toString(), key, value, expiresAtMs };
}

/**
 * The `expire` of a moment in ms: Unix nanoseconds, which are beyond 2^53. Past the year 2262 it is the last one,
 * and before 1970 the first: 0 would be never.
 */
export function expiryToNanoseconds(expiresAtMs: number): bigint {
  const wholeMs = Math.floor(expiresAtMs);
  const nanoseconds =
    BigInt(wholeMs) * NANOSECONDS_PER_MS + BigInt(Math.floor((expiresAtMs - wholeMs) * 1e6));
  if (nanoseconds > MAX_INT64) return MAX_INT64;
  return nanoseconds < 1n ? 1n : nanoseconds;
}

/** The moment of an `expire`. Before 1970 is long ago and not never, so it becomes the first millisecond. */
export function expiryFromNanoseconds(nanoseconds: bigint): number {
  if (nanoseconds === 0n) return 0;
  if (nanoseconds < NANOSECONDS_PER_MS) return 1;
  return Number(nanoseconds / NANOSECONDS_PER_MS) + Number(nanoseconds % NANOSECONDS_PER_MS) / 1e6;
}

const EMPTY = Buffer.alloc(0);
const EMPTY_VIEW = viewOf(EMPTY);

function encodeBytes(field: number, bytes: Uint8Array): readonly Uint8Array[] {
  const head = Buffer.allocUnsafe(1 + varintLength(bytes.length));
  head[0] = (field << 3) | BYTES;
  writeVarint(head, 1, bytes.length);
  return [head, bytes];
}

function encodeExpire(field: number, expiresAtMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(1 + MAX_VARINT_BYTES);
  bytes[0] = (field << 3) | VARINT;
  let rest = expiryToNanoseconds(expiresAtMs);
  let at = 1;
  while (rest >= 0x80n) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[at++] = Number(rest);
  return bytes.subarray(0, at);
}

/** Walks over the fields of a protobuf message. */
class FieldReader {
  readonly #reader: ByteReader;
  field = 0;
  #wireType = 0;

  constructor(bytes: Uint8Array) {
    this.#reader = new ByteReader(bytes);
  }

  /** Reads the next tag; `false` at the end. */
  next(): boolean {
    if (this.#reader.isAtEnd) return false;
    const tag = this.#reader.varint();
    this.#wireType = tag % 8;
    this.field = Math.floor(tag / 8);
    // Protobuf's field numbers are 1 to 2^29 - 1.
    if (this.field === 0 || this.field >= 2 ** 29) throw new WireError(`a field of the number ${this.field}`);
    return true;
  }

  bytes(): Uint8Array {
    this.#expect(BYTES);
    return this.#reader.lengthPrefixed();
  }

  int64(): bigint {
    this.#expect(VARINT);
    return this.#reader.int64();
  }

  skip(): void {
    if (this.#wireType === VARINT) this.#reader.int64();
    else if (this.#wireType === FIXED64) this.#reader.take(8);
    else if (this.#wireType === BYTES) this.#reader.lengthPrefixed();
    else if (this.#wireType === FIXED32) this.#reader.take(4);
    else throw new WireError(`field ${this.field} has the unknown wire type ${this.#wireType}`);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) {
      throw new WireError(`field ${this.field} has wire type ${this.#wireType} where ${wireType} belongs`);
    }
  }
}
