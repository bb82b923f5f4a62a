// SIEVE: a hand walks over a FIFO queue and sifts out what was not visited.

import type { EvictionPolicy } from './eviction-policy.ts';
import { SlotBits } from './slot-bits.ts';
import { SlotLists } from './slot-lists.ts';

const QUEUE = 0;

/** The most visited entries that the hand passes for one eviction, so that no eviction takes long; then one goes. */
const MAX_PASSED = 4096;

/**
 * SIEVE: one queue in the order of insertion, a visited bit for each entry, and a hand. A hit sets the bit and moves
 * nothing. To evict, the hand moves from the tail towards the head and clears bits until it meets an entry whose
 * bit is clear: that one goes. Survivors stay where they are, and new entries come in at the head.
 *
 * https://www.usenix.org/conference/nsdi24/presentation/zhang-yazhuo (SIEVE is Simpler than LRU, NSDI'24)
 */
export function createSieve(): EvictionPolicy {
  const queue = new SlotLists(1);
  const visited = new SlotBits(1);
  // The next entry that the hand looks at; -1 is the tail.
  let hand = -1;
  return {
    name: 'sieve',
    onInsert: (slot) => {
      visited.ensure(slot);
      visited.set(slot, 0);
      queue.pushFront(QUEUE, slot);
    },
    onHit: (slot) => visited.set(slot, 1),
    onRemove: (slot) => {
      if (slot === hand) hand = queue.before(slot);
      queue.remove(slot);
    },
    evict: () => {
      let slot = hand < 0 ? queue.back(QUEUE) : hand;
      if (slot < 0) return -1;
      for (let passed = 0; visited.get(slot) !== 0 && passed < MAX_PASSED; passed++) {
        visited.set(slot, 0);
        slot = queue.before(slot);
        if (slot < 0) slot = queue.back(QUEUE);
      }
      hand = queue.before(slot);
      queue.remove(slot);
      return slot;
    },
    bytes: () => queue.bytes() + visited.bytes(),
  };
}
