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
    name: 'makes room for entries of all sizes, by entries that are held',
    run: (create) => {
      const random = createSeededRandom(11);
      const sizes = new Map<number, number>();
      const maxBytes = 50_000;
      const policy = create({ maxBytes, bytesOf: (slot) => sizes.get(slot) ?? Number.NaN });
      let bytes = 0;
      for (let step = 0; step < 20_000; step++) {
        const slot = Math.floor(random() * 500);
        if (sizes.has(slot)) {
          policy.onHit(slot);
          continue;
        }
        const size = someSize(random);
        while (bytes + size > maxBytes) {
          const evicted = policy.evict();
          assert.ok(sizes.has(evicted), `evicted ${evicted}, which is not held, with ${sizes.size} held`);
          bytes -= sizes.get(evicted) as number;
          sizes.delete(evicted);
        }
        sizes.set(slot, size);
        bytes += size;
        policy.onInsert(slot, Math.imul(slot, 0x9e3779b1) >>> 0);
      }
      assert.deepEqual(
        drain(policy),
        [...sizes.keys()].sort((a, b) => a - b),
      );
    },
  },
  {
    name: 'says what its tables take: little at first, and some bytes for each entry of many',
    run: (create) => {
      const policy = create({ maxBytes: 200_000, bytesOf: () => 1 });
      policy.onInsert(0, 0);
      assert.ok(policy.bytes() > 0 && policy.bytes() < 16 * 1024, `${policy.bytes()} bytes for an entry`);
      for (let slot = 1; slot < 200_000; slot++) policy.onInsert(slot, Math.imul(slot, 0x9e3779b1) >>> 0);
      const each = policy.bytes() / 200_000;
      assert.ok(each >= 8 && each < 40, `${each} bytes for each of many entries`);
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

/** Many sizes, log-normal: most entries are small, and a few take a good part of the capacity. */
function someSize(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(20_000, Math.ceil(Math.exp(5 + 1.5 * normal)));
}

function drain(policy: EvictionPolicy): number[] {
  const slots: number[] = [];
  for (let slot = policy.evict(); slot !== -1; slot = policy.evict()) slots.push(slot);
  return slots.sort((a, b) => a - b);
}
