// Group: a named key space with its loader, budget and rules; what applications get, set and remove values with.

import type { ByteView } from './byte-view.ts';
import { type CallOptions, type GetOptions, type GetStatus, withinLimits } from './caller.ts';
import { InvalidKeyError, InvalidValueError, PartialError, StoppedError } from './errors.ts';
import type { GroupLoad, GroupParts, Loaded } from './group-load.ts';
import type { GroupCounters, GroupStats } from './group-stats.ts';
import type { Kept } from './group-values.ts';
import type { Hooks } from './hooks.ts';
import type { Invalidation } from './invalidation.ts';
import { validateKey } from './key.ts';
import type { Member } from './member.ts';
import type { NodeContext } from './node-context.ts';
import { integerOption } from './options.ts';
import type { HotStore } from './store/hot-store.ts';
import type { Store, StoredValue } from './store/store.ts';

/** The most keys that one `getMany` or `removeMany` takes. */
export const MAX_KEYS_PER_CALL = 10_000;

const NO_LIMITS: GetOptions = {};

// Of so many hits, the main store is told of one that was in the hot store.
const HITS_PER_USE = 61;

/**
 * A named key space of a node, made by `HgCache.group`. A value that is not found is `undefined`, not an error.
 * A key that is empty or longer than 1,024 bytes rejects with `InvalidKeyError`, and every method but
 * `getIfPresent` and `stats` rejects with `StoppedError` once the node has been stopped.
 */
export class Group<V> {
  readonly name: string;
  readonly #parts: GroupParts<V>;
  // Beside the parts, to be reached in one step on the way of a hit.
  readonly #store: Store;
  readonly #hot: HotStore<Kept<V>>;
  readonly #isShared: boolean;
  readonly #node: NodeContext;
  readonly #counters: GroupCounters;
  readonly #onHit: Hooks['onHit'];
  readonly #load: GroupLoad<V>;
  readonly #invalidation: Invalidation<V>;

  /** @internal Groups are made by `HgCache.group`. */
  constructor(parts: GroupParts<V>, load: GroupLoad<V>, invalidation: Invalidation<V>) {
    this.name = parts.name;
    this.#parts = parts;
    this.#store = parts.store;
    this.#hot = parts.hot;
    this.#isShared = parts.values.isShared;
    this.#node = parts.node;
    this.#counters = parts.counters;
    this.#onHit = parts.node.hooks.onHit;
    this.#load = load;
    this.#invalidation = invalidation;
  }

