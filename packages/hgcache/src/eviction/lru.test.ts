import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evictionContract } from '../testing/eviction-contract.ts';
import { createLru } from './lru.ts';

describe('LRU', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createLru));

  it('evicts what was used least recently, as a plain list does', () => {
    const operation = fc.record({ kind: fc.constantFrom('use', 'remove', 'evict'), slot: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const policy = createLru();
        let model: number[] = [];
        for (const { kind, slot } of operations) {
          const isHeld = model.includes(slot);
          if (kind === 'evict') {
            expect(policy.evict()).toBe(model.shift() ?? -1);
          } else if (kind === 'use') {
            if (isHeld) policy.onHit(slot);
            else policy.onInsert(slot, 0);
            model = [...model.filter((held) => held !== slot), slot];
          } else if (isHeld) {
            policy.onRemove(slot);
            model = model.filter((held) => held !== slot);
          }
        }
      }),
    );
  });
});
