// The port of the eviction policies: what goes when the budget is full.

/**
 * An eviction policy sees slots only: small integers that the store gives out and uses again. It knows a slot
 * from `onInsert` until `onRemove` or until `evict` returns it.
 */
export interface EvictionPolicy {
  /** The policy's name in its paper, in lower case, e.g. `lru`. */
  readonly name: string;
  /** A new entry stands in `slot`; `hash` is the 32-bit hash of its key, for policies that remember keys. */
  onInsert(slot: number, hash: number): void;
  /** The entry in `slot` was read or overwritten. */
  onHit(slot: number): void;
  /** The entry in `slot` is gone for another reason than `evict`. */
  onRemove(slot: number): void;
  /** Picks the entry that goes next, forgets it and returns its slot, or -1 when there is none. */
  evict(): number;
}

/** Makes a policy for one store. */
export type EvictionPolicyFactory = () => EvictionPolicy;
