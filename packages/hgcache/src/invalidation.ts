// Invalidation: a set, remove or clear that no older load gets past, at this node and at its peers.

import type { ByteView } from './byte-view.ts';
import { InvalidationError } from './errors.ts';
import type { GroupParts } from './group-load.ts';
import type { GroupPeer } from './group-peer.ts';
import { INVALIDATION_TIMEOUT_MS, InvalidationRetries } from './invalidation-retries.ts';
import type { Member } from './member.ts';
import type { NodeContext } from './node-context.ts';
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
    const { name } = this.#parts;
    this.#here.remove(keys);
    const broadcast = this.#broadcast();
    const keysOf = this.#keysByOwner(keys);
    const tellOf =
      (keysFor: (peer: Member) => readonly string[]): Tell =>
      (peer, transport, call) => {
        const untold = keysFor(peer);
        return untold.length === 0
          ? undefined
          : { untold, tell: () => transport.remove(peer, name, untold, call) };
      };
    await broadcast.round(tellOf((peer) => keysOf.get(peer.id) ?? []));
    this.#here.remove(keys);
    await broadcast.round(
      tellOf((peer) => {
        const own = new Set(keysOf.get(peer.id));
        return own.size === 0 ? keys : keys.filter((key) => !own.has(key));
      }),
    );
    await broadcast.finish(tellOf(() => keys));
  }

  /** Puts a value where its owner keeps it, and drops it everywhere else. `expiresAtMs` 0 is never. */
  async set(key: string, value: ByteView, expiresAtMs: number): Promise<void> {
    const { name, node } = this.#parts;
    const owner = node.ownerOf(key);
    const isOwner = owner.id === node.self.id;
    const untold = [key];
    const broadcast = this.#broadcast();
    if (isOwner) this.#here.set(key, value, expiresAtMs);
    else this.#here.drop(key);
    // Where it could not be set it is dropped later, not set: a later set by someone else must not be undone.
    await broadcast.round((peer, transport, call) => {
      if (peer.id !== owner.id) return undefined;
      return { untold, tell: () => transport.set(peer, name, key, value, expiresAtMs, call) };
    });
    if (!isOwner) this.#here.drop(key);
    const drop: Tell = (peer, transport, call) => {
      if (peer.id === owner.id) return undefined;
      return { untold, tell: () => transport.remove(peer, name, untold, call) };
    };
    await broadcast.round(drop);
    await broadcast.finish(drop);
  }

  /** Drops everything everywhere. Every node owns some keys, so the second round plays the part of step 3. */
  async clear(): Promise<void> {
    const broadcast = this.#broadcast();
    const clear: Tell = (peer, transport, call) => ({
      untold: 'all',
      tell: () => transport.clear(peer, this.#parts.name, call),
    });
    for (let round = 1; round <= 2; round++) {
      this.#here.clear();
      await broadcast.round(clear);
    }
    await broadcast.finish(clear);
  }

  #broadcast(): Broadcast {
    return new Broadcast(this.#parts.name, this.#parts.node, this.#retries);
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
  readonly tell: () => Promise<void>;
}

/** What a round has for one peer, if anything. */
type Tell = (peer: Member, transport: PeerTransport, call: PeerCallOptions) => Telling | undefined;

/** One invalidation on its way to the peers, in rounds; a peer that failed is handed to the retries. */
class Broadcast {
  readonly #group: string;
  readonly #node: NodeContext;
  readonly #retries: InvalidationRetries;
  #peers: readonly Member[];
  readonly #failed = new Map<string, unknown>();

  constructor(group: string, node: NodeContext, retries: InvalidationRetries) {
    this.#group = group;
    this.#node = node;
    this.#retries = retries;
    this.#peers = node.peers();
  }

  /** Tells every peer at the same time, and waits until each has answered or failed. */
  async round(tellOf: Tell): Promise<void> {
    await this.#tell(this.#peers, tellOf);
  }

  /** Tells those who have joined meanwhile, and rejects when anyone could not be told. */
  async finish(tellOf: Tell): Promise<void> {
    for (;;) {
      const known = new Set(this.#peers.map((peer) => peer.id));
      this.#peers = this.#node.peers();
      const joined = this.#peers.filter((peer) => !known.has(peer.id));
      if (joined.length === 0) break;
      await this.#tell(joined, tellOf);
    }
    if (this.#failed.size === 0) return;
    const [cause] = this.#failed.values();
    throw new InvalidationError([...this.#failed.keys()], { cause });
  }

  async #tell(peers: readonly Member[], tellOf: Tell): Promise<void> {
    const { transport, hooks } = this.#node;
    if (transport === undefined) return;
    const call = { timeoutMs: INVALIDATION_TIMEOUT_MS };
    await Promise.all(
      peers.map(async (peer) => {
        const telling = tellOf(peer, transport, call);
        if (telling === undefined) return;
        try {
          await telling.tell();
        } catch (error) {
          this.#failed.set(peer.id, error);
          this.#retries.add(peer, telling.untold);
          hooks.onPeerFailed?.({ group: this.#group, peer: peer.id, error });
        }
      }),
    );
  }
}
