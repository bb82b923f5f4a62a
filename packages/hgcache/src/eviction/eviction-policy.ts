// The port of the eviction policies: what goes when the budget is full.

import type { Random } from '../random.ts';

/**
 * An eviction policy sees slots only: small integers that the store gives out and uses again. It knows a slot
 * from `onInsert` until `onRemove` or until `evict` returns it. The store calls `evict` until a new entry fits, and
 * only then `onInsert` for it.
 */
export interface EvictionPolicy {
  /** The policy's name in its paper, in lower case, e.g. `lru`. */
  readonly name: string;
  /** A new entry stands in `slot`; `hash` is the 32-bit hash of its key, for policies that remember keys. */
  onInsert(slot: number, hash: number): void;
  /** The entry in `slot` was read or overwritten, and has the size that it had. */
  onHit(slot: number): void;
  /** The entry in `slot` is gone for another reason than `evict`. */
  onRemove(slot: number): void;
  /** Picks the entry that goes next, forgets it and returns its slot, or -1 when there is none. */
  evict(): number;
  /** The bytes that the policy's own tables take now; they grow with the highest slot. */
  bytes(): number;
}

/** What a policy may know of its store. */
export interface EvictionLimits {
  /** The capacity, in the unit of `bytesOf`. */
  readonly maxBytes: number;
  /**
   * The size of the entry in `slot`: valid and the same from before `onInsert` until `onRemove` or `evict` has
   * returned. With 1 for every entry a policy counts entries.
   */
  bytesOf(slot: number): number;
  /** The chance of a policy that leaves something to it; that of the machine by default. */
  readonly random?: Random;
}

/** Makes a policy for one store. */
export type EvictionPolicyFactory = (limits: EvictionLimits) => EvictionPolicy;
