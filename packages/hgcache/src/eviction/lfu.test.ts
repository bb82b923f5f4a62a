import { describe, expect, it } from 'vitest';
import { evictionContract } from '../testing/eviction-contract.ts';
import { lfuModel, modelCases } from '../testing/eviction-model.ts';
import { createLfu } from './lfu.ts';

describe('LFU', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createLfu));
  for (const { name, run } of modelCases) it(name, () => run(createLfu, lfuModel));

  it('evicts what was used least often, and of those what was used least recently', () => {
    const policy = createLfu();
    for (const slot of [0, 1, 2, 3]) policy.onInsert(slot, 0);
    for (const slot of [0, 0, 2, 1]) policy.onHit(slot);
    expect([policy.evict(), policy.evict(), policy.evict(), policy.evict()]).toEqual([3, 2, 1, 0]);
  });

  it('lets old fame fade', () => {
    const policy = createLfu();
    policy.onInsert(0, 0);
    for (let use = 0; use < 8; use++) policy.onHit(0);
    policy.onInsert(1, 0);
    // Eight uses become four, two and one in as many halvings, and those of the other are newer.
    for (let use = 0; use < 60; use++) policy.onHit(1);
    expect(policy.evict()).toBe(0);
  });
});
