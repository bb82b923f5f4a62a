// LRU: what was used least recently goes first. The default.

import type { EvictionPolicy } from './eviction-policy.ts';
import { SlotLists } from './slot-lists.ts';

const ORDER = 0;

/**
 * Least recently used: one list in the order of use. A hit moves an entry to the front, and the one at the back goes.
 *
 * The oldest of the stack algorithms: https://doi.org/10.1147/sj.92.0078 (Mattson et al., 1970).
 */
export function createLru(): EvictionPolicy {
  const lists = new SlotLists(1);
  return {
    name: 'lru',
    onInsert: (slot) => lists.pushFront(ORDER, slot),
    onHit: (slot) => lists.moveToFront(ORDER, slot),
    onRemove: (slot) => lists.remove(slot),
    evict: () => lists.popBack(ORDER),
    bytes: () => lists.bytes(),
  };
}
