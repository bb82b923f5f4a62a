import { describe, expect, it } from 'vitest';
import { evictionContract } from '../testing/eviction-contract.ts';
import { lruModel, modelCases } from '../testing/eviction-model.ts';
import { createLru } from './lru.ts';

describe('LRU', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createLru));
  for (const { name, run } of modelCases) it(name, () => run(createLru, lruModel));

  it('evicts what was used least recently', () => {
    const policy = createLru();
    for (const slot of [0, 1, 2]) policy.onInsert(slot, 0);
    policy.onHit(0);
    expect([policy.evict(), policy.evict(), policy.evict()]).toEqual([1, 2, 0]);
  });
});
