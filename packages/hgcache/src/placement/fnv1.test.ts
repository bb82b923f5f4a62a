import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromBytes } from '../key.ts';
import { fnv1 } from './fnv1.ts';

describe('fnv1', () => {
  const vectors: readonly [string, bigint][] = [
    ['', 0xcbf29ce484222325n],
    ['a', 0xaf63bd4c8601b7ben],
    ['foobar', 0x340d8765a4dda9c2n],
  ];
  for (const [key, hash] of vectors) {
    it(`gives the published value of ${JSON.stringify(key)}`, () => expect(hashOf(key)).toBe(hash));
  }

  it('agrees with the definition about any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => hashOf(keyFromBytes(bytes)) === definition(bytes)));
  });

  it('agrees with the definition about any text', () => {
    const text = fc.array(fc.constantFrom('a', 'Z', ' ', 'é', '名', '😀')).map((parts) => parts.join(''));
    fc.assert(fc.property(text, (key) => hashOf(key) === definition(Buffer.from(key))));
  });
});

function hashOf(key: string): bigint {
  const words = new Uint32Array(2);
  fnv1(key, words);
  return (BigInt(words[0] as number) << 32n) | BigInt(words[1] as number);
}

function definition(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  return hash;
}
