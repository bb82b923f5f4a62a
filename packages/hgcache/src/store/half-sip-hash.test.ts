import { describe, expect, it } from 'vitest';
import { halfSipHash } from './half-sip-hash.ts';
import { KeyBuffer } from './key-buffer.ts';

// The first 16 of the test vectors of the Linux kernel (lib/tests/siphash_kunit.c, hsiphash on 32 bits): the key is
// 00 01 … 07, and vector n the hash of the bytes 00 01 … n-1.
const VECTORS = [
  0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6, 0x577999b1,
  0xc839caed, 0xe4fa32cf, 0x959246ee, 0x6b28096c, 0x66dd9cd6, 0x16658a7c, 0xd0257b04,
];
const KEY = { k0: 0x03020100, k1: 0x07060504 };

function hashOf(bytes: Uint8Array, key = KEY): number {
  const buffer = new KeyBuffer();
  buffer.setBytes(bytes, 0, bytes.length);
  return halfSipHash(buffer.words, 0, buffer.length, key);
}

describe('HalfSipHash-1-3', () => {
  it('gives the published hashes', () => {
    const bytes = Uint8Array.from({ length: VECTORS.length }, (_, n) => n);
    const hashes = VECTORS.map((_, length) => hashOf(bytes.subarray(0, length)));
    expect(hashes).toEqual(VECTORS);
  });

  it('depends on both words of the key, and on every byte', () => {
    const bytes = Buffer.from('0123456789abcdefg');
    const hashes = new Set([
      hashOf(bytes),
      hashOf(bytes, { ...KEY, k0: 1 }),
      hashOf(bytes, { ...KEY, k1: 1 }),
    ]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = 0;
      hashes.add(hashOf(changed));
    }
    expect(hashes.size).toBe(3 + bytes.length);
  });
});

describe('KeyBuffer', () => {
  it('holds the same words for a string and for its bytes, whatever it held before', () => {
    const one = new KeyBuffer();
    const other = new KeyBuffer();
    for (const key of ['a-long-key-that-fills-the-buffer', 'k', 'é', '\udcff', '12345', '1234', 'ключ', '']) {
      const bytes = Buffer.concat([Buffer.from('..'), key === '\udcff' ? Buffer.of(0xff) : Buffer.from(key)]);
      one.setString(key);
      other.setBytes(bytes, 2, bytes.length - 2);
      const words = (one.length + 3) >>> 2;
      expect(one.length).toBe(other.length);
      expect([...one.words.subarray(0, words)]).toEqual([...other.words.subarray(0, words)]);
    }
  });
});
