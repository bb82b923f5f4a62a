// Codecs: how the values of a group become bytes and values again.

import { inspect } from 'node:util';
import { ByteView } from './byte-view.ts';

/**
 * Turns the values of a group into bytes and back. Both ways may throw; the caller then gets an
 * `InvalidValueError` with that as its cause.
 */
export interface Codec<V> {
  /** The bytes of a value. They are copied, so the same buffer may be used again. */
  encode(value: V): Uint8Array | ByteView;
  /** The value of these bytes: a new one at every call, unless it is immutable. */
  decode(bytes: ByteView): V;
  /** Whether values cannot be changed, so that all callers may be given the same one. */
  readonly isImmutable?: boolean | undefined;
}

/** Values as JSON (RFC 8259), decoded afresh for every caller. The default. */
export function jsonCodec<V>(): Codec<V> {
  return {
    encode: (value) => {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError(`${inspect(value)} has no JSON form`);
      return Buffer.from(text);
    },
    decode: (bytes) => JSON.parse(bytes.toString()) as V,
  };
}

/** Values as immutable bytes. */
export const bytesCodec: Codec<ByteView> = {
  encode: (value) => {
    if (!(value instanceof ByteView))
      throw new TypeError(`${inspect(value)} is not a ByteView; use ByteView.from`);
    return value;
  },
  decode: (bytes) => bytes,
  isImmutable: true,
};

/** Values as text, UTF-8 on the inside. */
export const stringCodec: Codec<string> = {
  encode: (value) => {
    if (typeof value !== 'string') throw new TypeError(`${inspect(value)} is not a string`);
    return Buffer.from(value);
  },
  decode: (bytes) => bytes.toString(),
  isImmutable: true,
};
