// What every eviction policy must do, whatever it prefers; run against each of them.

import assert from 'node:assert/strict';
import type { EvictionPolicy, EvictionPolicyFactory } from '../eviction/eviction-policy.ts';
import { createSeededRandom } from '../random.ts';

/** One promise of the port, to be tried on a policy. */
export interface EvictionCase {
  readonly name: string;
  run(create: EvictionPolicyFactory): void;
}

/** The promises of {@link EvictionPolicy}. */
export const evictionContract: readonly EvictionCase[] = [
  {
    name: 'has nothing to evict when it is empty',
    run: (create) => {
      const policy = create({ maxBytes: 1000, bytesOf: () => 1 });
      assert.equal(policy.evict(), -1);
      policy.onInsert(0, 1);
      assert.equal(policy.evict(), 0);
      assert.equal(policy.evict(), -1);
    },
  },
  {
    name: 'evicts every slot exactly once',
    run: (create) => {
      const policy = create({ maxBytes: 1000, bytesOf: () => 1 });
      const slots = Array.from({ length: 1000 }, (_, slot) => slot);
      for (const slot of slots) policy.onInsert(slot, slot * 31);
      assert.deepEqual(drain(policy), slots);
    },
  },
  {
    name: 'never evicts a slot that was removed',
    run: (create) => {
      const policy = create({ maxBytes: 1000, bytesOf: () => 1 });
      for (let slot = 0; slot < 10; slot++) policy.onInsert(slot, slot);
      for (const slot of [0, 5, 9]) policy.onRemove(slot);
      assert.deepEqual(drain(policy), [1, 2, 3, 4, 6, 7, 8]);
    },
  },
  {
    name: 'takes a slot again that was evicted or removed',
    run: (create) => {
      const policy = create({ maxBytes: 1000, bytesOf: () => 1 });
      policy.onInsert(3, 1);
      policy.onRemove(3);
      policy.onInsert(3, 2);
      assert.equal(policy.evict(), 3);
      policy.onInsert(3, 3);
      policy.onHit(3);
      assert.deepEqual(drain(policy), [3]);
    },
  },
  {
    name: 'takes slots in any order and far apart',
    run: (create) => {
      const policy = create({ maxBytes: 1000, bytesOf: () => 1 });
      for (const slot of [100_000, 0, 70, 64, 63]) policy.onInsert(slot, slot);
      policy.onHit(100_000);
      assert.deepEqual(drain(policy), [0, 63, 64, 70, 100_000]);
    },
  },
  {
    name: 'keeps count through any mix of operations',
    run: (create) => {
      const policy = create({ maxBytes: 1000, bytesOf: () => 1 });
      const random = createSeededRandom(7);
      const held = new Set<number>();
      const some = (): number => [...held][Math.floor(random() * held.size)] as number;
      for (let step = 0; step < 20_000; step++) {
        const dice = random();
        const slot = Math.floor(random() * 200);
        if (dice < 0.4 && !held.has(slot)) {
          policy.onInsert(slot, Math.floor(random() * 2 ** 32));
          held.add(slot);
        } else if (dice < 0.7 && held.size > 0) {
          policy.onHit(some());
        } else if (dice < 0.8 && held.size > 0) {
          const removed = some();
          policy.onRemove(removed);
          held.delete(removed);
        } else if (dice < 0.9) {
          const evicted = policy.evict();
          assert.equal(held.delete(evicted), evicted !== -1, `evicted ${evicted}, which it does not hold`);
          if (evicted === -1) assert.equal(held.size, 0);
        }
      }
      assert.deepEqual(
        drain(policy),
        [...held].sort((a, b) => a - b),
      );
    },
  },
];

function drain(policy: EvictionPolicy): number[] {
  const slots: number[] = [];
  for (let slot = policy.evict(); slot !== -1; slot = policy.evict()) slots.push(slot);
  return slots.sort((a, b) => a - b);
}
