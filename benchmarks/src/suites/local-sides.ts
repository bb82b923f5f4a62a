// The sides of a hit in this process: every way to it, with HgCache, lru-cache and bentocache. Started as a process of
// its own with the names of the side, of the codec, and of what is asked for: `node local-sides.ts hgcache-get json all`.

import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { ByteView, bytesCodec, type Codec, type Group, HgCache, jsonCodec, stringCodec } from 'hgcache';
import { createSeededRandom } from 'hgcache/internal/store';
import { LRUCache } from 'lru-cache';
import { createSide } from '../measure.ts';
import { serveSide } from '../side-process.ts';
import { createZipf, KEY_BYTES, keyTextAt, shuffledIndexes, VALUE_BYTES, writeKey } from '../workload.ts';

/** How the values look, and how HgCache keeps them. */
export type ValueKind = 'bytes' | 'string' | 'json';

/** What is called. */
export type SideKind =
  | 'hgcache-get-if-present'
  | 'hgcache-get'
  | 'hgcache-get-frozen'
  | 'lru-cache-get'
  | 'lru-cache-get-parse'
  | 'lru-cache-fetch'
  | 'bentocache-get';

/** What is asked for, all of which is present. */
export type Demand =
  /** 10,000 keys, one as often as the other. */
  | 'all'
  /** A million keys, by Zipf's law with the exponent 0.99. */
  | 'zipf'
  /** The same with 100,000 keys. */
  | 'zipf-small';

const MIB = 1024 * 1024;
const ZIPF_DRAWS = 2 ** 21;

interface Size {
  readonly keyCount: number;
  readonly maxBytes: number;
  /** Reads before anything is timed: a cache learns from them which keys are popular. */
  readonly firstReads: number;
}

/** How many keys there are, and how much room for them. */
const SIZES: Readonly<Record<Demand, Size>> = {
  all: { keyCount: 10_000, maxBytes: 64 * MIB, firstReads: 50_000 },
  zipf: { keyCount: 1_000_000, maxBytes: 512 * MIB, firstReads: ZIPF_DRAWS },
  'zipf-small': { keyCount: 100_000, maxBytes: 64 * MIB, firstReads: 500_000 },
};

type Run = (operations: number) => unknown;

/** A value of one kind, and a number that can only be had by looking at it. */
interface Sample<V> {
  readonly codec: Codec<V>;
  readonly create: (index: number) => V;
  readonly look: (value: V) => number;
}

interface User {
  readonly id: number;
  readonly name: string;
  readonly score: number;
}

const bytes: Sample<ByteView> = {
  codec: bytesCodec,
  create: (index) => ByteView.from(textOf(index)),
  look: (value) => value.length,
};

const text: Sample<string> = {
  codec: stringCodec,
  create: textOf,
  look: (value) => value.charCodeAt(value.length - 1),
};

const json: Sample<User> = {
  codec: jsonCodec<User>(),
  create: (index) => {
    const user = { id: index, name: '', score: index % 1000 };
    return { ...user, name: 'x'.repeat(VALUE_BYTES - JSON.stringify(user).length) };
  },
  look: (value) => value.score,
};

async function serve(side: SideKind, kind: ValueKind, demand: Demand): Promise<void> {
  const run = await (kind === 'bytes'
    ? createRun(side, bytes, demand)
    : kind === 'string'
      ? createRun(side, text, demand)
      : createRun(side, json, demand));
  await run(SIZES[demand].firstReads);
  await serveSide(createSide(side, run));
}

async function createRun<V extends object | string>(
  side: SideKind,
  sample: Sample<V>,
  demand: Demand,
): Promise<Run> {
  const asked = askedKeys(demand);
  switch (side) {
    case 'hgcache-get-if-present': {
      const group = await filledGroup(sample, demand);
      return runSync(asked, (key) => group.getIfPresent(key) as V, sample.look);
    }
    case 'hgcache-get': {
      const group = await filledGroup(sample, demand);
      return runAsync(asked, (key) => group.get(key) as Promise<V>, sample.look);
    }
    case 'hgcache-get-frozen': {
      const group = await filledGroup(sample, demand, 'frozen');
      return runAsync(asked, (key) => group.get(key) as Promise<V>, sample.look);
    }
    case 'lru-cache-get': {
      const cache = filledLru(sample.create, demand);
      return runSync(asked, (key) => cache.get(key) as V, sample.look);
    }
    case 'lru-cache-get-parse': {
      // What it takes with lru-cache that a caller who changes a value does not change it for everybody.
      const cache = filledLru((index) => JSON.stringify(sample.create(index)), demand);
      return runSync(asked, (key) => JSON.parse(cache.get(key) as string) as V, sample.look);
    }
    case 'lru-cache-fetch': {
      const cache = filledLru(sample.create, demand);
      return runAsync(asked, (key) => cache.fetch(key) as Promise<V>, sample.look);
    }
    case 'bentocache-get': {
      const cache = await filledBento(sample.create, demand);
      return runAsync(asked, (key) => cache.get({ key }) as Promise<V>, sample.look);
    }
  }
}

