// Tests of the throttle for log lines that repeat.

import { createFakeClock } from 'hgcache/testing';
import { expect, test } from 'vitest';
import { LogThrottle } from './log-throttle.ts';

test('the first line passes, and the next ones when the interval is over', async () => {
  const clock = createFakeClock();
  const throttle = new LogThrottle(clock, 1000);
  expect(throttle.admit('a')).toBe(0);
  expect(throttle.admit('a')).toBeUndefined();
  await clock.advance(999);
  expect(throttle.admit('a')).toBeUndefined();
  await clock.advance(1);
  expect(throttle.admit('a')).toBe(2);
  await clock.advance(1000);
  expect(throttle.admit('a')).toBe(0);
});

test('subjects do not hold each other back', () => {
  const throttle = new LogThrottle(createFakeClock(), 1000);
  expect(throttle.admit('a')).toBe(0);
  expect(throttle.admit('b')).toBe(0);
});

test('a subject that was forgotten starts anew', () => {
  const throttle = new LogThrottle(createFakeClock(), 1000);
  throttle.admit('a');
  throttle.admit('b');
  throttle.retain(new Set(['b']));
  expect(throttle.admit('a')).toBe(0);
  expect(throttle.admit('b')).toBeUndefined();
});
