// The options of a group, and the one function that validates and completes them.

import { LONGEST_TIMER_MS } from './clock.ts';
import { type Codec, jsonCodec } from './codec.ts';
import { ConfigError } from './errors.ts';
import type { EvictionPolicyFactory } from './eviction/eviction-policy.ts';
import { createLru } from './eviction/lru.ts';
import { integerOption, rejectUnknownOptions } from './options.ts';
import type { EvictionReason } from './store/store.ts';

/** What the loader is told besides the key. */
export interface LoadContext {
  /** Fires when the last caller has left, when the load has taken longer than `loadTimeoutMs`, or at a stop. */
  readonly signal: AbortSignal;
}

/**
 * Fetches a value from the origin on a miss; `undefined` means that there is none. Callers at the same time
 * share one call; a second one for the key begins beside it only after an invalidation, a time-out, or when everyone
 * who waited has left. What it throws reaches the callers as the cause of a `LoadError`.
 */
export type Loader<V> = (key: string, context: LoadContext) => Promise<V | undefined> | V | undefined;

/** How a group behaves. Every node of the cluster must define its groups alike. */
export interface GroupOptions<V> {
  /** The budget of this node's store for the group, in bytes: keys, values and bookkeeping. At least 1, at most 16 GiB. */
  readonly maxBytes: number;
  /** Fetches a value from the origin on a miss. */
  readonly load: Loader<V>;
  /** How values become bytes: JSON by default; `bytesCodec`, `stringCodec` or one's own. */
  readonly codec?: Codec<V> | undefined;
  /** How long a value is served after it was loaded or set, in ms; without it, until it has to make room. */
  readonly ttlMs?: number | undefined;
  /** How long a node keeps a value that another node owns, in ms; 10,000 by default. Never longer than `ttlMs`. */
  readonly hotTtlMs?: number | undefined;
  /**
   * What share of `maxBytes` is for the hot store, in bytes: decoded values on the heap that are popular at this node,
   * whoever owns them. An eighth of `maxBytes`, but at most 32 MiB, by default; 0 for none.
   */
  readonly hotMaxBytes?: number | undefined;
  /**
   * `fresh`: every caller gets a value of its own. `frozen`: values are frozen all through, once, and callers share
   * them, which spares decoding. Values that cannot change anyway, as `ByteView` and strings, are always shared.
   */
  readonly values?: 'fresh' | 'frozen' | undefined;
  /** What goes when the budget is full: `createLru` by default. */
  readonly eviction?: EvictionPolicyFactory | undefined;
  /** The largest value that is kept, in bytes; 8 MiB by default. A larger one is returned and not kept. */
  readonly maxValueBytes?: number | undefined;
  /** How long one call of the loader may take, in ms; 10,000 by default. */
  readonly loadTimeoutMs?: number | undefined;
  /** How long a peer may take to answer, in ms; by default a second more than `loadTimeoutMs`. */
  readonly peerTimeoutMs?: number | undefined;
  /** How many calls of the loader run at a time on this node; 128 by default. */
  readonly maxConcurrentLoads?: number | undefined;
  /** How many more may wait for their turn before callers get an `OverloadedError`; 16,384 by default. */
  readonly maxQueuedLoads?: number | undefined;
  /** Told soon after a value has left this node's store, in order. What it throws goes to the hook `onError`. */
  readonly onEvicted?: ((key: string, value: V, reason: EvictionReason) => void) | undefined;
}

/** The options of a group with every default filled in. */
export interface CompleteGroupOptions<V> {
  readonly maxBytes: number;
  readonly load: Loader<V>;
  readonly codec: Codec<V>;
  readonly ttlMs: number | undefined;
  readonly hotTtlMs: number;
  readonly hotMaxBytes: number;
  readonly values: 'fresh' | 'frozen';
  readonly eviction: EvictionPolicyFactory;
  readonly maxValueBytes: number;
  readonly loadTimeoutMs: number;
  readonly peerTimeoutMs: number;
  readonly maxConcurrentLoads: number;
  readonly maxQueuedLoads: number;
  readonly onEvicted: ((key: string, value: V, reason: EvictionReason) => void) | undefined;
}

