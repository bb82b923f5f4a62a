// The bodies that HgCache nodes send each other for many keys at once; docs/http-peers.md describes the format.

import { bytesOf, viewOf } from '../../byte-view.ts';
import { messageOf } from '../../errors.ts';
import { keyFromBytes, keyToBytes } from '../../key.ts';
import type { PeerOutcome, PeerValue } from '../peer-transport.ts';
import { ByteReader, varintLength, WireError, writeVarint } from './byte-reader.ts';
import { errorText } from './error-text.ts';
import { momentAfter, timeLeftUntil } from './time-left.ts';

/** The content type of these bodies. */
export const BATCH_TYPE = 'application/x-hgcache-batch';

/** What is asked for many keys at once, in the place of the key; only of a POST, so that keys may look the same. */
export const GET_KEYS = '_get-keys/';
/** As {@link GET_KEYS}. groupcache-go has it too, with a body in JSON. */
export const REMOVE_KEYS = '_remove-keys/';
/** As {@link GET_KEYS}, without a body. */
export const CLEAR = '_clear/';

/** The most keys in one request; more are asked for in several. */
export const MAX_BATCH_KEYS = 10_000;

/** What became of one key: an outcome, or `deferred` when its value did not fit any more and is to be asked for alone. */
export type BatchOutcome =
  | { readonly kind: 'missing' }
  | { readonly kind: 'value'; readonly value: PeerValue }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'deferred' };

const MISSING = 0;
const VALUE = 1;
const ERROR = 2;
const DEFERRED = 3;

const NUMBER_BYTES = 8;

/** Keys, each with its length in front. */
export function encodeKeys(keys: readonly string[]): Buffer {
  const encoded = keys.map(keyToBytes);
  let length = 0;
  for (const key of encoded) length += varintLength(key.length) + key.length;
  const body = Buffer.allocUnsafe(length);
  let at = 0;
  for (const key of encoded) {
    at = writeVarint(body, at, key.length);
    body.set(key, at);
    at += key.length;
  }
  return body;
}

/** The inverse of {@link encodeKeys}; throws {@link WireError} when the body is no list of keys, or too long a one. */
export function decodeKeys(body: Uint8Array): string[] {
  const reader = new ByteReader(body);
  const keys: string[] = [];
  while (!reader.isAtEnd) {
    if (keys.length === MAX_BATCH_KEYS)
      throw new WireError(`more than ${MAX_BATCH_KEYS} keys in one request`);
    keys.push(keyFromBytes(reader.lengthPrefixed()));
  }
  return keys;
}

/**
 * The outcomes of the keys, in their order. Values that would make the body longer than `maxBytes` are deferred.
 * Values expire some time after `nowMs`; the body says how long, not when.
 */
export function encodeOutcomes(outcomes: readonly PeerOutcome[], maxBytes: number, nowMs: number): Buffer {
  const parts: Uint8Array[] = [];
  // Every outcome takes at least its kind, which has to fit whatever the values before it have taken.
  let length = outcomes.length;
  for (const outcome of outcomes) {
    const encoded = encodeOutcome(outcome, nowMs);
    const more = encoded.reduce((sum, part) => sum + part.length, -1);
    if (length + more > maxBytes) {
      parts.push(Uint8Array.of(DEFERRED));
    } else {
      length += more;
      parts.push(...encoded);
    }
  }
  return Buffer.concat(parts, length);
}

/** The inverse of {@link encodeOutcomes}; throws {@link WireError} unless there are exactly `count` of them. */
export function decodeOutcomes(body: Uint8Array, count: number, nowMs: number): BatchOutcome[] {
  const reader = new ByteReader(body);
  const outcomes: BatchOutcome[] = [];
  while (outcomes.length < count) outcomes.push(decodeOutcome(reader, nowMs));
  if (!reader.isAtEnd) throw new WireError(`more outcomes than the ${count} keys that were asked for`);
  return outcomes;
}

function encodeOutcome({ value, error }: PeerOutcome, nowMs: number): Uint8Array[] {
  if (value) {
    const bytes = bytesOf(value.value);
    const head = Buffer.allocUnsafe(1 + 2 * NUMBER_BYTES + varintLength(bytes.length));
    head[0] = VALUE;
    head.writeDoubleLE(timeLeftUntil(value.expiresAtMs, nowMs), 1);
    head.writeDoubleLE(value.ageMs, 1 + NUMBER_BYTES);
    writeVarint(head, 1 + 2 * NUMBER_BYTES, bytes.length);
    return [head, bytes];
  }
  if (error)
    return [Uint8Array.of(ERROR), ...lengthPrefixed(error.code), ...lengthPrefixed(messageOf(error))];
  return [Uint8Array.of(MISSING)];
}

function lengthPrefixed(text: string): Uint8Array[] {
  const bytes = Buffer.from(text);
  const head = Buffer.allocUnsafe(varintLength(bytes.length));
  writeVarint(head, 0, bytes.length);
  return [head, bytes];
}

function decodeOutcome(reader: ByteReader, nowMs: number): BatchOutcome {
  const kind = reader.byte();
  switch (kind) {
    case MISSING:
      return { kind: 'missing' };
    case VALUE: {
      const leftMs = reader.float64();
      if (!(leftMs > Number.NEGATIVE_INFINITY)) throw new WireError(`a time of ${leftMs} ms that is left`);
      const expiresAtMs = momentAfter(leftMs, nowMs);
      const ageMs = reader.float64();
      if (!(ageMs >= 0 && ageMs < Number.POSITIVE_INFINITY)) throw new WireError(`an age of ${ageMs} ms`);
      return { kind: 'value', value: { value: viewOf(reader.lengthPrefixed()), expiresAtMs, ageMs } };
    }
    case ERROR:
      return { kind: 'error', code: decodeText(reader), message: decodeText(reader) };
    case DEFERRED:
      return { kind: 'deferred' };
    default:
      throw new WireError(`an outcome of the unknown kind ${kind}`);
  }
}

function decodeText(reader: ByteReader): string {
  return errorText(reader.lengthPrefixed());
}
