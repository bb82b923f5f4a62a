// FIFO: what came first goes first, however often it is used.

import type { EvictionPolicy } from './eviction-policy.ts';
import { SlotList } from './slot-list.ts';

/** First in, first out: a hit changes nothing, and the oldest entry goes. */
export function createFifo(): EvictionPolicy {
  const order = new SlotList();
  return {
    name: 'fifo',
    onInsert: (slot) => order.pushFront(slot),
    onHit: () => {},
    onRemove: (slot) => order.remove(slot),
    evict: () => order.popBack(),
    bytes: () => order.bytes(),
  };
}