// Both loops run with one `read` and one `look` in the life of the process, so the compiler can inline them.

function runSync<V>(keys: readonly string[], read: (key: string) => V, look: (value: V) => number): Run {
  const count = keys.length;
  return (operations) => {
    let sum = 0;
    for (let done = 0, at = 0; done < operations; done++, at = at + 1 < count ? at + 1 : 0) {
      sum += look(read(keys[at] as string));
    }
    return sum;
  };
}

function runAsync<V>(
  keys: readonly string[],
  read: (key: string) => Promise<V>,
  look: (value: V) => number,
): Run {
  const count = keys.length;
  return async (operations) => {
    let sum = 0;
    for (let done = 0, at = 0; done < operations; done++, at = at + 1 < count ? at + 1 : 0) {
      sum += look(await read(keys[at] as string));
    }
    return sum;
  };
}

async function filledGroup<V>(
  sample: Sample<V>,
  demand: Demand,
  values: 'fresh' | 'frozen' = 'fresh',
): Promise<Group<V>> {
  const { keyCount, maxBytes } = SIZES[demand];
  const cache = new HgCache();
  const group = cache.group<V>('bench', {
    maxBytes,
    codec: sample.codec,
    values,
    load: (key) => sample.create(indexOf(key)),
  });
  await cache.start();
  for (let index = 0; index < keyCount; index++) {
    // A million loads would take half a minute.
    if (demand === 'all') await group.get(keyOf(index));
    else await group.set(keyOf(index), sample.create(index));
  }
  return group;
}

/** Bounded by bytes as HgCache is; it counts what it is told, once, when a value comes in. */
function filledLru<V extends object | string>(
  create: (index: number) => V,
  demand: Demand,
): LRUCache<string, V> {
  const { keyCount, maxBytes } = SIZES[demand];
  const cache = new LRUCache<string, V>({
    max: 2 * keyCount,
    maxSize: maxBytes,
    sizeCalculation: (_value, key) => key.length + VALUE_BYTES,
    fetchMethod: (key) => create(indexOf(key)),
  });
  for (let index = 0; index < keyCount; index++) cache.set(keyOf(index), create(index));
  return cache;
}

/** With its memory driver as it comes, which keeps values as JSON. */
async function filledBento<V extends object | string>(
  create: (index: number) => V,
  demand: Demand,
): Promise<{ get(options: { readonly key: string }): Promise<unknown> }> {
  const { keyCount } = SIZES[demand];
  const driver = memoryDriver({ maxItems: 2 * keyCount });
  const cache = new BentoCache({
    default: 'memory',
    stores: { memory: bentostore().useL1Layer(driver) },
  });
  for (let index = 0; index < keyCount; index++) {
    await cache.set({ key: keyOf(index), value: create(index), ttl: '1h' });
  }
  return cache;
}

/**
 * The keys in the order in which they are asked for: shuffled, so that memory is not walked in the order of filling,
 * and strings of their own, as a request brings them, so that comparing two of them is not comparing two pointers.
 */
function askedKeys(demand: Demand): readonly string[] {
  const { keyCount } = SIZES[demand];
  const random = createSeededRandom(1);
  const shuffled = shuffledIndexes(keyCount, random);
  const keys = Array.from(shuffled, keyOf);
  if (demand === 'all') return keys;
  const rank = createZipf(keyCount, 0.99, random);
  return Array.from({ length: ZIPF_DRAWS }, () => keys[rank()] as string);
}

/** A key of 16 bytes, in one piece: a flat string, not a rope of two. */
function keyOf(index: number): string {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  writeKey(key, 0, index);
  return keyTextAt(key, 0);
}

function indexOf(key: string): number {
  return Number(key.slice('user:'.length));
}

function textOf(index: number): string {
  return JSON.parse(`"${String(index).padStart(VALUE_BYTES, '.')}"`);
}

await serve(process.argv[2] as SideKind, process.argv[3] as ValueKind, (process.argv[4] ?? 'all') as Demand);
