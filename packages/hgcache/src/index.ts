// The public names of HgCache, and nothing else.

export { ByteView } from './byte-view.ts';
export type { CallOptions, GetOptions, GetStatus } from './caller.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export { bytesCodec, type Codec, jsonCodec, stringCodec } from './codec.ts';
export type { Discovery, OnMembers } from './discovery/discovery.ts';
export { createStaticDiscovery } from './discovery/static-discovery.ts';
export {
  ConfigError,
  DeadlineError,
  type ErrorCode,
  HgCacheError,
  InvalidationError,
  InvalidKeyError,
  InvalidValueError,
  LoadError,
  OverloadedError,
  PartialError,
  PeerError,
  StoppedError,
  UnknownGroupError,
} from './errors.ts';
export type { EvictionLimits, EvictionPolicy, EvictionPolicyFactory } from './eviction/eviction-policy.ts';
export { createFifo } from './eviction/fifo.ts';
export { createLfu } from './eviction/lfu.ts';
export { createLru } from './eviction/lru.ts';
export { createS3Fifo } from './eviction/s3-fifo.ts';
export { createSieve } from './eviction/sieve.ts';
export { createWTinyLfu } from './eviction/w-tinylfu.ts';
export { type Group, MAX_KEYS_PER_CALL } from './group.ts';
export { GROUP_NAME_PATTERN, type GroupOptions, type LoadContext, type Loader } from './group-options.ts';
export type { GroupStats } from './group-stats.ts';
export { HgCache, type HgCacheOptions } from './hgcache.ts';
export type { Hooks, KeyEvent } from './hooks.ts';
export { keyFromBytes, keyToBytes, MAX_KEY_BYTES, validateKey } from './key.ts';
export type { Member } from './member.ts';
export {
  createHttpTransport,
  type Dialect,
  type HttpTransport,
  type HttpTransportOptions,
  type ListenOptions,
} from './peers/http/http-transport.ts';
export type {
  PeerCallOptions,
  PeerHandler,
  PeerOutcome,
  PeerTransport,
  PeerValue,
} from './peers/peer-transport.ts';
export { createBalancedPlacement } from './placement/balanced-placement.ts';
export type { Placement, PlacementTable } from './placement/placement.ts';
export { createRingPlacement, type RingOptions, type RingPreset } from './placement/ring-placement.ts';
export type { Random } from './random.ts';
export { type Flight, Singleflight } from './singleflight.ts';
export type { EvictionReason } from './store/store.ts';
