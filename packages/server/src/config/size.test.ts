// Tests of the sizes in configuration.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSize, parseSize } from './size.ts';

const nonsense = fc.string({ unit: fc.constantFrom(...'0123456789KMGTiB .-+ek') });

describe('parseSize', () => {
  test.each([
    ['0', 0],
    ['2048', 2048],
    ['512KiB', 524_288],
    ['64MiB', 67_108_864],
    ['1GiB', 1_073_741_824],
    ['2TiB', 2_199_023_255_552],
    ['1KB', 1000],
    ['64MB', 64_000_000],
    ['3GB', 3_000_000_000],
    ['1TB', 1_000_000_000_000],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each([
    '',
    ' ',
    '12 parsecs',
    '64 MiB',
    ' 64MiB',
    '64MiB ',
    '64MiB\n',
    '64mib',
    '64M',
    '64m',
    '64B',
    '64kB',
    '1.5GiB',
    '-1',
    '+1',
    '1e3',
    '0x10',
    '1_000',
    'MiB',
    'NaN',
    'Infinity',
    '٣MiB',
    '9007199254740992',
    '8192TiB',
  ])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow(`${JSON.stringify(text)} is not a size, e.g. 64MiB`);
  });

  test('reads back every size that is written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });

  test('reads back whole units in the same unit', () => {
    const units = fc.constantFrom('KiB', 'MiB', 'GiB', 'TiB');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), units, (count, unit) => {
        expect(formatSize(parseSize(`${count}${unit}`))).toBe(`${count}${unit}`);
      }),
    );
  });

  test('never takes text that is not digits and a unit', () => {
    fc.assert(
      fc.property(nonsense, (text) => {
        fc.pre(!/^\d+([KMGT]i?B)?$/.test(text));
        expect(() => parseSize(text)).toThrow(SyntaxError);
      }),
    );
  });
});
