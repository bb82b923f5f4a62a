// A cluster in one process: nodes on a memory network that see the members a test tells them.

import type { Discovery, OnMembers } from '../discovery/discovery.ts';
import { HgCache, type HgCacheOptions } from '../hgcache.ts';
import type { Member } from '../member.ts';
import { createMemoryNetwork, type MemoryNetwork } from './memory-transport.ts';

/** Nodes that were started on one network. */
export interface MemoryCluster {
  readonly network: MemoryNetwork;
  /** The nodes in the order of their ids. */
  readonly nodes: readonly HgCache[];
  /** Tells one node, or all, that these are the members; resolves when that is in force. */
  setMembers(ids: readonly string[], at?: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a node for each id; all of them are members. `define` defines the groups of a node before it starts, and
 * may give it further options.
 */
export async function startMemoryCluster(
  ids: readonly string[],
  define: (node: HgCache) => void,
  options: Omit<HgCacheOptions, 'self' | 'transport' | 'discovery'> = {},
): Promise<MemoryCluster> {
  const network = createMemoryNetwork(options.clock);
  const watchers = new Map<string, OnMembers>();
  const nodes = ids.map((id) => {
    const discovery = createToldDiscovery(ids, (onMembers) => watchers.set(id, onMembers));
    return new HgCache({ ...options, self: id, transport: network.createTransport(), discovery });
  });
  for (const node of nodes) define(node);
  await Promise.all(nodes.map((node) => node.start()));
  return {
    network,
    nodes,
    setMembers: async (members, at) => {
      for (const [id, onMembers] of watchers)
        if (at === undefined || at === id) onMembers(asMembers(members));
      const isInForce = (): boolean =>
        nodes
          .filter((node) => at === undefined || node.self.id === at)
          .every((node) => sameIds(node.members, members));
      while (!isInForce()) await new Promise((resolve) => setImmediate(resolve));
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

function createToldDiscovery(ids: readonly string[], onStart: (onMembers: OnMembers) => void): Discovery {
  return {
    name: 'told',
    start: async (_self, onMembers) => {
      onStart(onMembers);
      onMembers(asMembers(ids));
    },
    stop: async () => {},
  };
}

function asMembers(ids: readonly string[]): Member[] {
  return ids.map((id) => ({ id }));
}

function sameIds(members: readonly Member[], ids: readonly string[]): boolean {
  return members.map((member) => member.id).join('\n') === [...ids].sort().join('\n');
}
