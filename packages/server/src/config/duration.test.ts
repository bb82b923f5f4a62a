// Tests of the durations in configuration.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

const nonsense = fc.string({ unit: fc.constantFrom(...'0123456789hms .-+eu') });

describe('parseDuration', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['5s', 5000],
    ['1m30s', 90_000],
    ['90s', 90_000],
    ['2h', 7_200_000],
    ['1h1m1s1ms', 3_661_001],
    ['1.5s', 1500],
    ['0.1h', 360_000],
    ['1.001s', 1001],
    ['9007199254740991ms', Number.MAX_SAFE_INTEGER],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    ' ',
    '12 parsecs',
    '5',
    '00',
    '-5s',
    '+5s',
    '5 s',
    ' 5s',
    '5s\n',
    '5S',
    '5sec',
    '1d',
    '500us',
    '30s1m',
    '1s1s',
    '1.s',
    '.5s',
    '0.5ms',
    '1.0001s',
    '1e3s',
    'ms',
    'Infinity',
    '9007199254740992ms',
    '9999999999999h',
  ])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(
      `${JSON.stringify(text)} is not a duration, e.g. 1m30s or 500ms`,
    );
  });

  test('reads back every duration that is written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test('adds up its parts', () => {
    const part = fc.nat(10_000);
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
      }),
    );
  });

  test('never takes text without a unit, but for 0', () => {
    fc.assert(
      fc.property(nonsense, (text) => {
        fc.pre(!/\d(h|m|s)$/.test(text) && text !== '0');
        expect(() => parseDuration(text)).toThrow(SyntaxError);
      }),
    );
  });
});
