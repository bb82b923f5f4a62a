import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from './errors.ts';
import { keyFromBytes, keyToBytes, MAX_KEY_BYTES, validateKey } from './key.ts';

describe('keys', () => {
  it('give every byte string a key of its own, and the bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect([...keyToBytes(keyFromBytes(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 2000 },
    );
  });

  it('are their own UTF-8 bytes when they are well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (key) => {
        expect(keyToBytes(key).equals(Buffer.from(key))).toBe(true);
        expect(keyFromBytes(keyToBytes(key))).toBe(key);
      }),
    );
  });

  it('keep bytes that are not UTF-8 through a string and back', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf5, 1, 2, 3], [0xe2, 0x82], [0xc0, 0x80]]) {
      const key = keyFromBytes(Uint8Array.from(bytes));
      validateKey(key);
      expect([...keyToBytes(key)]).toEqual(bytes);
    }
  });

  it('may hold a replacement character of their own', () => {
    expect(keyFromBytes(Buffer.from('a\ufffdb'))).toBe('a\ufffdb');
  });

  it('have 1 to 1,024 bytes', () => {
    expect(() => validateKey('')).toThrow(InvalidKeyError);
    validateKey('k');
    validateKey('k'.repeat(MAX_KEY_BYTES));
    expect(() => validateKey('k'.repeat(MAX_KEY_BYTES + 1))).toThrow('1 to 1024 bytes; this one has 1025');
  });

  it('are measured in bytes, not in characters', () => {
    validateKey('é'.repeat(MAX_KEY_BYTES / 2));
    expect(() => validateKey('é'.repeat(MAX_KEY_BYTES / 2 + 1))).toThrow('this one has 1026');
    validateKey('€'.repeat(341));
    expect(() => validateKey('€'.repeat(342))).toThrow('this one has 1026');
    const notUtf8 = keyFromBytes(new Uint8Array(MAX_KEY_BYTES).fill(0xff));
    validateKey(notUtf8);
    expect(() => validateKey(`${notUtf8}x`)).toThrow('this one has 1025');
  });

  it('that are no strings are refused by what they are', () => {
    for (const [key, what] of [
      [42, 'number'],
      [null, 'null'],
      [undefined, 'undefined'],
    ] as const) {
      expect(() => validateKey(key as unknown as string)).toThrow(`not ${what}`);
    }
  });

  it('with a lone surrogate that stands for no byte are refused, as their bytes would be those of another key', () => {
    expect(() => validateKey('a\ud800')).toThrow('lone surrogate');
    // These two stand for the bytes of "é", whose key is "é".
    expect(() => validateKey('\udcc3\udca9')).toThrow('lone surrogate');
  });
});
