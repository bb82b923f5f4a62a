// FNV-1 of a key's bytes in 64 bits: the hash on the rings of mailgun/groupcache and groupcache-go.

import { keyToBytes } from '../key.ts';

// The offset basis 0xcbf29ce484222325; the prime is 2^40 + 0x1b3.
const BASIS_HIGH = 0xcbf29ce4;
const BASIS_LOW = 0x84222325;
const PRIME_LOW = 0x1b3;
const PRIME_HIGH_SHIFT = 40 - 32;

/**
 * Puts the FNV-1 hash (not FNV-1a: it multiplies first) of the key's bytes into `into`, the high half before the
 * low half, so that a look-up leaves no garbage behind. Source: draft-eastlake-fnv; Go's `fnv.New64`.
 */
export function fnv1(key: string, into: Uint32Array): void {
  let high = BASIS_HIGH;
  let low = BASIS_LOW;
  let bytes: Uint8Array | undefined;
  for (let at = 0; at < (bytes ?? key).length; at++) {
    let byte = bytes === undefined ? key.charCodeAt(at) : (bytes[at] as number);
    if (byte > 0x7f && bytes === undefined) {
      // What came before was ASCII, so the same number of bytes has been hashed already.
      bytes = keyToBytes(key);
      byte = bytes[at] as number;
    }
    // 16 bits at a time, because a product of 32 bits and the prime would leave the small integers.
    const first = (low & 0xffff) * PRIME_LOW;
    const second = (low >>> 16) * PRIME_LOW + (first >>> 16);
    high = (Math.imul(high, PRIME_LOW) + (second >>> 16) + (low << PRIME_HIGH_SHIFT)) | 0;
    low = ((second << 16) | (first & 0xffff)) ^ byte;
  }
  into[0] = high;
  into[1] = low;
}
