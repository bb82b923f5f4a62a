import { describe, expect, it } from 'vitest';
import { evictionContract } from '../testing/eviction-contract.ts';
import { modelCases, s3FifoModel } from '../testing/eviction-model.ts';
import { createS3Fifo } from './s3-fifo.ts';

describe('S3-FIFO', () => {
  for (const { name, run } of evictionContract) it(name, () => run(createS3Fifo));
  for (const { name, run } of modelCases) it(name, () => run(createS3Fifo, s3FifoModel));

  const limits = { maxBytes: 100, bytesOf: () => 1 };

  it('keeps what was accessed twice, and lets a scan pass through the small queue', () => {
    const policy = createS3Fifo(limits);
    for (let slot = 0; slot < 100; slot++) policy.onInsert(slot, slot);
    for (const slot of [7, 7, 8]) policy.onHit(slot);
    const evicted = new Set<number>();
    for (let step = 0; step < 95; step++) {
      const slot = policy.evict();
      evicted.add(slot);
      policy.onInsert(slot, 1000 + step);
    }
    expect(evicted.has(7)).toBe(false);
    expect(evicted.has(8)).toBe(true);
  });

  it('takes a key that comes back soon into the main queue', () => {
    const policy = createS3Fifo(limits);
    for (let slot = 0; slot < 100; slot++) policy.onInsert(slot, slot);
    const slot = policy.evict();
    policy.onInsert(slot, slot);
    const evicted = Array.from({ length: 99 }, () => policy.evict());
    expect(evicted.indexOf(slot)).toBeGreaterThan(85);
  });

  it('moves no more than 4,096 entries for one eviction', () => {
    const policy = createS3Fifo({ maxBytes: 10_000, bytesOf: () => 1 });
    for (let slot = 0; slot < 10_000; slot++) {
      policy.onInsert(slot, slot);
      policy.onHit(slot);
      policy.onHit(slot);
    }
    expect(policy.evict()).toBe(4096);
  });
});
