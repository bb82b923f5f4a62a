// MurmurHash3 of a key's bytes: the fast seeded hash of the balanced placement, and of the eviction policies.

import { keyToBytes } from './key.ts';

/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain) of the key's bytes, as an unsigned integer; the seed has 32 bits.
 * It is no defence against keys made to collide: all nodes must place alike, so seeds are known, and such keys share
 * an owner.
 *
 * A key of ASCII makes no garbage, and up to some 20 characters reading them one by one is also faster than writing
 * them into a buffer first.
 */
export function murmur3(key: string, seed: number): number {
  const length = key.length;
  const tail = length & ~3;
  let hash = seed;
  let seen = 0;
  for (let at = 0; at < tail; at += 4) {
    const a = key.charCodeAt(at);
    const b = key.charCodeAt(at + 1);
    const c = key.charCodeAt(at + 2);
    const d = key.charCodeAt(at + 3);
    seen |= a | b | c | d;
    hash = mixBlock(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let rest = 0;
  for (let at = length - 1; at >= tail; at--) {
    const unit = key.charCodeAt(at);
    seen |= unit;
    rest = (rest << 8) | unit;
  }
  if (seen > 0x7f) return murmur3OfBytes(keyToBytes(key), seed);
  return finish(hash, rest, length);
}

function murmur3OfBytes(bytes: Buffer, seed: number): number {
  const length = bytes.length;
  const tail = length & ~3;
  let hash = seed;
  for (let at = 0; at < tail; at += 4) hash = mixBlock(hash, bytes.readInt32LE(at));
  return finish(hash, tail < length ? bytes.readUIntLE(tail, length - tail) : 0, length);
}

function mixBlock(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function finish(hash: number, rest: number, length: number): number {
  let mixed = hash ^ scramble(rest) ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
