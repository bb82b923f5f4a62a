// Models of the eviction policies in plain arrays and maps, and the check that a policy evicts just what its model does.

import assert from 'node:assert/strict';
import type { EvictionLimits, EvictionPolicy, EvictionPolicyFactory } from '../eviction/eviction-policy.ts';
import { createSeededRandom, type Random } from '../random.ts';

/** What a model check asks of a policy. */
interface ModelCheck {
  readonly seed: number;
  readonly steps: number;
  /** How many keys are asked for; the low ones more often. */
  readonly keys: number;
  /** The capacity, in the unit of the sizes. */
  readonly maxBytes: number;
  /** Entries have sizes from 1 to this. */
  readonly maxSize: number;
}

/** A check of a policy against its model. */
export interface ModelCase {
  readonly name: string;
  run(create: EvictionPolicyFactory, createModel: EvictionPolicyFactory): void;
}

/** The checks that every policy must pass. */
export const modelCases: readonly ModelCase[] = [
  {
    name: 'evicts what its model evicts, when it counts entries',
    run: (create, createModel) => {
      for (const maxBytes of [1, 2, 3, 10, 25, 60]) {
        for (const keys of [maxBytes + 1, 3 * maxBytes, 8 * maxBytes]) {
          compare(create, createModel, {
            seed: maxBytes * 1000 + keys,
            steps: 3000,
            keys,
            maxBytes,
            maxSize: 1,
          });
        }
      }
    },
  },
  {
    name: 'evicts what its model evicts, when it counts bytes',
    run: (create, createModel) => {
      for (const maxSize of [2, 5, 20, 70]) {
        compare(create, createModel, { seed: maxSize, steps: 3000, keys: 50, maxBytes: 60, maxSize });
      }
    },
  },
  {
    name: 'evicts what its model evicts, for a long time',
    run: (create, createModel) =>
      compare(create, createModel, { seed: 3, steps: 30_000, keys: 100, maxBytes: 20, maxSize: 1 }),
  },
];

/** Drives a policy and its model as a store would, and fails at the first eviction in which they differ. */
function compare(create: EvictionPolicyFactory, createModel: EvictionPolicyFactory, check: ModelCheck): void {
  const random = createSeededRandom(check.seed);
  const sizes = new Map<number, number>();
  const bytesOf = (slot: number): number => sizes.get(slot) ?? Number.NaN;
  const withOwnRandom = (): EvictionLimits => {
    return { maxBytes: check.maxBytes, bytesOf, random: createSeededRandom(check.seed + 1) };
  };
  const policy = create(withOwnRandom());
  const model = createModel(withOwnRandom());
  const keyOfSlot = new Map<number, number>();
  const slotOfKey = new Map<number, number>();
  let bytes = 0;

  const forget = (slot: number): void => {
    slotOfKey.delete(keyOfSlot.get(slot) as number);
    keyOfSlot.delete(slot);
    bytes -= bytesOf(slot);
    sizes.delete(slot);
  };

  const insert = (key: number): void => {
    const size = 1 + Math.floor(random() * check.maxSize);
    while (bytes + size > check.maxBytes && slotOfKey.size > 0) {
      const evicted = policy.evict();
      assert.equal(evicted, model.evict());
      assert.ok(keyOfSlot.has(evicted), `evicted ${evicted}, which is not held`);
      forget(evicted);
    }
    if (size > check.maxBytes) return;
    let slot = 0;
    while (keyOfSlot.has(slot)) slot++;
    keyOfSlot.set(slot, key);
    slotOfKey.set(key, slot);
    sizes.set(slot, size);
    bytes += size;
    policy.onInsert(slot, hashOf(key));
    model.onInsert(slot, hashOf(key));
  };

  for (let step = 0; step < check.steps; step++) {
    // Every so often other keys are popular, and at times keys come that never come again.
    const shift = Math.floor(step / 700) * 3;
    const key = (Math.floor(check.keys * random() ** 3) + shift) % (check.keys + 100);
    const slot = slotOfKey.get(key);
    if (slot === undefined) {
      insert(key);
    } else if (random() < 0.05) {
      policy.onRemove(slot);
      model.onRemove(slot);
      forget(slot);
    } else {
      policy.onHit(slot);
      model.onHit(slot);
    }
  }
}

function hashOf(key: number): number {
  return Math.imul(key + 1, 0x9e3779b1) >>> 0;
}

/** A model says nothing of its size. */
type Model = Omit<EvictionPolicy, 'bytes'>;

/** A model under the port of the policies. */
export function modelFactory(create: (limits: Required<EvictionLimits>) => Model): EvictionPolicyFactory {
  return (limits) => {
    const random: Random = limits.random ?? Math.random;
    return {
      ...create({ maxBytes: limits.maxBytes, bytesOf: (slot) => limits.bytesOf(slot), random }),
      bytes: () => 0,
    };
  };
}

