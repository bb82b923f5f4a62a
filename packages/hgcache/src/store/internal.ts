// The subpath `hgcache/internal/store`: what this repository's own benchmarks and soak need of the store. It is not
// for applications, and changes without notice.

export { createSeededRandom, type Random } from '../random.ts';
export { ByteStore, type ByteStoreOptions } from './byte-store.ts';
export type { EvictionReason, OnStoreEvicted, Store, StoredValue, StoreUsage } from './store.ts';
