import { expect, test } from 'vitest';
import { cacheHeaders } from './cache-status.ts';

const NOW_MS = 1_800_000_000_000;

test('a hit says how old the value is and how long it is served', () => {
  const status = {
    outcome: 'hit',
    owner: 'http://127.0.0.1:8002',
    ageMs: 4_999,
    expiresAtMs: NOW_MS + 55_001,
  } as const;
  expect(cacheHeaders(status, NOW_MS)).toEqual({
    'cache-status': 'hgcache; hit; ttl=55; detail="http://127.0.0.1:8002"',
    age: '4',
  });
});

test('a value that never expires has no ttl', () => {
  const status = { outcome: 'hit', owner: 'a', ageMs: 0, expiresAtMs: 0 } as const;
  expect(cacheHeaders(status, NOW_MS)).toEqual({ 'cache-status': 'hgcache; hit; detail="a"', age: '0' });
});

test.each([
  ['peer', 3_000, '3'],
  ['peer', 1, '0'],
  ['peer', 0, undefined],
  ['load', 0, undefined],
  ['load', 3_000, undefined],
] as const)('a value by way of a %s that is %d ms old is a miss of age %s', (outcome, ageMs, age) => {
  const headers = cacheHeaders({ outcome, owner: 'a', ageMs, expiresAtMs: NOW_MS + 60_000 }, NOW_MS);
  expect(headers).toEqual({
    'cache-status': 'hgcache; fwd=miss; ttl=60; detail="a"',
    ...(age !== undefined && { age }),
  });
});

test('a value that is over by the time it is answered has a negative ttl', () => {
  const status = { outcome: 'load', owner: 'a', ageMs: 0, expiresAtMs: NOW_MS - 1 } as const;
  expect(cacheHeaders(status, NOW_MS)['cache-status']).toBe('hgcache; fwd=miss; ttl=-1; detail="a"');
});

test.each([
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['a b~', '"a b~"'],
  ['ë\r\n', '"%C3%AB%0D%0A"'],
  ['\x7f', '"%7F"'],
])('the owner %j is written as %s', (owner, written) => {
  const status = { outcome: 'load', owner, ageMs: 0, expiresAtMs: 0 } as const;
  expect(cacheHeaders(status, NOW_MS)['cache-status']).toBe(`hgcache; fwd=miss; detail=${written}`);
});
