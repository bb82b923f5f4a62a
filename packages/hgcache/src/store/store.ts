// The port of the main store: the values that this node keeps, as bytes, within a budget.

import type { ByteView } from '../byte-view.ts';

/** A value as the store keeps it. */
export interface StoredValue {
  readonly value: ByteView;
  /** When it was stored, in ms since the Unix epoch. */
  readonly storedAtMs: number;
  /** From when on it is no longer served, in ms since the Unix epoch; 0 for never. */
  readonly expiresAtMs: number;
}

/** Why an entry left the store. */
export type EvictionReason = 'evicted' | 'expired' | 'removed' | 'replaced';

/** Told after an entry has left the store. */
export type OnStoreEvicted = (key: string, value: ByteView, reason: EvictionReason) => void;

/** What a store holds at the moment. */
export interface StoreUsage {
  readonly entries: number;
  /** Keys, values and the bookkeeping, in bytes. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Entries that went because the budget was full, since the start. */
  readonly evictions: number;
}

/** Keeps values until they expire, are removed, or have to make room. */
export interface Store {
  /** The value of a key, counted as a use of it, or `undefined` when there is none or it has expired. */
  get(key: string): StoredValue | undefined;
  /**
   * Keeps a copy of `value`, in place of an older one, and evicts what has to make room. A value that does not
   * fit into the whole budget is not kept, evicts nothing, and leaves no older one behind: then it says `false`.
   */
  set(key: string, value: ByteView, expiresAtMs: number): boolean;
  /** What an entry takes of the budget, in bytes. */
  costOf(key: string, value: ByteView): number;
  /** Drops a key, and says whether it was there. */
  remove(key: string): boolean;
  /** Drops everything. */
  clear(): void;
  usage(): StoreUsage;
}
