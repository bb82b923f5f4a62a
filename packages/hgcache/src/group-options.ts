// The options of a group, and the one function that validates and completes them.

import type { Codec } from './codec.ts';
import type { EvictionPolicyFactory } from './eviction/eviction-policy.ts';
import type { EvictionReason } from './store/store.ts';

/** What the loader is told besides the key. */
export interface LoadContext {
  /** Fires when the last caller has left, when the load has taken longer than `loadTimeoutMs`, or at a stop. */
  readonly signal: AbortSignal;
}

/**
 * Fetches a value from the origin on a miss; `undefined` means that there is none. It runs at most once at a time
 * for a key on this node. What it throws reaches the callers as the cause of a `LoadError`.
 */
export type Loader<V> = (key: string, context: LoadContext) => Promise<V | undefined> | V | undefined;

/** How a group behaves. Every node of the cluster must define its groups alike. */
export interface GroupOptions<V> {
  /** The budget of this node's store for the group, in bytes: keys, values and bookkeeping. At least 1. */
  readonly maxBytes: number;
  /** Fetches a value from the origin on a miss. */
  readonly load: Loader<V>;
  /** How values become bytes: JSON by default; `bytesCodec`, `stringCodec` or one's own. */
  readonly codec?: Codec<V>;
  /** How long a value is served after it was loaded or set, in ms; without it, until it has to make room. */
  readonly ttlMs?: number;
  /** How long a node keeps a value that another node owns, in ms; 10,000 by default. Never longer than `ttlMs`. */
  readonly hotTtlMs?: number;
  /** What goes when the budget is full: `createLru` by default. */
  readonly eviction?: EvictionPolicyFactory;
  /** The largest value that is kept, in bytes; 8 MiB by default. A larger one is returned and not kept. */
  readonly maxValueBytes?: number;
  /** How long one call of the loader may take, in ms; 10,000 by default. */
  readonly loadTimeoutMs?: number;
  /** How long a peer may take to answer, in ms; by default a second more than `loadTimeoutMs`. */
  readonly peerTimeoutMs?: number;
  /** How many calls of the loader run at a time on this node; 128 by default. */
  readonly maxConcurrentLoads?: number;
  /** How many more may wait for their turn before callers get an `OverloadedError`; 16,384 by default. */
  readonly maxQueuedLoads?: number;
  /** Told after a value has left this node's store. It is called in turn, so it must be quick. */
  readonly onEvicted?: (key: string, value: V, reason: EvictionReason) => void;
}
