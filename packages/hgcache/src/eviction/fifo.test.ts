import { describe, expect, it } from 'vitest';
import { evictionContract } from '../testing/eviction-contract.ts';
import { fifoModel, modelCases } from '../testing/eviction-model.ts';
import { createFifo } from './fifo.ts';

describe('FIFO', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createFifo));
  for (const { name, run } of modelCases) it(name, () => run(createFifo, fifoModel));

  it('evicts what came first, however often it was used', () => {
    const policy = createFifo();
    for (const slot of [2, 0, 1]) policy.onInsert(slot, 0);
    policy.onHit(2);
    policy.onHit(2);
    expect([policy.evict(), policy.evict(), policy.evict()]).toEqual([2, 0, 1]);
  });
});