/** What a group may be called: it stands in the paths of the HTTP transport as it is. */
export const GROUP_NAME_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

const OPTION_NAMES: readonly (keyof CompleteGroupOptions<unknown>)[] = [
  'maxBytes',
  'load',
  'codec',
  'ttlMs',
  'hotTtlMs',
  'hotMaxBytes',
  'values',
  'eviction',
  'maxValueBytes',
  'loadTimeoutMs',
  'peerTimeoutMs',
  'maxConcurrentLoads',
  'maxQueuedLoads',
  'onEvicted',
];

const MIB = 1024 * 1024;

/** The largest budget of a group, in bytes: records have 32-bit addresses, in words. */
export const MAX_STORE_BYTES: number = 16 * 1024 * MIB;

/** Validates the options of the group `name` and fills in the defaults; throws `ConfigError`. */
export function completeGroupOptions<V>(name: string, options: GroupOptions<V>): CompleteGroupOptions<V> {
  if (typeof name !== 'string' || !GROUP_NAME_PATTERN.test(name)) {
    throw new ConfigError(
      `a group's name must match ${GROUP_NAME_PATTERN}, which ${JSON.stringify(name)} does not`,
    );
  }
  const of = `group ${JSON.stringify(name)}`;
  if (typeof options !== 'object' || options === null)
    throw new ConfigError(`${of}: options must be an object`);
  rejectUnknownOptions(of, options, OPTION_NAMES);
  if (options.maxBytes === undefined)
    throw new ConfigError(`${of}: maxBytes is missing, e.g. 64 * 1024 * 1024`);
  const integer = (option: keyof GroupOptions<V>, byDefault: number, min: number, max?: number): number =>
    integerOption(`${of}: ${option}`, options[option] as number | undefined, {
      default: byDefault,
      min,
      ...(max !== undefined && { max }),
    });
  const loadTimeoutMs = integer('loadTimeoutMs', 10_000, 1, LONGEST_TIMER_MS - 1000);
  const maxBytes = integer('maxBytes', 0, 1, MAX_STORE_BYTES);
  return {
    maxBytes,
    load: functionOption(of, 'load', options.load),
    codec: codecOption(of, options.codec),
    ttlMs: options.ttlMs === undefined ? undefined : integer('ttlMs', 0, 1),
    hotTtlMs: integer('hotTtlMs', 10_000, 1),
    hotMaxBytes: integer(
      'hotMaxBytes',
      Math.min(Math.floor(maxBytes / 8), 32 * MIB),
      0,
      Math.floor(maxBytes / 2),
    ),
    values: valuesOption(of, options.values),
    eviction: options.eviction === undefined ? createLru : functionOption(of, 'eviction', options.eviction),
    maxValueBytes: integer('maxValueBytes', 8 * MIB, 1),
    loadTimeoutMs,
    peerTimeoutMs: integer('peerTimeoutMs', loadTimeoutMs + 1000, 1, LONGEST_TIMER_MS),
    maxConcurrentLoads: integer('maxConcurrentLoads', 128, 1),
    maxQueuedLoads: integer('maxQueuedLoads', 16_384, 0),
    onEvicted:
      options.onEvicted === undefined ? undefined : functionOption(of, 'onEvicted', options.onEvicted),
  };
}

function functionOption<F>(of: string, option: string, value: F): F {
  if (typeof value !== 'function')
    throw new ConfigError(`${of}: ${option} must be a function, not ${typeof value}`);
  return value;
}

function valuesOption(of: string, values: 'fresh' | 'frozen' | undefined): 'fresh' | 'frozen' {
  if (values === undefined || values === 'fresh' || values === 'frozen') return values ?? 'fresh';
  throw new ConfigError(`${of}: values must be "fresh" or "frozen", not ${JSON.stringify(values)}`);
}

function codecOption<V>(of: string, codec: Codec<V> | undefined): Codec<V> {
  if (codec === undefined) return jsonCodec<V>();
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw new ConfigError(`${of}: codec must have the functions encode and decode`);
  }
  return codec;
}