  /**
   * The value of a key: from this node's store, from the owner, or from the loader; `undefined` when the origin has
   * none. Callers who want the same key at the same time share one load.
   *
   * Rejects with `LoadError` when the loader failed, `OverloadedError` when too many loads wait, `DeadlineError` or
   * the signal's reason when this caller's limits are over, and `InvalidValueError` when the codec fails.
   */
  get(key: string, options: GetOptions = NO_LIMITS): Promise<V | undefined> {
    // What is popular and shared is at hand without the machinery of an async function, and cannot fail.
    if (this.#isShared && options === NO_LIMITS && !this.#node.isStopped) {
      const place = this.#hot.find(key);
      if (place >= 0) return Promise.resolve(this.#hotHit(key, place, undefined));
    }
    return this.#get(key, options);
  }

  async #get(key: string, options: GetOptions): Promise<V | undefined> {
    const { node, counters } = this.#parts;
    this.#assertRunning();
    options.signal?.throwIfAborted();
    const place = this.#hot.find(key);
    if (place >= 0) return this.#hotHit(key, place, options.status);
    validateKey(key);
    const stored = this.#store.get(key);
    if (stored !== undefined) return this.#hit(key, stored, options.status);
    counters.gets++;
    const loaded = await withinLimits(options, node.clock, (signal) => this.#load.get(key, signal));
    if (options.status !== undefined) this.#noteLoaded(options.status, key, loaded);
    return loaded.value === undefined ? undefined : this.#decode(key, loaded.value);
  }

  /**
   * The values of many keys, at most 10,000, with one request to each owner. Keys that the origin does not have are
   * left out. Rejects with `PartialError`, which holds what was found, when some of the keys failed.
   */
  async getMany(keys: readonly string[], options: CallOptions = NO_LIMITS): Promise<Map<string, V>> {
    const wanted = this.#distinct(keys);
    const { counters, node } = this.#parts;
    options.signal?.throwIfAborted();
    const found = new Found<V>();
    const missing: string[] = [];
    for (const key of wanted) {
      const place = this.#hot.find(key);
      const stored = place < 0 ? this.#store.get(key) : undefined;
      if (place >= 0) found.note(key, () => this.#hotHit(key, place, undefined));
      else if (stored !== undefined) found.note(key, () => this.#hit(key, stored, undefined));
      else missing.push(key);
    }
    counters.gets += missing.length;
    if (missing.length > 0) {
      const settled = await withinLimits(options, node.clock, async (signal) => {
        const results = await Promise.allSettled(this.#load.getMany(missing, signal));
        signal?.throwIfAborted();
        return results;
      });
      for (const [index, result] of settled.entries()) {
        const key = missing[index] as string;
        found.note(key, () => this.#valueOf(key, result));
      }
    }
    return found.take();
  }

  /** The value of a key if this node has it, at once and without asking anyone. */
  getIfPresent(key: string): V | undefined {
    const place = this.#hot.find(key);
    if (place >= 0) return this.#hotHit(key, place, undefined);
    validateKey(key);
    const stored = this.#store.get(key);
    if (stored !== undefined) return this.#hit(key, stored, undefined);
    this.#parts.counters.gets++;
    return undefined;
  }

  /**
   * Puts a value at its owner, in place of what every node has. When it has resolved, no get that starts afterwards,
   * on any node, returns an older value. `ttlMs` overrides the group's.
   *
   * Rejects with `InvalidValueError` when the codec cannot encode the value or it is larger than the group may keep,
   * and with `InvalidationError` when peers could not be told.
   */
  async set(key: string, value: V, options: { readonly ttlMs?: number | undefined } = {}): Promise<void> {
    this.#assertUsable(key);
    const { loader, node, options: group } = this.#parts;
    const bytes = loader.encode(key, value);
    this.#assertFits(key, bytes);
    const ttlMs =
      options.ttlMs === undefined
        ? group.ttlMs
        : integerOption('ttlMs', options.ttlMs, { default: 0, min: 1 });
    await this.#invalidation.set(key, bytes, ttlMs === undefined ? 0 : node.clock.now() + ttlMs);
  }

  /**
   * Drops a key everywhere. When it has resolved, no get that starts afterwards, on any node, returns a value whose
   * load began before it. Rejects with `InvalidationError` when peers could not be told; the local copy is gone all
   * the same, and the peers are told again until they answer or leave.
   */
  async remove(key: string): Promise<void> {
    this.#assertUsable(key);
    await this.#invalidation.remove([key]);
  }

  /** {@link remove} for many keys, at most 10,000, with at most two requests to each peer. */
  async removeMany(keys: readonly string[]): Promise<void> {
    await this.#invalidation.remove(this.#distinct(keys));
  }

  /** {@link remove} for every key of the group. */
  async clear(): Promise<void> {
    this.#assertRunning();
    await this.#invalidation.clear();
  }

  /** The member that owns a key, as this node sees the cluster now. */
  ownerOf(key: string): Member {
    validateKey(key);
    return this.#parts.node.ownerOf(key);
  }

  /** What this group has counted at this node. */
  stats(): GroupStats {
    const { counters, store, hot, options } = this.#parts;
    const usage = store.usage();
    const bytes = usage.bytes + hot.bytes;
    return { ...counters, ...usage, bytes, maxBytes: options.maxBytes, hotEntries: hot.size };
  }

  #hotHit(key: string, place: number, status: GetStatus | undefined): V {
    const hot = this.#hot;
    const kept = hot.keptAt(place);
    this.#countHit(key);
    // The main store must not take what is popular for forgotten.
    if (this.#counters.hits % HITS_PER_USE === 0) this.#store.find(key);
    if (status !== undefined) this.#noteHit(status, key, hot.storedAtMs(place), hot.expiresAtMs(place));
    return this.#isShared ? (kept as V) : this.#parts.values.handOut(key, kept);
  }

  #hit(key: string, stored: StoredValue, status: GetStatus | undefined): V {
    const { value, storedAtMs, expiresAtMs } = stored;
    this.#countHit(key);
    if (status !== undefined) this.#noteHit(status, key, storedAtMs, expiresAtMs);
    const decoded = this.#decode(key, value);
    this.#hot.offer(key, { bytes: value, storedAtMs, expiresAtMs });
    return decoded;
  }

  #countHit(key: string): void {
    const counters = this.#counters;
    counters.gets++;
    counters.hits++;
    if (this.#onHit !== undefined) this.#onHit({ group: this.name, key });
  }

  #noteHit(status: GetStatus, key: string, storedAtMs: number, expiresAtMs: number): void {
    const { node } = this.#parts;
    status.outcome = 'hit';
    status.owner = node.ownerOf(key).id;
    status.ageMs = node.clock.now() - storedAtMs;
    status.expiresAtMs = expiresAtMs;
  }

  #noteLoaded(status: GetStatus, key: string, { from, ageMs, expiresAtMs }: Loaded): void {
    status.outcome = from;
    status.owner = this.#parts.node.ownerOf(key).id;
    status.ageMs = ageMs;
    status.expiresAtMs = expiresAtMs;
  }

  #valueOf(key: string, result: PromiseSettledResult<Loaded>): V | undefined {
    if (result.status === 'rejected') throw result.reason;
    return result.value.value === undefined ? undefined : this.#decode(key, result.value.value);
  }

  #decode(key: string, value: ByteView): V {
    try {
      return this.#parts.values.decode(key, value);
    } catch (error) {
      // What cannot be read must not stay: the next get loads it anew.
      this.#store.remove(key);
      throw error;
    }
  }

