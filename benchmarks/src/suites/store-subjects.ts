// The stores that the suite `store` compares, each with the same few calls: the byte store, and lru-cache with Buffers.

import { ByteView, createLru, systemClock } from 'hgcache';
import { ByteStore, createSeededRandom } from 'hgcache/internal/store';
import { LRUCache } from 'lru-cache';
import { KEY_BYTES, keyTextAt } from '../workload.ts';

/** Which store. */
export type SubjectName = 'byte-store' | 'lru-cache';

/** A store that is asked by what a socket has read, as a node is by its peers. */
export interface Subject {
  /** Keeps a copy of a value under the key that begins at `at`. */
  insert(keys: Buffer, at: number, value: number): void;
  /** Copies the value of the key that begins at `at` into `target`; says how many bytes, 0 when there is none. */
  read(keys: Buffer, at: number, target: Buffer): number;
  /** How many entries there are. */
  count(): number;
}

/** What a subject may take. */
export interface Capacity {
  readonly entries: number;
  /**
   * The byte store's budget per entry; with less than about 170 bytes, the values of which take 100, it has to evict
   * before it holds as many entries.
   */
  readonly bytesPerEntry: number;
}

/** An empty store; values are given by their index in `values`. */
export function createSubject(name: SubjectName, values: readonly Buffer[], capacity: Capacity): Subject {
  if (name === 'lru-cache') return createLruCacheSubject(values, capacity.entries);
  return createByteStoreSubject(createByteStore(capacity.entries * capacity.bytesPerEntry), values);
}

/** A byte store with LRU, the default policy, as it is in lru-cache. */
export function createByteStore(maxBytes: number): ByteStore {
  return new ByteStore({
    maxBytes,
    eviction: createLru,
    clock: systemClock,
    random: createSeededRandom(1),
  });
}

function createByteStoreSubject(store: ByteStore, values: readonly Buffer[]): Subject {
  const views = values.map((value) => ByteView.from(value));
  return {
    insert: (keys, at, value) => {
      store.set(keyTextAt(keys, at), views[value] as ByteView, 0);
    },
    read: (keys, at, target) => {
      const slot = store.findBytes(keys, at, KEY_BYTES);
      return slot < 0 ? 0 : store.read(slot, target, 0);
    },
    count: () => store.usage().entries,
  };
}

function createLruCacheSubject(values: readonly Buffer[], entries: number): Subject {
  const cache = new LRUCache<string, Buffer>({ max: entries });
  return {
    insert: (keys, at, value) => {
      // The copy that the byte store makes, too: what was read from a socket does not stay.
      cache.set(keyTextAt(keys, at), Buffer.from(values[value] as Buffer));
    },
    read: (keys, at, target) => {
      const value = cache.get(keyTextAt(keys, at));
      return value === undefined ? 0 : value.copy(target, 0);
    },
    count: () => cache.size,
  };
}
