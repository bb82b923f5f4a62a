// LRU: what was used least recently goes first. The default.

import type { EvictionPolicy } from './eviction-policy.ts';
import { SlotList } from './slot-list.ts';

/** Least recently used: a hit moves an entry to the front, and the one at the back goes. */
export function createLru(): EvictionPolicy {
  const order = new SlotList();
  return {
    name: 'lru',
    onInsert: (slot) => order.pushFront(slot),
    onHit: (slot) => {
      order.remove(slot);
      order.pushFront(slot);
    },
    onRemove: (slot) => order.remove(slot),
    evict: () => order.popBack(),
    bytes: () => order.bytes(),
  };
}
