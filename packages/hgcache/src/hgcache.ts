// HgCache: one node. It wires placement, discovery, transport and groups together, and starts and stops them.

import { type Clock, LONGEST_TIMER_MS, systemClock } from './clock.ts';
import type { Discovery } from './discovery/discovery.ts';
import { ConfigError, StoppedError, UnknownGroupError } from './errors.ts';
import { Group } from './group.ts';
import { GroupLoad, type GroupParts } from './group-load.ts';
import { GroupLoader } from './group-loader.ts';
import { type CompleteGroupOptions, completeGroupOptions, type GroupOptions } from './group-options.ts';
import { GroupPeer } from './group-peer.ts';
import { GroupCounters } from './group-stats.ts';
import { GroupValues } from './group-values.ts';
import { callQuietly, type Hooks, quietHooks } from './hooks.ts';
import { Invalidation } from './invalidation.ts';
import { validateKey } from './key.ts';
import type { Member } from './member.ts';
import { checkMember } from './member-list.ts';
import { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import { integerOption, rejectUnknownOptions } from './options.ts';
import type { PeerHandler, PeerTransport } from './peers/peer-transport.ts';
import { createBalancedPlacement } from './placement/balanced-placement.ts';
import type { Placement } from './placement/placement.ts';
import { type Random, systemRandom } from './random.ts';
import { ByteStore } from './store/byte-store.ts';
import { HotStore } from './store/hot-store.ts';
import type { OnStoreEvicted } from './store/store.ts';

/** What a node is made of. Without a transport and a discovery it is a cluster of its own. */
export interface HgCacheOptions {
  /** This node, as discovery announces it: its id, or a whole member. `local` by default. */
  readonly self?: string | Member | undefined;
  /** How peers talk, e.g. `createHttpTransport()`. One instance serves one node. */
  readonly transport?: PeerTransport | undefined;
  /** Who the peers are, e.g. `createStaticDiscovery([...])`. One instance serves one node. */
  readonly discovery?: Discovery | undefined;
  /** Who owns which key: `createBalancedPlacement()` by default. Every node must use the same. */
  readonly placement?: Placement | undefined;
  /** Told what happens, for logs and metrics. */
  readonly hooks?: Hooks | undefined;
  /** How long `stop` waits for requests under way, in ms; 10,000 by default. */
  readonly stopTimeoutMs?: number | undefined;
  /** The clock; another one than the machine's only in tests. */
  readonly clock?: Clock | undefined;
  /** The source of chance; another one than the machine's only in tests. */
  readonly random?: Random | undefined;
}

const OPTION_NAMES: readonly (keyof HgCacheOptions)[] = [
  'self',
  'transport',
  'discovery',
  'placement',
  'hooks',
  'stopTimeoutMs',
  'clock',
  'random',
];

/**
 * One node of a distributed read-through cache.
 *
 * ```ts
 * const cache = new HgCache({ self, transport: createHttpTransport(), discovery: createStaticDiscovery(nodes) });
 * const users = cache.group('users', { maxBytes: 64 * 1024 * 1024, load: (id) => database.findUser(id) });
 * await cache.start();
 * const user = await users.get('42');
 * ```
 *
 * The constructor throws `ConfigError` for options that are missing, unknown or out of range.
 */
export class HgCache {
  /** This node as its peers see it. */
  readonly self: Member;
  readonly #options: HgCacheOptions;
  readonly #node: NodeContext & { isStopped: boolean };
  readonly #membership: Membership;
  readonly #stopTimeoutMs: number;
  readonly #groups = new Map<string, Group<unknown>>();
  readonly #peerSides = new Map<string, GroupPeer<unknown>>();
  readonly #ends: ((reason: StoppedError) => void)[] = [];
  readonly #stopping = new AbortController();
  #isStopping = false;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: HgCacheOptions = {}) {
    rejectUnknownOptions('HgCache', options, OPTION_NAMES);
    this.self = memberOption(options.self);
    if (options.discovery !== undefined && options.transport === undefined) {
      throw new ConfigError('HgCache: a discovery needs a transport, e.g. createHttpTransport()');
    }
    this.#options = options;
    this.#stopTimeoutMs = integerOption('HgCache: stopTimeoutMs', options.stopTimeoutMs, {
      default: 10_000,
      min: 0,
      max: LONGEST_TIMER_MS,
    });
    const hooks = quietHooks(options.hooks ?? {});
    const membership = new Membership(this.self, options.placement ?? createBalancedPlacement(), hooks);
    this.#membership = membership;
    this.#node = {
      self: this.self,
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      hooks,
      transport: options.transport,
      ownerOf: (key) => membership.ownerOf(key),
      peers: () => membership.peers,
      isStopped: false,
      stopSignal: this.#stopping.signal,
    };
  }

  /** The members of the cluster as this node sees them, sorted by id; before the start, itself alone. */
  get members(): readonly Member[] {
    return this.#membership.members;
  }

  /** The groups of this node by their names. */
  get groups(): ReadonlyMap<string, Group<unknown>> {
    return this.#groups;
  }

  /**
   * Defines a group. Every node must define the same groups, before or after its start; until it has, its peers
   * load the keys that it owns themselves. Throws `ConfigError` for bad options and for a name that is taken.
   */
  group<V>(name: string, options: GroupOptions<V>): Group<V> {
    const complete = completeGroupOptions(name, options);
    if (this.#groups.has(name)) throw new ConfigError(`there is a group ${JSON.stringify(name)} already`);
    const counters = new GroupCounters();
    const values = new GroupValues(name, complete);
    const parts: GroupParts<V> = {
      name,
      options: complete,
      counters,
      node: this.#node,
      values,
      hot: new HotStore({
        maxBytes: complete.hotMaxBytes,
        clock: this.#node.clock,
        keep: (bytes) => values.keep(bytes),
      }),
      loader: new GroupLoader(name, complete, counters, this.#node),
      store: new ByteStore({
        maxBytes: complete.maxBytes - complete.hotMaxBytes,
        eviction: complete.eviction,
        clock: this.#node.clock,
        random: this.#node.random,
        onEvicted: this.#onEvicted(complete),
      }),
    };
    const load = new GroupLoad(parts);
    const peerSide = new GroupPeer(parts, load);
    const group = new Group(parts, load, new Invalidation(parts, peerSide));
    this.#ends.push((reason) => {
      load.abortAll(reason);
      parts.store.close();
      parts.hot.clear();
    });
    this.#groups.set(name, group as Group<unknown>);
    this.#peerSides.set(name, peerSide as GroupPeer<unknown>);
    return group;
  }

  /**
   * Listens for peers, then announces itself to them; resolves when the first complete list of members is in force.
   * Rejects when either fails, or with `StoppedError` when the node is stopped meanwhile, and leaves nothing behind:
   * the node cannot be started again. A second call returns the first one's promise.
   */
  start(): Promise<void> {
    if (this.#started === undefined && this.#isStopping) return Promise.reject(new StoppedError());
    this.#started ??= this.#start();
    return this.#started;
  }

  /**
   * Leaves the cluster in order: withdraws from discovery, finishes what peers have asked for, and ends everything
   * else with `StoppedError`. Each step takes `stopTimeoutMs` at most; what fails on the way goes to the hook
   * `onError`. The loader is not called afterwards.
   */
  stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** The member that owns a key, as this node sees the cluster now. */
  ownerOf(key: string): Member {
    validateKey(key);
    return this.#membership.ownerOf(key);
  }

  async #start(): Promise<void> {
    const { transport, discovery } = this.#options;
    try {
      await transport?.start(this.self, this.#handler());
      this.#assertNotStopping();
      await discovery?.start(this.self, (members) => this.#membership.update(members));
      this.#assertNotStopping();
      await this.#membership.settled();
      this.#assertNotStopping();
    } catch (error) {
      if (!this.#isStopping) {
        this.#isStopping = true;
        this.#stopped = this.#close();
        await this.#stopped;
      }
      throw error;
    }
  }

  #assertNotStopping(): void {
    if (this.#isStopping) throw new StoppedError();
  }

  async #stop(): Promise<void> {
    // A start under way notices that it is to stop, and ends at its next step.
    await this.#inTime('start', async () => {
      await this.#started?.catch(() => {});
    });
    await this.#close();
  }

  async #close(): Promise<void> {
    const { transport, discovery } = this.#options;
    await this.#inTime('discovery.stop', async () => discovery?.stop());
    await this.#inTime('transport.stop', async () => transport?.stop(this.#stopTimeoutMs));
    const reason = new StoppedError();
    this.#node.isStopped = true;
    this.#stopping.abort(reason);
    for (const end of this.#ends) end(reason);
  }

  /** Waits for a step of the stop, but not for ever, and goes on when it fails. */
  async #inTime(where: string, step: () => Promise<void>): Promise<void> {
    const { clock, hooks } = this.#node;
    const { promise, resolve } = Promise.withResolvers<void>();
    // A little longer than what the step itself is given.
    const timer = clock.setTimer(resolve, Math.min(this.#stopTimeoutMs + 1000, LONGEST_TIMER_MS));
    step()
      .catch((error: unknown) => hooks.onError?.({ error, where }))
      .finally(resolve);
    await promise;
    timer.cancel();
  }

  #handler(): PeerHandler {
    const groupOf = (name: string): GroupPeer<unknown> => {
      const group = this.#peerSides.get(name);
      if (group === undefined) throw new UnknownGroupError(name);
      return group;
    };
    return {
      get: async (group, key, signal) => groupOf(group).get(key, signal),
      getMany: async (group, keys, signal) => groupOf(group).getMany(keys, signal),
      set: async (group, key, value, expiresAtMs) => groupOf(group).set(key, value, expiresAtMs),
      remove: async (group, keys) => groupOf(group).remove(keys),
      clear: async (group) => groupOf(group).clear(),
    };
  }

  #onEvicted<V>({ onEvicted, codec }: CompleteGroupOptions<V>): OnStoreEvicted | undefined {
    if (onEvicted === undefined) return undefined;
    // Later, not now: a callback that sets or removes keys must not meet a store in the middle of a change.
    return (key, value, reason) =>
      queueMicrotask(() => {
        const onError = (error: unknown): void => this.#node.hooks.onError?.({ error, where: 'onEvicted' });
        callQuietly(() => onEvicted(key, codec.decode(value), reason), onError);
      });
  }
}

function memberOption(self: string | Member | undefined): Member {
  const member = self === undefined ? { id: 'local' } : typeof self === 'string' ? { id: self } : self;
  checkMember(member, 'HgCache: self');
  return member;
}
