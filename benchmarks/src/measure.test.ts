// The measuring itself: sides take turns, and the middle round is what counts.

import { expect, test } from 'vitest';
import { createSide, measure, type Side } from './measure.ts';

function scripted(name: string, order: string[], figures: readonly number[]): Side {
  let round = 0;
  return {
    name,
    warmUp: async () => {
      order.push(`${name} warms up`);
    },
    round: async () => {
      order.push(name);
      const figure = figures[round++] as number;
      return { wallNs: figure, cpuNs: figure * 2 };
    },
  };
}

test('sides take turns, and each is given by its medians', async () => {
  const order: string[] = [];
  const sides = [scripted('a', order, [3, 900, 1]), scripted('b', order, [7, 5, 6])];
  const costs = await measure(sides, { rounds: 3, roundMs: 1 });
  expect(costs).toEqual([
    { wallNs: 3, cpuNs: 6 },
    { wallNs: 6, cpuNs: 12 },
  ]);
  expect(order).toEqual(['a warms up', 'b warms up', 'a', 'b', 'a', 'b', 'a', 'b']);
});

test('fewer than three rounds are refused', async () => {
  await expect(measure([], { rounds: 2, roundMs: 1 })).rejects.toThrow(RangeError);
});

test('a side says what one operation costs, however many it does', async () => {
  const calls: number[] = [];
  const side = createSide('spin', async (operations) => {
    calls.push(operations);
    const until = performance.now() + operations * 0.01;
    while (performance.now() < until);
    return operations;
  });
  await side.warmUp(5);
  const { wallNs } = await side.round();
  expect(wallNs).toBeGreaterThan(9_000);
  expect(wallNs).toBeLessThan(1_000_000);
  expect(calls.at(-1)).toBeGreaterThan(100);
});
