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
  /** What it takes of the budget, in bytes: keys, values, bookkeeping, and memory that is free but not given back. */
  readonly bytes: number;
  /** What of that are keys and values that can be served, and what stands in line with them, in bytes. */
  readonly liveBytes: number;
  readonly maxBytes: number;
  /** Entries that went because the budget was full, since the start. */
  readonly evictions: number;
}

/** Keeps values until they expire, are removed, or have to make room. */
export interface Store {
  /** The value of a key, counted as a use of it, or `undefined` when there is none or it has expired. */
  get(key: string): StoredValue | undefined;
  /**
   * The slot of a key's entry, counted as a use of it, or -1. It is good until the store is called again with
   * anything but `valueLength` and `read`.
   */
  find(key: string): number;
  /** The same for a key that stands in `key` from `start` on. */
  findBytes(key: Uint8Array, start: number, length: number): number;
  /** The length of the value of a slot that was just found. */
  valueLength(slot: number): number;
  /** Copies the value of a slot that was just found into `target`, as much of it as fits; says how many bytes. */
  read(slot: number, target: Uint8Array, targetStart: number): number;
  /**
   * Keeps a copy of `value`, in place of an older one, and evicts what has to make room. A value that does not
   * fit into the whole budget is not kept, evicts nothing, and leaves no older one behind: then it says `false`.
   */
  set(key: string, value: ByteView, expiresAtMs: number): boolean;
  /** Whether an entry fits into the budget when there is no other. */
  fits(key: string, value: ByteView): boolean;
  /** Drops a key, and says whether it was there. */
  remove(key: string): boolean;
  /** Drops everything. */
  clear(): void;
  usage(): StoreUsage;
  /** Gives everything back, and ends what runs in the background. */
  close(): void;
}
