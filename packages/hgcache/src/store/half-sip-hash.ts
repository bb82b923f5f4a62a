// HalfSipHash-1-3: the index's hash, keyed by chance for each store, so that nobody can choose keys that collide.

/** The secret of one store: two words of chance. */
export interface HashKey {
  readonly k0: number;
  readonly k1: number;
}

/**
 * HalfSipHash-1-3 with 32 bits of output, of the `length` bytes at word `start` of `words`, whose last word is padded
 * with zeros. It is SipHash (Aumasson and Bernstein, 2012) on 32-bit words, with the rounds that the Linux kernel
 * takes for its hash tables (Documentation/security/siphash.rst): no defence for secrets, but enough against flooding.
 */
export function halfSipHash(words: Int32Array, start: number, length: number, key: HashKey): number {
  let v0 = key.k0;
  let v1 = key.k1;
  let v2 = key.k0 ^ 0x6c796765;
  let v3 = key.k1 ^ 0x74656462;
  const whole = start + (length >>> 2);
  // One word more than there are whole ones: the rest of the bytes, and the length in the highest byte.
  for (let at = start; at <= whole; at++) {
    const rest = (length & 3) === 0 ? 0 : (words[at] as number);
    const word = at < whole ? (words[at] as number) : (rest & 0xffffff) | (length << 24);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return (v1 ^ v3) >>> 0;
}
