// The read path on a miss: ask the owner or call the loader, once for all callers, and keep what came back.

import type { ByteView } from './byte-view.ts';
import { InvalidValueError, LoadError, OverloadedError } from './errors.ts';
import type { GroupLoader } from './group-loader.ts';
import type { CompleteGroupOptions } from './group-options.ts';
import type { GroupCounters } from './group-stats.ts';
import type { GroupValues, Kept } from './group-values.ts';
import type { Member } from './member.ts';
import type { NodeContext } from './node-context.ts';
import { PeerBatch } from './peer-batch.ts';
import type { PeerTransport, PeerValue } from './peers/peer-transport.ts';
import { type Flight, Singleflight } from './singleflight.ts';
import type { HotStore } from './store/hot-store.ts';
import type { Store } from './store/store.ts';

/** What a miss came to. Without a value, the origin has none. */
export interface Loaded {
  /** Who gave it: the owner, or this node's own loader (or its store, when another caller was just quicker). */
  readonly from: 'peer' | 'load';
  readonly value?: ByteView;
  /** How long its owner has had it, in ms. */
  readonly ageMs: number;
  /** When its time is over, in ms since the Unix epoch; 0 for never. */
  readonly expiresAtMs: number;
}

/** What one group's parts have in common. */
export interface GroupParts<V> {
  readonly name: string;
  readonly options: CompleteGroupOptions<V>;
  readonly store: Store;
  readonly hot: HotStore<Kept<V>>;
  readonly values: GroupValues<V>;
  readonly counters: GroupCounters;
  readonly node: NodeContext;
  readonly loader: GroupLoader<V>;
}

/**
 * Loads what is not in this node's store.
 *
 * There are two kinds of flight. A *fetch* asks the owner, and only this node's own callers join it. A *load* calls
 * the loader, and peers join it too. They are kept apart so that a peer's request never waits for a fetch: two nodes
 * that each take the other for the owner would wait for each other for ever.
 */
export class GroupLoad<V> {
  readonly #parts: GroupParts<V>;
  readonly #fetches = new Singleflight<Loaded>();
  readonly #loads = new Singleflight<Loaded>();

  constructor(parts: GroupParts<V>) {
    this.#parts = parts;
  }

  /** For this node's callers: from the owner, or from the loader when that is this node or cannot be reached. */
  get(key: string, signal?: AbortSignal): Promise<Loaded> {
    const remote = this.#remoteOwnerOf(key);
    if (remote === undefined) return this.load(key, signal);
    return this.#runFetch(key, (flight) => this.#fetch(key, remote, flight), signal);
  }

  /** For this node's callers: {@link get} for many keys, with one request to each owner. */
  getMany(keys: readonly string[], signal?: AbortSignal): Promise<Loaded>[] {
    const batches = new Map<string, PeerBatch>();
    const results = keys.map((key) => {
      const remote = this.#remoteOwnerOf(key);
      if (remote === undefined) return this.load(key, signal);
      const fetch = (flight: Flight): Promise<Loaded> =>
        this.#fetchIn(this.#batchFor(remote, batches), key, flight);
      return this.#runFetch(key, fetch, signal);
    });
    for (const batch of batches.values()) batch.send();
    return results;
  }

  /** For peers, and for keys of this node: from the loader. It never asks a peer, which is the hop guard. */
  load(key: string, signal?: AbortSignal): Promise<Loaded> {
    return this.#loads.run(key, (flight) => this.#load(key, flight), signal);
  }

  /** Until when a value that was loaded or set now is served, in ms since the Unix epoch; 0 for never. */
  expiryOf(key: string, ttlMs: number | undefined = this.#parts.options.ttlMs): number {
    const { node, options } = this.#parts;
    // Nobody but the owner keeps a value for long: a node that could not be told of an invalidation soon forgets.
    const isOwner = node.ownerOf(key).id === node.self.id;
    const longestMs = isOwner ? ttlMs : Math.min(ttlMs ?? options.hotTtlMs, options.hotTtlMs);
    return longestMs === undefined ? 0 : node.clock.now() + longestMs;
  }

  /** Ends every flight for all its callers. */
  abortAll(reason: unknown): void {
    this.#fetches.abortAll(reason);
    this.#loads.abortAll(reason);
  }

  /** Keeps flights under way from filling the store, and later callers from joining them. */
  fence(key: string): void {
    this.#fetches.fence(key);
    this.#loads.fence(key);
  }

  /** Fences every key. */
  fenceAll(): void {
    this.#fetches.fenceAll();
    this.#loads.fenceAll();
  }

