// What a policy costs: time for a hit and for an insertion that evicts, and memory for an entry.

import type { EvictionPolicy, EvictionPolicyFactory } from 'hgcache';
import { createSeededRandom } from 'hgcache/internal/store';
import { createSide, measure, type Side } from '../measure.ts';
import { type BenchRow, createRow } from '../report.ts';
import { createZipf } from '../workload.ts';
import { POLICIES } from './policies-subjects.ts';

const MILLION = 1_000_000;

/** A power of two, so that a mask takes the next request. */
const REQUESTS = 1 << 20;

/** The rows for every policy: with hits by Zipf's law, and insertions of keys that were not there. */
export async function costRows(quick: boolean): Promise<BenchRow[]> {
  const timing = quick ? { rounds: 3, roundMs: 60 } : { rounds: 5, roundMs: 300 };
  const rows: BenchRow[] = [];
  for (const entries of quick ? [MILLION] : [MILLION, 10 * MILLION]) {
    const size = `${entries / MILLION} M entries`;
    const slots = zipfSlots(entries);
    for (const [name, { create }] of Object.entries(POLICIES)) {
      const policy = filled(create, entries);
      const sides = [hitSide(policy, slots), evictSide(policy, entries)];
      const [hit, evict] = await measure(sides, timing);
      rows.push(
        createRow({ name: `hit, ${size}, ${name}`, unit: 'ns', value: hit?.cpuNs ?? Number.NaN }),
        createRow({
          name: `evict and insert, ${size}, ${name}`,
          unit: 'ns',
          value: evict?.cpuNs ?? Number.NaN,
        }),
        createRow({ name: `memory, ${size}, ${name}`, unit: 'bytes/entry', value: policy.bytes() / entries }),
      );
    }
  }
  return rows;
}

function filled(create: EvictionPolicyFactory, entries: number): EvictionPolicy {
  const policy = create({ maxBytes: entries, bytesOf: () => 1 });
  for (let slot = 0; slot < entries; slot++) policy.onInsert(slot, hashOf(slot));
  return policy;
}

function hitSide(policy: EvictionPolicy, slots: Int32Array): Side {
  let at = 0;
  return createSide('hit', (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      policy.onHit(slots[at] as number);
      at = (at + 1) & (REQUESTS - 1);
    }
    return policy;
  });
}

function evictSide(policy: EvictionPolicy, entries: number): Side {
  let key = entries;
  return createSide('evict', (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      policy.onInsert(policy.evict(), hashOf(key));
      key++;
    }
    return policy;
  });
}

/** Popular slots stand anywhere, as in a store. */
function zipfSlots(entries: number): Int32Array {
  const draw = createZipf(entries, 0.99, createSeededRandom(7));
  return Int32Array.from({ length: REQUESTS }, () => hashOf(draw()) % entries);
}

function hashOf(key: number): number {
  const hash = Math.imul(key + 1, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) >>> 0;
}
