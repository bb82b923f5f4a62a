import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../random.ts';
import { evictionContract } from '../testing/eviction-contract.ts';
import { modelCases } from '../testing/eviction-model.ts';
import { wTinyLfuModel } from '../testing/w-tinylfu-model.ts';
import type { EvictionPolicyFactory } from './eviction-policy.ts';
import { createLru } from './lru.ts';
import { createWTinyLfu } from './w-tinylfu.ts';

describe('W-TinyLFU', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createWTinyLfu));
  for (const { name, run } of modelCases) it(name, () => run(createWTinyLfu, wTinyLfuModel));

  it('keeps what is frequent through a scan', () => {
    const random = createSeededRandom(5);
    const hitRatio = simulate(createWTinyLfu, 100, 30_000, (step) => {
      return step % 2 === 0 ? Math.floor(80 * random()) : 1000 + step;
    });
    // Half of the requests can hit.
    expect(hitRatio).toBeGreaterThan(0.48);
  });

  it('keeps half of a loop that is twice as large as the cache, of which LRU keeps nothing', () => {
    expect(simulate(createWTinyLfu, 500, 50_000, (step) => step % 1000)).toBeGreaterThan(0.45);
    expect(simulate(createLru, 500, 50_000, (step) => step % 1000)).toBe(0);
  });

  it('is as good as LRU where only what is new is asked for again', () => {
    const random = createSeededRandom(6);
    const recent = (step: number): number => step - Math.floor(90 * random());
    const seeded = simulate(createLru, 100, 50_000, recent);
    expect(simulate(createWTinyLfu, 100, 50_000, recent)).toBeGreaterThan(seeded - 0.03);
  });
});

/** The hit ratio of a cache of `capacity` entries that is asked for `keyAt` each step. */
function simulate(
  create: EvictionPolicyFactory,
  capacity: number,
  steps: number,
  keyAt: (step: number) => number,
): number {
  const policy = create({ maxBytes: capacity, bytesOf: () => 1, random: createSeededRandom(1) });
  const slots = new Map<number, number>();
  const keys: number[] = [];
  let hits = 0;
  for (let step = 0; step < steps; step++) {
    const key = keyAt(step);
    const held = slots.get(key);
    if (held !== undefined) {
      hits++;
      policy.onHit(held);
      continue;
    }
    const slot = slots.size < capacity ? slots.size : policy.evict();
    slots.delete(keys[slot] as number);
    slots.set(key, slot);
    keys[slot] = key;
    policy.onInsert(slot, Math.imul(key, 0x9e3779b1) >>> 0);
  }
  return hits / steps;
}
