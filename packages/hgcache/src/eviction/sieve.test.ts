import { describe, expect, it } from 'vitest';
import { evictionContract } from '../testing/eviction-contract.ts';
import { modelCases, sieveModel } from '../testing/eviction-model.ts';
import { createSieve } from './sieve.ts';

describe('SIEVE', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createSieve));
  for (const { name, run } of modelCases) it(name, () => run(createSieve, sieveModel));

  it('gives what was visited another round, and leaves it where it is', () => {
    const policy = createSieve();
    for (const slot of [0, 1, 2, 3]) policy.onInsert(slot, 0);
    policy.onHit(0);
    policy.onHit(2);
    expect(policy.evict()).toBe(1);
    policy.onInsert(4, 0);
    // The hand goes on from 2; it comes to 0 only after the head.
    expect([policy.evict(), policy.evict(), policy.evict(), policy.evict()]).toEqual([3, 4, 0, 2]);
  });

  it('passes no more than 4,096 entries for one eviction', () => {
    const policy = createSieve();
    for (let slot = 0; slot < 10_000; slot++) {
      policy.onInsert(slot, 0);
      policy.onHit(slot);
    }
    expect(policy.evict()).toBe(4096);
  });
});
