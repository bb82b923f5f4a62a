// FIFO: what came first goes first, however often it is used.

import type { EvictionPolicy } from './eviction-policy.ts';
import { SlotLists } from './slot-lists.ts';

const ORDER = 0;

/**
 * First in, first out: one list in the order of insertion. A hit changes nothing, and the oldest entry goes.
 *
 * Why it has come back: https://dl.acm.org/doi/10.1145/3593856.3595887 (FIFO can be better than LRU, HotOS'23).
 */
export function createFifo(): EvictionPolicy {
  const lists = new SlotLists(1);
  return {
    name: 'fifo',
    onInsert: (slot) => lists.pushFront(ORDER, slot),
    onHit: () => {},
    onRemove: (slot) => lists.remove(slot),
    evict: () => lists.popBack(ORDER),
    bytes: () => lists.bytes(),
  };
}
