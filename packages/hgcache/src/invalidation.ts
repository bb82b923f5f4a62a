// Invalidation: a set, remove or clear that no older load gets past, at this node and at its peers.

import type { ByteView } from './byte-view.ts';
import { InvalidationError } from './errors.ts';
import type { GroupParts } from './group-load.ts';
import type { GroupPeer } from './group-peer.ts';
import { INVALIDATION_TIMEOUT_MS, InvalidationRetries } from './invalidation-retries.ts';
import type { Member } from './member.ts';
import type { PeerCallOptions, PeerTransport } from './peers/peer-transport.ts';

/**
 * Broadcasts what one group invalidates. The order makes it a fence:
 *
 * 1. The local copy goes, and flights under way here may not bring it back.
 * 2. The key's owner does the same. From now on, whoever asks the owner gets a value loaded after this point.
 * 3. Everyone else, and this node again, does the same: what they fetched from the owner before step 2 is dropped,
 *    and fetches that began before step 2 are no longer joined. Were they told before the owner, they could fetch
 *    the old value once more.
 *
 * A peer that cannot be told is told later, and the caller learns of it by an `InvalidationError`.
 */
export class Invalidation<V> {
  readonly #parts: GroupParts<V>;
  readonly #here: GroupPeer<V>;
  readonly #retries: InvalidationRetries;

  constructor(parts: GroupParts<V>, here: GroupPeer<V>) {
    this.#parts = parts;
    this.#here = here;
    this.#retries = new InvalidationRetries(parts.name, parts.node);
  }

  /** Drops keys everywhere. */
  async remove(keys: readonly string[]): Promise<void> {
    this.#here.remove(keys);
    const broadcast = this.#broadcast();
    const keysOf = this.#keysByOwner(keys);
    await broadcast.each((peer, transport, call) => {
      const own = keysOf.get(peer.id);
      return own && { untold: own, told: transport.remove(peer, this.#parts.name, own, call) };
    });
    this.#here.remove(keys);
    await broadcast.each((peer, transport, call) => {
      const own = new Set(keysOf.get(peer.id));
      const others = keys.filter((key) => !own.has(key));
      return others.length === 0
        ? undefined
        : { untold: others, told: transport.remove(peer, this.#parts.name, others, call) };
    });
    broadcast.throwIfIncomplete();
  }

  /** Puts a value where its owner keeps it, and drops it everywhere else. `expiresAtMs` 0 is never. */
  async set(key: string, value: ByteView, expiresAtMs: number): Promise<void> {
    const { name, node } = this.#parts;
    const owner = node.ownerOf(key);
    const isOwner = owner.id === node.self.id;
    const broadcast = this.#broadcast();
    if (isOwner) this.#here.set(key, value, expiresAtMs);
    else this.#here.drop(key);
    // Where it could not be set it is dropped later, not set: a later set by someone else must not be undone.
    await broadcast.each((peer, transport, call) =>
      peer.id === owner.id
        ? { untold: [key], told: transport.set(peer, name, key, value, expiresAtMs, call) }
        : undefined,
    );
    if (!isOwner) this.#here.drop(key);
    await broadcast.each((peer, transport, call) =>
      peer.id === owner.id ? undefined : { untold: [key], told: transport.remove(peer, name, [key], call) },
    );
    broadcast.throwIfIncomplete();
  }

  /** Drops everything everywhere. Every node owns some keys, so the second round plays the part of step 3. */
  async clear(): Promise<void> {
    const broadcast = this.#broadcast();
    for (let round = 1; round <= 2; round++) {
      this.#here.clear();
      await broadcast.each((peer, transport, call) => ({
        untold: 'all',
        told: transport.clear(peer, this.#parts.name, call),
      }));
    }
    broadcast.throwIfIncomplete();
  }

  #broadcast(): Broadcast {
    const { node, name } = this.#parts;
    return new Broadcast(node.transport, node.peers(), this.#retries, (peer, error) => {
      node.hooks.onPeerFailed?.({ group: name, peer, error });
    });
  }

  #keysByOwner(keys: readonly string[]): Map<string, string[]> {
    const keysOf = new Map<string, string[]>();
    for (const key of keys) {
      const owner = this.#parts.node.ownerOf(key).id;
      const own = keysOf.get(owner);
      if (own === undefined) keysOf.set(owner, [key]);
      else own.push(key);
    }
    return keysOf;
  }
}

interface Telling {
  /** What to tell later should this fail. */
  readonly untold: readonly string[] | 'all';
  readonly told: Promise<void>;
}

/** One invalidation on its way to the peers, in rounds; a peer that failed is handed to the retries. */
class Broadcast {
  readonly #transport: PeerTransport | undefined;
  readonly #peers: readonly Member[];
  readonly #retries: InvalidationRetries;
  readonly #onFailed: (peer: string, error: unknown) => void;
  readonly #failed = new Map<string, unknown>();

  constructor(
    transport: PeerTransport | undefined,
    peers: readonly Member[],
    retries: InvalidationRetries,
    onFailed: (peer: string, error: unknown) => void,
  ) {
    this.#transport = transport;
    this.#peers = peers;
    this.#retries = retries;
    this.#onFailed = onFailed;
  }

  /** Tells every peer at the same time, and waits until each has answered or failed. */
  async each(
    tell: (peer: Member, transport: PeerTransport, call: PeerCallOptions) => Telling | undefined,
  ): Promise<void> {
    const transport = this.#transport;
    if (transport === undefined) return;
    const call = { timeoutMs: INVALIDATION_TIMEOUT_MS };
    await Promise.all(
      this.#peers.map(async (peer) => {
        const telling = tell(peer, transport, call);
        if (telling === undefined) return;
        try {
          await telling.told;
        } catch (error) {
          this.#failed.set(peer.id, error);
          this.#retries.add(peer, telling.untold);
          this.#onFailed(peer.id, error);
        }
      }),
    );
  }

  throwIfIncomplete(): void {
    if (this.#failed.size === 0) return;
    const [cause] = this.#failed.values();
    throw new InvalidationError([...this.#failed.keys()], { cause });
  }
}
