// The workload: the same keys for every side, and Zipf's law where it is promised.

import { createSeededRandom } from 'hgcache/internal/store';
import { expect, test } from 'vitest';
import { createKeysInOrder, createZipf, KEY_BYTES, keyTextAt, shuffledIndexes } from './workload.ts';

test('a key has 16 bytes and names its index', () => {
  const keys = createKeysInOrder(Uint32Array.of(7, 12_345_678));
  expect(keys).toHaveLength(2 * KEY_BYTES);
  expect(keyTextAt(keys, 0)).toBe('user:00000000007');
  expect(keyTextAt(keys, KEY_BYTES)).toBe('user:00012345678');
});

test('a shuffle has every index once, in the same order for the same seed', () => {
  const [first, second, other] = [1, 1, 2].map((seed) => shuffledIndexes(1000, createSeededRandom(seed)));
  expect(first).toEqual(second);
  expect(first).not.toEqual(other);
  expect(first?.toSorted()).toEqual(Uint32Array.from({ length: 1000 }, (_, index) => index));
});

test('draws follow the law of Zipf from the most to the least popular', () => {
  const [count, skew, draws] = [1000, 0.99, 400_000];
  const rank = createZipf(count, skew, createSeededRandom(3));
  const seen = new Uint32Array(count);
  for (let draw = 0; draw < draws; draw++) (seen[rank()] as number)++;
  const sum = Array.from({ length: count }, (_, index) => (index + 1) ** -skew).reduce((a, b) => a + b);
  const expected = (from: number, to: number): number => {
    let share = 0;
    for (let at = from; at < to; at++) share += (at + 1) ** -skew / sum;
    return share * draws;
  };
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [10, 50],
    [100, 1000],
  ] as const) {
    const drawn = seen.subarray(from, to).reduce((a, b) => a + b, 0);
    expect(drawn / expected(from, to)).toBeGreaterThan(0.93);
    expect(drawn / expected(from, to)).toBeLessThan(1.07);
  }
});