  #assertUsable(key: string): void {
    validateKey(key);
    this.#assertRunning();
  }

  #assertRunning(): void {
    if (this.#node.isStopped) throw new StoppedError();
  }

  #assertFits(key: string, bytes: ByteView): void {
    const { options, store } = this.#parts;
    const of = `value of ${JSON.stringify(key)} in group ${JSON.stringify(this.name)}`;
    if (bytes.length > options.maxValueBytes) {
      throw new InvalidValueError(
        `${of}: ${bytes.length} bytes, and maxValueBytes is ${options.maxValueBytes}`,
      );
    }
    if (!store.fits(key, bytes)) {
      throw new InvalidValueError(
        `${of}: ${bytes.length} bytes do not fit into a budget of ${options.maxBytes}`,
      );
    }
  }

  #distinct(keys: readonly string[]): string[] {
    this.#assertRunning();
    if (!Array.isArray(keys)) throw new InvalidKeyError(`keys must be an array, not ${typeof keys}`);
    if (keys.length > MAX_KEYS_PER_CALL) {
      throw new InvalidKeyError(`at most ${MAX_KEYS_PER_CALL} keys at a time; these are ${keys.length}`);
    }
    for (const key of keys) validateKey(key);
    return [...new Set(keys)];
  }
}

/** What a getMany has found so far, and what failed. */
class Found<V> {
  readonly #values = new Map<string, V>();
  readonly #errors = new Map<string, unknown>();

  note(key: string, read: () => V | undefined): void {
    try {
      const value = read();
      if (value !== undefined) this.#values.set(key, value);
    } catch (error) {
      this.#errors.set(key, error);
    }
  }

  take(): Map<string, V> {
    if (this.#errors.size > 0) throw new PartialError(this.#values, this.#errors);
    return this.#values;
  }
}