  #remoteOwnerOf(key: string): RemoteOwner | undefined {
    const { node } = this.#parts;
    const owner = node.ownerOf(key);
    if (owner.id === node.self.id || node.transport === undefined) return undefined;
    return { owner, transport: node.transport };
  }

  /** A slow peer must not make callers without end wait here; those who join a fetch cost next to nothing. */
  #runFetch(key: string, fetch: (flight: Flight) => Promise<Loaded>, signal?: AbortSignal): Promise<Loaded> {
    const { name, options } = this.#parts;
    const most = options.maxConcurrentLoads + options.maxQueuedLoads;
    if (this.#fetches.size >= most && !this.#fetches.has(key)) {
      const of = `fetches of group ${JSON.stringify(name)}`;
      return Promise.reject(new OverloadedError(`${of}: ${most} under way; try again later`));
    }
    return this.#fetches.run(key, fetch, signal);
  }

  #batchFor({ owner, transport }: RemoteOwner, batches: Map<string, PeerBatch>): PeerBatch {
    let batch = batches.get(owner.id);
    if (batch === undefined) {
      const { name, options } = this.#parts;
      batch = new PeerBatch(transport, owner, name, options.peerTimeoutMs);
      batches.set(owner.id, batch);
    }
    return batch;
  }

  #fetch(key: string, { owner, transport }: RemoteOwner, flight: Flight): Promise<Loaded> {
    const call = { signal: flight.signal, timeoutMs: this.#parts.options.peerTimeoutMs };
    return this.#orLoad(key, owner, flight, () => transport.get(owner, this.#parts.name, key, call));
  }

  #fetchIn(batch: PeerBatch, key: string, flight: Flight): Promise<Loaded> {
    return this.#orLoad(key, batch.owner, flight, () => batch.add(key, flight.signal));
  }

  /** Peers can only help: when the owner is down, slow or wrong, the key is loaded here, still once. */
  async #orLoad(
    key: string,
    owner: Member,
    flight: Flight,
    ask: () => Promise<PeerValue | undefined>,
  ): Promise<Loaded> {
    const { node, name, counters } = this.#parts;
    counters.peerFetches++;
    node.hooks.onPeerPicked?.({ group: name, key, peer: owner.id });
    try {
      const answer = await ask();
      if (answer === undefined) return { from: 'peer', ageMs: 0, expiresAtMs: 0 };
      if (flight.isCurrent) this.#offerHot(key, answer);
      return { ...answer, from: 'peer' };
    } catch (error) {
      if (flight.isAborted || isOwnersOwn(error)) throw error;
      counters.peerFailures++;
      node.hooks.onPeerFailed?.({ group: name, peer: owner.id, error });
      return this.load(key, flight.signal);
    }
  }

  /** What is popular here is mirrored here, but not for long: its owner may forget, and not be able to tell. */
  #offerHot(key: string, { value, ageMs, expiresAtMs }: PeerValue): void {
    const { node, options, hot } = this.#parts;
    const nowMs = node.clock.now();
    const untilMs = nowMs + options.hotTtlMs;
    hot.offer(key, {
      bytes: value,
      storedAtMs: nowMs - ageMs,
      expiresAtMs: expiresAtMs === 0 ? untilMs : Math.min(expiresAtMs, untilMs),
    });
  }

  async #load(key: string, flight: Flight): Promise<Loaded> {
    const { store, node, loader, options } = this.#parts;
    // A caller looks into the store before it comes here, and another one's flight may have landed in between.
    // Without this second look the key would be loaded again.
    const stored = store.get(key);
    if (stored !== undefined) {
      const { value, storedAtMs, expiresAtMs } = stored;
      return { from: 'load', value, ageMs: node.clock.now() - storedAtMs, expiresAtMs };
    }
    const value = await loader.call(key, flight);
    if (value === undefined) return { from: 'load', ageMs: 0, expiresAtMs: 0 };
    const expiresAtMs = this.expiryOf(key);
    // The fence: what was invalidated while it was being loaded must not come back.
    if (flight.isCurrent && value.length <= options.maxValueBytes) store.set(key, value, expiresAtMs);
    return { from: 'load', value, ageMs: 0, expiresAtMs };
  }
}

interface RemoteOwner {
  readonly owner: Member;
  readonly transport: PeerTransport;
}

/** Whether the owner did answer, with a failure of its loader or of its limits: then asking elsewhere is no help. */
function isOwnersOwn(error: unknown): boolean {
  return error instanceof LoadError || error instanceof OverloadedError || error instanceof InvalidValueError;
}
