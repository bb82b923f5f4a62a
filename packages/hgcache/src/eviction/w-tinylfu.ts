// W-TinyLFU: a window for what is new, in front of a main space that a frequency sketch guards.

import { systemRandom } from '../random.ts';
import type { EvictionLimits, EvictionPolicy } from './eviction-policy.ts';
import { FrequencySketch } from './frequency-sketch.ts';
import { WindowClimber } from './window-climber.ts';
import { sketchHashOf, WindowedSlru } from './windowed-slru.ts';

/** The share of the capacity that is filled when the mean size of the entries begins to tell how many will fit. */
const MIN_HELD_SHARE = 0.03;

/**
 * Window TinyLFU: new entries go into the window, in the order of use. What leaves the window is the candidate, and
 * meets the victim of the main space, which is segmented LRU: the less frequent of the two goes, by a sketch that
 * counts the uses of all keys, held or not. The window's share is adapted to what is asked for.
 *
 * https://dl.acm.org/doi/10.1145/3149371 (TinyLFU: A Highly Efficient Cache Admission Policy, TOS'17),
 * https://dl.acm.org/doi/10.1145/3274808.3274816 (Adaptive Software Cache Management, Middleware'18)
 */
export function createWTinyLfu({ maxBytes, bytesOf, random = systemRandom }: EvictionLimits): EvictionPolicy {
  const sketch = new FrequencySketch();
  const segments = new WindowedSlru({ sketch, random, bytesOf });
  const climber = new WindowClimber(sketch);
  let entries = 0;
  // About how many entries fit; 0 as long as there are too few to say.
  let capacity = 0;
  segments.maxBytes = maxBytes;
  segments.windowMax = maxBytes * climber.share;

  const onRequest = (hash: number): void => {
    sketch.add(hash, entries);
    if (segments.heldBytes >= maxBytes * MIN_HELD_SHARE) capacity = (entries * maxBytes) / segments.heldBytes;
    if (capacity === 0) return;
    climber.onRequest(hash, capacity);
    segments.windowMax = maxBytes * climber.share;
  };

  return {
    name: 'w-tinylfu',
    onInsert: (slot, hash) => {
      entries++;
      segments.insert(slot, hash);
      onRequest(sketchHashOf(hash));
    },
    onHit: (slot) => {
      onRequest(segments.hashOf(slot));
      segments.hit(slot);
    },
    onRemove: (slot) => {
      entries--;
      segments.remove(slot);
    },
    evict: () => {
      const slot = segments.evict();
      if (slot >= 0) entries--;
      return slot;
    },
    bytes: () => segments.bytes() + sketch.bytes() + climber.bytes(),
  };
}
