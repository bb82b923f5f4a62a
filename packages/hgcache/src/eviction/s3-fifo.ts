// S3-FIFO: a small FIFO queue filters out the one-hit wonders in front of the main one.

import type { EvictionLimits, EvictionPolicy } from './eviction-policy.ts';
import { GhostTable } from './ghost-table.ts';
import { SlotBits } from './slot-bits.ts';
import { SlotLists } from './slot-lists.ts';

const SMALL = 0;
const MAIN = 1;

/** The small queue's share of the capacity. */
const SMALL_SHARE = 0.1;

/** Accesses are counted up to this: two bits. */
const MAX_FREQ = 3;

/** An entry of the small queue with this many accesses moves to the main queue. */
const FREQ_TO_MAIN = 2;

/** A smaller table of ghosts is not worth growing from. */
const MIN_GHOSTS = 64;

/** The most entries that an eviction moves before it takes what comes next, so that no eviction takes long. */
const MAX_MOVED = 4096;

// The bits of a slot: its frequency, and whether it is in the main queue.
const FREQ_MASK = 3;
const IN_MAIN = 4;

/**
 * S3-FIFO: three FIFO queues. A new entry goes into the small queue, or, when the ghost queue remembers its key, into
 * the main queue. What leaves the small queue moves to the main queue if it was accessed more than once, and
 * otherwise goes and leaves its key in the ghost queue; what leaves the main queue goes back to its head as long as
 * it has accesses left, which are counted up to three.
 *
 * https://dl.acm.org/doi/10.1145/3600006.3613147 (FIFO Queues are All You Need for Cache Eviction, SOSP'23)
 */
export function createS3Fifo({ maxBytes, bytesOf }: EvictionLimits): EvictionPolicy {
  // The note of a slot is the hash of its key.
  const queues = new SlotLists(2, { hasNotes: true });
  const bits = new SlotBits(4);
  const smallMax = maxBytes * SMALL_SHARE;
  let ghosts = new GhostTable(MIN_GHOSTS);
  let entries = 0;
  let smallBytes = 0;

  const rememberGhost = (slot: number): void => {
    // A larger table starts empty: entries were few until now, and so were the ghosts.
    if (entries > 2 * ghosts.capacity) ghosts = new GhostTable(entries);
    ghosts.remember(queues.note(slot));
  };

  const forget = (slot: number): void => {
    entries--;
    queues.remove(slot);
    if ((bits.get(slot) & IN_MAIN) === 0) smallBytes -= bytesOf(slot);
  };

  const nextToLeave = (): number => {
    const small = queues.back(SMALL);
    if (small >= 0 && smallBytes >= smallMax) return small;
    const main = queues.back(MAIN);
    return main >= 0 ? main : small;
  };

  return {
    name: 's3-fifo',
    onInsert: (slot, hash) => {
      bits.ensure(slot);
      // The ghost queue is as long as the others together.
      const isMain = ghosts.take(hash, entries);
      bits.set(slot, isMain ? IN_MAIN : 0);
      queues.pushFront(isMain ? MAIN : SMALL, slot);
      queues.setNote(slot, hash | 0);
      if (!isMain) smallBytes += bytesOf(slot);
      entries++;
    },
    onHit: (slot) => {
      const now = bits.get(slot);
      if ((now & FREQ_MASK) < MAX_FREQ) bits.set(slot, now + 1);
    },
    onRemove: forget,
    evict: () => {
      for (let moved = 0; ; moved++) {
        const slot = nextToLeave();
        if (slot < 0) return -1;
        const now = bits.get(slot);
        const isSmall = (now & IN_MAIN) === 0;
        const freq = now & FREQ_MASK;
        if (moved >= MAX_MOVED || freq < (isSmall ? FREQ_TO_MAIN : 1)) {
          if (isSmall) rememberGhost(slot);
          forget(slot);
          return slot;
        }
        queues.moveToFront(MAIN, slot);
        if (isSmall) {
          smallBytes -= bytesOf(slot);
          bits.set(slot, IN_MAIN);
        } else {
          bits.set(slot, now - 1);
        }
      }
    },
    bytes: () => queues.bytes() + bits.bytes() + ghosts.bytes(),
  };
}
