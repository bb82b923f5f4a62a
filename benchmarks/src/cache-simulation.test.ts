// The figures of the suite `policies` stand on these simulations.

import { createFifo, createLru } from 'hgcache';
import { createSeededRandom } from 'hgcache/internal/store';
import { describe, expect, test } from 'vitest';
import { bestHitRatio, hitRatio } from './cache-simulation.ts';
import { type Trace, zipfTrace } from './trace.ts';

function traceOf(keys: number[], sizes?: number[]): Trace {
  const count = Math.max(...keys) + 1;
  return {
    name: 'test',
    keys: Int32Array.from(keys),
    sizes: Float64Array.from(sizes ?? Array.from({ length: count }, () => 1)),
  };
}

describe('a simulated cache', () => {
  test('starts empty, inserts every miss, and evicts only when it is full', () => {
    const trace = traceOf([0, 1, 0, 2, 1, 0]);
    expect(hitRatio(trace, { maxBytes: 3 }, createLru)).toBe(50);
    expect(hitRatio(trace, { maxBytes: 2 }, createLru)).toBeCloseTo(100 / 6);
    expect(hitRatio(trace, { maxBytes: 2 }, createFifo)).toBeCloseTo(100 / 3);
  });

  test('counts bytes, makes room for as many as come, and never holds what is larger than itself', () => {
    const trace = traceOf([0, 1, 2, 0, 1, 3, 3, 0], [2, 3, 4, 11]);
    expect(hitRatio(trace, { maxBytes: 10, sizes: trace.sizes }, createLru)).toBeCloseTo(300 / 8);
    expect(hitRatio(trace, { maxBytes: 8, sizes: trace.sizes }, createLru)).toBeCloseTo(100 / 8);
  });
});

describe('the best hit ratio', () => {
  test('is what evicting the one that is needed last gives, tried out by hand', () => {
    const random = createSeededRandom(3);
    for (let round = 0; round < 30; round++) {
      const keys = Array.from({ length: 200 }, () => Math.floor(20 * random() ** 2));
      const trace = traceOf([...Array.from({ length: 20 }, (_, key) => key), ...keys]);
      const capacity = 1 + Math.floor(random() * 10);
      expect(bestHitRatio(trace, capacity)).toBeCloseTo(bestByHand([...trace.keys], capacity));
    }
  });

  test('is all but one time through, in a loop of as many keys as fit, and nearly half in one twice as long', () => {
    const loop = (length: number) => traceOf(Array.from({ length: 10_000 }, (_, at) => at % length));
    expect(bestHitRatio(loop(100), 100)).toBe(99);
    expect(bestHitRatio(loop(200), 100)).toBeCloseTo(49.3, 0);
  });
});

test('the generated trace numbers its keys in the order in which they come', () => {
  const { keys, sizes } = zipfTrace(10_000, 1000);
  let seen = 0;
  for (const key of keys) {
    expect(key).toBeLessThanOrEqual(seen);
    if (key === seen) seen++;
  }
  expect(sizes.length).toBe(seen);
});

function bestByHand(keys: number[], capacity: number): number {
  const held = new Set<number>();
  let hits = 0;
  for (const [at, key] of keys.entries()) {
    if (held.has(key)) {
      hits++;
      continue;
    }
    if (held.size === capacity) {
      const nextOf = (each: number): number => {
        const next = keys.indexOf(each, at + 1);
        return next === -1 ? Number.POSITIVE_INFINITY : next;
      };
      const [last] = [...held].sort((a, b) => (nextOf(a) < nextOf(b) ? 1 : -1));
      held.delete(last as number);
    }
    held.add(key);
  }
  return (100 * hits) / keys.length;
}
