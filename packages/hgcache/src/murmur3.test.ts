import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromBytes } from './key.ts';
import { murmur3 } from './murmur3.ts';

describe('murmur3', () => {
  const vectors: readonly [string, number, number][] = [
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['\0\0\0\0', 0, 0x2362f9de],
    ['a', 0x9747b28c, 0x7fa09ea6],
    ['aa', 0x9747b28c, 0x5d211726],
    ['aaa', 0x9747b28c, 0x283e0130],
    ['aaaa', 0x9747b28c, 0x5a97808a],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['ππππππππ', 0x9747b28c, 0xd58063c1],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ];
  for (const [key, seed, hash] of vectors) {
    it(`gives the published value of ${JSON.stringify(key)} at seed ${seed}`, () => {
      expect(murmur3(key, seed)).toBe(hash);
    });
  }

  it('hashes a key by its bytes, whatever they are', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.nat(), (key, seed) => murmur3(keyFromBytes(key), seed) === definition(key, seed)),
    );
  });
});

/** MurmurHash3_x86_32 in numbers without bounds. */
function definition(bytes: Uint8Array, seed: number): number {
  const wrap = (value: bigint): bigint => BigInt.asUintN(32, value);
  const rotate = (value: bigint, by: bigint): bigint => wrap(value << by) | (value >> (32n - by));
  const scramble = (block: bigint): bigint => wrap(rotate(wrap(block * 0xcc9e2d51n), 15n) * 0x1b873593n);
  let hash = BigInt(seed);
  for (let at = 0; at < bytes.length; at += 4) {
    const block = bytes.subarray(at, at + 4).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    hash ^= scramble(block);
    if (at + 4 <= bytes.length) hash = wrap(rotate(hash, 13n) * 5n + 0xe6546b64n);
  }
  hash ^= BigInt(bytes.length);
  hash = wrap((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = wrap((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return Number(hash ^ (hash >> 16n));
}
