import { crc32 as crc32OfZlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromBytes } from '../key.ts';
import { crc32 } from './crc32.ts';

describe('crc32', () => {
  it('gives the check value of its definition', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(crc32('')).toBe(0);
  });

  it('agrees with zlib about any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(keyFromBytes(bytes)) === crc32OfZlib(bytes)));
  });

  it('agrees with zlib about any text', () => {
    const text = fc.array(fc.constantFrom('a', 'Z', ' ', 'é', '名', '😀')).map((parts) => parts.join(''));
    fc.assert(fc.property(text, (key) => crc32(key) === crc32OfZlib(key)));
  });
});