/** Takes an item out of an array. */
export function without<T>(items: T[], item: T): void {
  items.splice(items.indexOf(item), 1);
}

/** LRU: the youngest at the end. */
export const lruModel: EvictionPolicyFactory = modelFactory(() => {
  const order: number[] = [];
  return {
    name: 'lru',
    onInsert: (slot) => order.push(slot),
    onHit: (slot) => {
      without(order, slot);
      order.push(slot);
    },
    onRemove: (slot) => without(order, slot),
    evict: () => order.shift() ?? -1,
  };
});

/** FIFO: the youngest at the end. */
export const fifoModel: EvictionPolicyFactory = modelFactory(() => {
  const order: number[] = [];
  return {
    name: 'fifo',
    onInsert: (slot) => order.push(slot),
    onHit: () => {},
    onRemove: (slot) => without(order, slot),
    evict: () => order.shift() ?? -1,
  };
});

/** LFU with ageing: all entries in the order in which they would go, those of a count by their last use. */
export const lfuModel: EvictionPolicyFactory = modelFactory(() => {
  let order: { slot: number; count: number }[] = [];
  let uses = 0;
  const use = (slot: number, count: number): void => {
    const lessOrAsUsed = order.filter((entry) => entry.count <= count).length;
    order.splice(lessOrAsUsed, 0, { slot, count });
    uses++;
    if (uses < 10 * order.length) return;
    uses = 0;
    order = order.map((entry) => ({ slot: entry.slot, count: entry.count >> 1 }));
  };
  const take = (slot: number): number => {
    const entry = order.find((each) => each.slot === slot) as { slot: number; count: number };
    without(order, entry);
    return entry.count;
  };
  return {
    name: 'lfu',
    onInsert: (slot) => use(slot, 0),
    onHit: (slot) => use(slot, Math.min(take(slot) + 1, 63)),
    onRemove: (slot) => {
      take(slot);
    },
    evict: () => order.shift()?.slot ?? -1,
  };
});

/** SIEVE: the tail first. */
export const sieveModel: EvictionPolicyFactory = modelFactory(() => {
  const queue: number[] = [];
  const visited = new Set<number>();
  let hand = 0;
  const leave = (slot: number): number => {
    if (queue.indexOf(slot) < hand) hand--;
    without(queue, slot);
    visited.delete(slot);
    // Past the head is the tail.
    if (hand >= queue.length) hand = 0;
    return slot;
  };
  return {
    name: 'sieve',
    onInsert: (slot) => queue.push(slot),
    onHit: (slot) => visited.add(slot),
    onRemove: leave,
    evict: () => {
      if (queue.length === 0) return -1;
      while (visited.delete(queue[hand] as number)) hand = (hand + 1) % queue.length;
      return leave(queue[hand] as number);
    },
  };
});

/** S3-FIFO: tails first; the ghosts with the number of keys that were remembered before. */
export const s3FifoModel: EvictionPolicyFactory = modelFactory(({ maxBytes, bytesOf }) => {
  interface Entry {
    readonly slot: number;
    readonly hash: number;
    freq: number;
  }
  let small: Entry[] = [];
  let main: Entry[] = [];
  const ghosts = new Map<number, number>();
  let remembered = 0;
  const sizeOf = (queue: Entry[]): number => queue.reduce((sum, { slot }) => sum + bytesOf(slot), 0);
  const evictMain = (): number => {
    for (;;) {
      const entry = main.shift() as Entry;
      if (entry.freq === 0) return entry.slot;
      entry.freq--;
      main.push(entry);
    }
  };
  return {
    name: 's3-fifo',
    onInsert: (slot, hash) => {
      const at = ghosts.get(hash);
      const isGhost = at !== undefined && remembered - at <= small.length + main.length;
      if (isGhost) ghosts.delete(hash);
      (isGhost ? main : small).push({ slot, hash, freq: 0 });
    },
    onHit: (slot) => {
      const entry = [...small, ...main].find((each) => each.slot === slot) as Entry;
      entry.freq = Math.min(entry.freq + 1, 3);
    },
    onRemove: (slot) => {
      small = small.filter((entry) => entry.slot !== slot);
      main = main.filter((entry) => entry.slot !== slot);
    },
    evict: () => {
      for (;;) {
        if (small.length + main.length === 0) return -1;
        if (main.length > 0 && (small.length === 0 || sizeOf(small) < maxBytes * 0.1)) return evictMain();
        const entry = small.shift() as Entry;
        if (entry.freq < 2) {
          ghosts.set(entry.hash, remembered);
          remembered++;
          return entry.slot;
        }
        main.push({ ...entry, freq: 0 });
      }
    },
  };
});
