// LFU: what was used least often goes first, and old fame fades.

import type { EvictionPolicy } from './eviction-policy.ts';
import { SlotLists } from './slot-lists.ts';

/** The lists, one for each count of uses; uses beyond the last are not counted. */
const COUNTS = 64;

/** After so many uses per entry, on average, all counts are halved: the sample of TinyLFU. */
const USES_PER_ENTRY = 10;

// The note of a slot: its count when it last changed, and the number of halvings until then.
const COUNT_BITS = 6;
const AGES_MASK = 0x3ffffff;

/**
 * Least frequently used: a list for each count, in the order of use. A hit moves an entry up by a count; the one at
 * the back of the lowest list that is not empty goes. After ten uses per entry all counts are halved: list 2n and
 * list 2n + 1 become list n, which takes constant time, because a slot keeps the count that it had and the number of
 * halvings before, and not its list.
 *
 * In constant time: http://dhruvbird.com/lfu.pdf; ageing: https://dl.acm.org/doi/10.1145/98457.98523
 */
export function createLfu(): EvictionPolicy {
  const lists = new SlotLists(COUNTS, { hasNotes: true });
  let entries = 0;
  let uses = 0;
  let ages = 0;
  // No list below this one has an entry.
  let lowest = 0;

  const put = (slot: number, count: number): void => {
    lists.pushFront(count, slot);
    lists.setNote(slot, (ages << COUNT_BITS) | count);
    if (count < lowest) lowest = count;
    uses++;
    if (uses >= USES_PER_ENTRY * entries) age();
  };

  const age = (): void => {
    for (let count = 1; count < COUNTS; count++) lists.moveAllToFront(count, count >> 1);
    ages = (ages + 1) & AGES_MASK;
    lowest >>= 1;
    uses = 0;
  };

  const countOf = (slot: number): number => {
    const note = lists.note(slot);
    const halvings = (ages - (note >>> COUNT_BITS)) & AGES_MASK;
    // Shifts of 32 and more would start again at 0.
    return halvings > COUNT_BITS ? 0 : (note & (COUNTS - 1)) >> halvings;
  };

  return {
    name: 'lfu',
    onInsert: (slot) => {
      entries++;
      put(slot, 0);
    },
    onHit: (slot) => {
      lists.remove(slot);
      put(slot, Math.min(countOf(slot) + 1, COUNTS - 1));
    },
    onRemove: (slot) => {
      entries--;
      lists.remove(slot);
    },
    evict: () => {
      if (entries === 0) return -1;
      while (lists.back(lowest) < 0) lowest++;
      entries--;
      return lists.popBack(lowest);
    },
    bytes: () => lists.bytes(),
  };
}
