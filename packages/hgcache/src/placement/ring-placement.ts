// The rings of the Go family as placements, for living in one cluster with them.

import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import { ConfigError } from '../errors.ts';
import type { Member } from '../member.ts';
import { integerOption, rejectUnknownOptions } from '../options.ts';
import { crc32 } from './crc32.ts';
import { fnv1 } from './fnv1.ts';
import { LoopTurns } from './loop-turns.ts';
import { orderByHash } from './order-by-hash.ts';
import type { Placement, PlacementTable } from './placement.ts';
import { sortMembers } from './sort-members.ts';

/** Whose ring it is: golang/groupcache's, that of HgCache in Go, or mailgun/groupcache's and groupcache-go's. */
export type RingPreset = 'groupcache' | 'hgcache' | 'groupcache-go';

/** How the other programs of the cluster have been set up. */
export interface RingOptions {
  /** Virtual nodes per member, 1 to 10,000; by default as many as the Go program has by default. */
  readonly replicas?: number;
}

const MAX_REPLICAS = 10_000;
// 64 MiB of hashes and their members.
const MAX_VIRTUAL_NODES = 2 ** 22;

/** Puts the two words of the hash into `into`, the more significant one first. */
type RingHash = (text: string, into: Uint32Array) => void;

interface Ring {
  readonly replicas: number;
  readonly hashKey: RingHash;
  readonly hashVirtualNode: RingHash;
}

// Its 32 bits stand in the more significant word, and the other one is always 0.
const hashCrc32: RingHash = (text, into) => {
  into[0] = crc32(text);
};

const RINGS: Readonly<Record<RingPreset, Ring>> = {
  groupcache: { replicas: 50, hashKey: hashCrc32, hashVirtualNode: hashCrc32 },
  hgcache: { replicas: 100, hashKey: hashCrc32, hashVirtualNode: hashCrc32 },
  'groupcache-go': {
    replicas: 50,
    hashKey: fnv1,
    hashVirtualNode: (name, into) => fnv1(hash('md5', name, 'hex'), into),
  },
};

/**
 * Consistent hashing as the Go family does it: each member stands on a ring as so many virtual nodes, and a key
 * belongs to the first one at or after its own hash. Weights have no effect. Mind the balance: the busiest of 100
 * members has up to three times the mean, so take a ring only to share a cluster with such programs.
 *
 * When two virtual nodes have one hash, the member added last wins, as in the Go programs. There, and only there,
 * the order in which `place` is given the members counts, and it must be the same on every node.
 *
 * Throws `ConfigError` for an unknown preset or option. `place` rejects with it for a duplicate id, and for more
 * than 4,194,304 virtual nodes.
 */
export function createRingPlacement(preset: RingPreset, options: RingOptions = {}): Placement {
  const ring = Object.hasOwn(RINGS, preset) ? RINGS[preset] : undefined;
  if (ring === undefined) {
    throw new ConfigError(`no ring preset ${inspect(preset)}; there are ${Object.keys(RINGS).join(', ')}`);
  }
  rejectUnknownOptions(`ring ${preset}`, options, ['replicas']);
  const limits = { default: ring.replicas, min: 1, max: MAX_REPLICAS };
  const replicas = integerOption('replicas', options.replicas, limits);
  return { name: preset, place: (members) => place(members, ring, replicas) };
}

async function place(given: readonly Member[], ring: Ring, replicas: number): Promise<PlacementTable> {
  const turns = new LoopTurns();
  const members = sortMembers(given);
  const size = members.length * replicas;
  if (size > MAX_VIRTUAL_NODES) {
    throw new ConfigError(`${members.length} members of ${replicas} replicas exceed ${MAX_VIRTUAL_NODES}`);
  }
  const added = await hashVirtualNodes(members, given, ring, replicas, turns);
  const wheel = await sortWheel(added, turns);
  const words = new Uint32Array(2);
  return {
    members,
    ownerOf: (key) => {
      ring.hashKey(key, words);
      return members[wheel.owners[findFirst(wheel, words[0] as number, words[1] as number)] as number];
    },
  };
}

/** Virtual nodes, one per place: the words of its hash, and the index of its member. */
interface Wheel {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly owners: Uint32Array;
}

function createWheel(size: number): Wheel {
  return { high: new Uint32Array(size), low: new Uint32Array(size), owners: new Uint32Array(size) };
}

/** The virtual nodes, the last added first, so that a sort that keeps equals in order puts the winner in front. */
async function hashVirtualNodes(
  members: readonly Member[],
  given: readonly Member[],
  ring: Ring,
  replicas: number,
  turns: LoopTurns,
): Promise<Wheel> {
  const indexes = new Map(members.map(({ id }, index) => [id, index]));
  const added = given.map(({ id }) => ({ id, index: indexes.get(id) as number })).reverse();
  const wheel = createWheel(added.length * replicas);
  const words = new Uint32Array(2);
  let at = 0;
  for (const { id, index } of added) {
    for (let replica = 0; replica < replicas; replica++) {
      ring.hashVirtualNode(`${replica}${id}`, words);
      wheel.high[at] = words[0] as number;
      wheel.low[at] = words[1] as number;
      wheel.owners[at] = index;
      at++;
      if (at % 64 === 0 && turns.isOver()) await turns.next();
    }
  }
  return wheel;
}

async function sortWheel(added: Wheel, turns: LoopTurns): Promise<Wheel> {
  const order = await orderByHash([added.low, added.high], turns);
  const wheel = createWheel(order.length);
  await turns.split(order.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const place = order[at] as number;
      wheel.high[at] = added.high[place] as number;
      wheel.low[at] = added.low[place] as number;
      wheel.owners[at] = added.owners[place] as number;
    }
  });
  return wheel;
}

/** The place of the first virtual node at or after the hash, which is the very first one when there is none. */
function findFirst({ high, low }: Wheel, keyHigh: number, keyLow: number): number {
  let from = 0;
  let to = high.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const nodeHigh = high[middle] as number;
    if (nodeHigh < keyHigh || (nodeHigh === keyHigh && (low[middle] as number) < keyLow)) from = middle + 1;
    else to = middle;
  }
  return from === high.length ? 0 : from;
}
