// GroupPeer: what one group does when a peer asks. It answers from the store or the loader, never from a peer.

import type { ByteView } from './byte-view.ts';
import { HgCacheError, LoadError, messageOf } from './errors.ts';
import type { GroupLoad, GroupParts } from './group-load.ts';
import { validateKey } from './key.ts';
import type { PeerOutcome, PeerValue } from './peers/peer-transport.ts';

/** The side of a group that faces its peers; see `PeerHandler` for what each method promises. */
export class GroupPeer<V> {
  readonly #parts: GroupParts<V>;
  readonly #load: GroupLoad<V>;

  constructor(parts: GroupParts<V>, load: GroupLoad<V>) {
    this.#parts = parts;
    this.#load = load;
  }

  async get(key: string, signal?: AbortSignal): Promise<PeerValue | undefined> {
    validateKey(key);
    const { name, store, counters, node } = this.#parts;
    counters.peerRequests++;
    node.hooks.onPeerRequest?.({ group: name, key });
    const stored = store.get(key);
    if (stored !== undefined) {
      counters.peerRequestHits++;
      node.hooks.onHit?.({ group: name, key });
      const { value, storedAtMs, expiresAtMs } = stored;
      return { value, expiresAtMs, ageMs: node.clock.now() - storedAtMs };
    }
    const { value, expiresAtMs, ageMs } = await this.#load.load(key, signal);
    return value === undefined ? undefined : { value, expiresAtMs, ageMs };
  }

  getMany(keys: readonly string[], signal?: AbortSignal): Promise<PeerOutcome[]> {
    return Promise.all(keys.map((key) => this.#outcomeOf(key, signal)));
  }

  set(key: string, value: ByteView, expiresAtMs: number): void {
    validateKey(key);
    const { store, node, options } = this.#parts;
    this.#load.fence(key);
    this.#parts.hot.remove(key);
    const leftMs = expiresAtMs - node.clock.now();
    const isOver = expiresAtMs !== 0 && leftMs <= 0;
    if (isOver || value.length > options.maxValueBytes) store.remove(key);
    else store.set(key, value, this.#load.expiryOf(key, expiresAtMs === 0 ? undefined : leftMs));
  }

  remove(keys: readonly string[]): void {
    for (const key of keys) validateKey(key);
    for (const key of keys) this.drop(key);
  }

  /** Drops a key here, and keeps flights under way from bringing it back. */
  drop(key: string): void {
    this.#load.fence(key);
    this.#parts.hot.remove(key);
    this.#parts.store.remove(key);
  }

  clear(): void {
    this.#load.fenceAll();
    this.#parts.hot.clear();
    this.#parts.store.clear();
  }

  async #outcomeOf(key: string, signal: AbortSignal | undefined): Promise<PeerOutcome> {
    try {
      const value = await this.get(key, signal);
      return value === undefined ? {} : { value };
    } catch (error) {
      if (error instanceof HgCacheError) return { error };
      return { error: new LoadError('load_failed', messageOf(error), { cause: error }) };
    }
  }
}
