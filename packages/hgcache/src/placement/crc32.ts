// CRC-32 of a key's bytes: the hash on the rings of groupcache and of the Go HgCache.

import { keyToBytes } from '../key.ts';

// The polynomial of IEEE 802.3, bits reversed.
const POLYNOMIAL = 0xedb88320;

const REMAINDERS: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/** The checksum of RFC 1952, section 8 (Go's `crc32.ChecksumIEEE`), of the key's bytes, as an unsigned integer. */
export function crc32(key: string): number {
  let remainder = -1;
  for (let at = 0; at < key.length; at++) {
    const unit = key.charCodeAt(at);
    // Only a key beyond ASCII needs its bytes made.
    if (unit > 0x7f) return crc32OfBytes(keyToBytes(key));
    remainder = shiftIn(remainder, unit);
  }
  return ~remainder >>> 0;
}

function crc32OfBytes(bytes: Uint8Array): number {
  let remainder = -1;
  for (let at = 0; at < bytes.length; at++) remainder = shiftIn(remainder, bytes[at] as number);
  return ~remainder >>> 0;
}

function shiftIn(remainder: number, byte: number): number {
  return (remainder >>> 8) ^ (REMAINDERS[(remainder ^ byte) & 0xff] as number);
}
