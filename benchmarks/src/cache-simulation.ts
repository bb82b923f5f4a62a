// What a policy makes of a trace: a read-through cache of keys without values, which starts empty; a miss inserts.

import type { EvictionPolicyFactory } from 'hgcache';
import { createSeededRandom } from 'hgcache/internal/store';
import type { Trace } from './trace.ts';

/** What a cache holds at most. */
export interface Capacity {
  readonly maxBytes: number;
  /** The sizes of the keys; without, each counts as 1. */
  readonly sizes?: Float64Array;
}

/** The share of requests that hit, in percent. An entry larger than the cache is never held. */
export function hitRatio(trace: Trace, { maxBytes, sizes }: Capacity, create: EvictionPolicyFactory): number {
  const keyCount = trace.sizes.length;
  const slotOf = new Int32Array(keyCount).fill(-1);
  const keyOf: number[] = [];
  const freeSlots: number[] = [];
  const sizeOf = (key: number): number => sizes?.[key] ?? 1;
  const policy = create({
    maxBytes,
    bytesOf: (slot) => sizeOf(keyOf[slot] as number),
    random: createSeededRandom(1),
  });
  let bytes = 0;
  let hits = 0;
  for (const key of trace.keys) {
    const held = slotOf[key] as number;
    if (held >= 0) {
      hits++;
      policy.onHit(held);
      continue;
    }
    const size = sizeOf(key);
    if (size > maxBytes) continue;
    while (bytes + size > maxBytes) {
      const evicted = policy.evict();
      const gone = keyOf[evicted] as number;
      slotOf[gone] = -1;
      bytes -= sizeOf(gone);
      freeSlots.push(evicted);
    }
    const slot = freeSlots.pop() ?? keyOf.length;
    keyOf[slot] = key;
    slotOf[key] = slot;
    bytes += size;
    policy.onInsert(slot, hashOf(key));
  }
  return (100 * hits) / trace.keys.length;
}

/**
 * The share of requests that hit, in percent, when what is asked for last goes first: MIN, the most that any policy can
 * reach with entries of one size. https://doi.org/10.1147/sj.52.0078 (Belady, 1966)
 */
export function bestHitRatio({ keys, sizes }: Trace, capacity: number): number {
  const next = nextRequests(keys, sizes.length);
  const heldUntil = new Float64Array(sizes.length).fill(-1);
  const latest = new MaxHeap();
  let held = 0;
  let hits = 0;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as number;
    if (heldUntil[key] === at) {
      hits++;
    } else if (held < capacity) {
      held++;
    } else {
      for (;;) {
        const until = latest.pop();
        // What was asked for since it was pushed stands in the heap again, under a later request.
        const other = keys[until] ?? until - keys.length;
        if (heldUntil[other] !== until) continue;
        heldUntil[other] = -1;
        break;
      }
    }
    // A key that is never asked for again has a place of its own behind the end.
    const until = (next[at] as number) === keys.length ? keys.length + key : (next[at] as number);
    heldUntil[key] = until;
    latest.push(until);
  }
  return (100 * hits) / keys.length;
}

function nextRequests(keys: Int32Array, keyCount: number): Int32Array {
  const next = new Int32Array(keys.length);
  const seen = new Int32Array(keyCount).fill(keys.length);
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at] as number;
    next[at] = seen[key] as number;
    seen[key] = at;
  }
  return next;
}

/** A binary heap of numbers, the largest first. */
class MaxHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above] as number;
      if (parent >= item) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): number {
    const items = this.#items;
    const [largest] = items as [number];
    const last = items.pop() as number;
    if (items.length === 0) return largest;
    let at = 0;
    for (let below = 1; below < items.length; below = 2 * at + 1) {
      if (below + 1 < items.length && (items[below + 1] as number) > (items[below] as number)) below++;
      if (last >= (items[below] as number)) break;
      items[at] = items[below] as number;
      at = below;
    }
    items[at] = last;
    return largest;
  }
}

/** The finisher of MurmurHash3: what a store would give the hash of its keys for. */
function hashOf(key: number): number {
  let hash = Math.imul(key + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
