// Paths carry keys unharmed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidKeyError } from '../../errors.ts';
import { keyFromBytes } from '../../key.ts';
import { decodePathSegment, encodePathSegment } from './path-segment.ts';

describe('a path segment', () => {
  test('is plain ASCII without a slash, a query or a fragment, and gives any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const key = keyFromBytes(bytes);
        const segment = encodePathSegment(key);
        expect(segment).toMatch(/^[A-Za-z0-9\-_.~%]*$/);
        expect(decodePathSegment(segment, false)).toBe(key);
        expect(decodePathSegment(segment, true)).toBe(key);
      }),
    );
  });

  test.each([
    ['Tom', 'Tom'],
    ['a b', 'a%20b'],
    ['a+b', 'a%2Bb'],
    ['a/b', 'a%2Fb'],
    ['//', '%2F%2F'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['../x', '..%2Fx'],
    ['a?b#c', 'a%3Fb%23c'],
    ['100%', '100%25'],
    ['ключ', '%D0%BA%D0%BB%D1%8E%D1%87'],
    [keyFromBytes(Uint8Array.of(0xff)), '%FF'],
    [keyFromBytes(Uint8Array.of(0)), '%00'],
  ])('of %j is %s', (key, segment) => {
    expect(encodePathSegment(key)).toBe(segment);
    expect(decodePathSegment(segment, false)).toBe(key);
  });

  test('reads a plus as a space only from those who write it so', () => {
    expect(decodePathSegment('a+b%2Bc', true)).toBe('a b+c');
    expect(decodePathSegment('a+b%2Bc', false)).toBe('a+b+c');
  });

  test('takes escapes in either case', () => {
    expect(decodePathSegment('%c3%A9', false)).toBe('é');
  });

  test('refuses a character that was sent without its escape', () => {
    expect(() => decodePathSegment('é', false)).toThrow(InvalidKeyError);
  });

  test.each(['%', '%4', 'abc%', '%g0', '%0g', '%-1', '% 1', '%%41', '%u00e9'])(
    'refuses the broken escape in %s',
    (broken) => {
      expect(() => decodePathSegment(broken, false)).toThrow(InvalidKeyError);
    },
  );
});
