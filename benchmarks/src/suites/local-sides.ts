// The sides of the suite `local`: every way to hit a value in this process, with HgCache and with lru-cache. Started
// as a process of its own with the name of the side and of the codec: `node local-sides.ts hgcache-get json`.

import { randomInt } from 'node:crypto';
import { ByteView, bytesCodec, type Codec, type Group, HgCache, jsonCodec, stringCodec } from 'hgcache';
import { LRUCache } from 'lru-cache';
import { createSide } from '../measure.ts';
import { serveSide } from '../side-process.ts';

/** How the values look, and how HgCache keeps them. */
export type ValueKind = 'bytes' | 'string' | 'json';

/** What is called. */
export type SideKind =
  | 'hgcache-get-if-present'
  | 'hgcache-get'
  | 'lru-cache-get'
  | 'lru-cache-get-parse'
  | 'lru-cache-fetch';

const KEY_COUNT = 10_000;
const VALUE_BYTES = 100;
const MAX_BYTES = 64 * 1024 * 1024;

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

async function serve(side: SideKind, kind: ValueKind): Promise<void> {
  if (kind === 'bytes') await serveSide(createSide(side, await createRun(side, bytes)));
  else if (kind === 'string') await serveSide(createSide(side, await createRun(side, text)));
  else await serveSide(createSide(side, await createRun(side, json)));
}

async function createRun<V extends object | string>(side: SideKind, sample: Sample<V>): Promise<Run> {
  switch (side) {
    case 'hgcache-get-if-present': {
      const group = await filledGroup(sample);
      return runSync((key) => group.getIfPresent(key) as V, sample.look);
    }
    case 'hgcache-get': {
      const group = await filledGroup(sample);
      return runAsync((key) => group.get(key) as Promise<V>, sample.look);
    }
    case 'lru-cache-get': {
      const cache = filledLru(sample.create);
      return runSync((key) => cache.get(key) as V, sample.look);
    }
    case 'lru-cache-get-parse': {
      // What it takes with lru-cache that a caller who changes a value does not change it for everybody.
      const cache = filledLru((index) => JSON.stringify(sample.create(index)));
      return runSync((key) => JSON.parse(cache.get(key) as string) as V, sample.look);
    }
    case 'lru-cache-fetch': {
      const cache = filledLru(sample.create);
      return runAsync((key) => cache.fetch(key) as Promise<V>, sample.look);
    }
  }
}

// Both loops run with one `read` and one `look` in the life of the process, so the compiler can inline them.

function runSync<V>(read: (key: string) => V, look: (value: V) => number): Run {
  const keys = askedKeys();
  return (operations) => {
    let sum = 0;
    for (let done = 0, at = 0; done < operations; done++, at = at + 1 < KEY_COUNT ? at + 1 : 0) {
      sum += look(read(keys[at] as string));
    }
    return sum;
  };
}

function runAsync<V>(read: (key: string) => Promise<V>, look: (value: V) => number): Run {
  const keys = askedKeys();
  return async (operations) => {
    let sum = 0;
    for (let done = 0, at = 0; done < operations; done++, at = at + 1 < KEY_COUNT ? at + 1 : 0) {
      sum += look(await read(keys[at] as string));
    }
    return sum;
  };
}

async function filledGroup<V>(sample: Sample<V>): Promise<Group<V>> {
  const cache = new HgCache();
  const group = cache.group<V>('bench', {
    maxBytes: MAX_BYTES,
    codec: sample.codec,
    load: (key) => sample.create(indexOf(key)),
  });
  await cache.start();
  for (let index = 0; index < KEY_COUNT; index++) await group.get(keyOf(index));
  return group;
}

/** Bounded by bytes as HgCache is; it counts what it is told, once, when a value comes in. */
function filledLru<V extends object | string>(create: (index: number) => V): LRUCache<string, V> {
  const cache = new LRUCache<string, V>({
    max: 2 * KEY_COUNT,
    maxSize: MAX_BYTES,
    sizeCalculation: (_value, key) => key.length + VALUE_BYTES,
    fetchMethod: (key) => create(indexOf(key)),
  });
  for (let index = 0; index < KEY_COUNT; index++) cache.set(keyOf(index), create(index));
  return cache;
}

/**
 * The keys in the order in which they are asked for: shuffled, so that memory is not walked in the order of filling,
 * and strings of their own, as a request brings them, so that comparing two of them is not comparing two pointers.
 */
function askedKeys(): readonly string[] {
  const keys = Array.from({ length: KEY_COUNT }, (_, index) => keyOf(index));
  for (let last = keys.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [keys[last], keys[other]] = [keys[other] as string, keys[last] as string];
  }
  return keys;
}

/** A key of 16 bytes, in one piece: JSON.parse makes a flat string, not a rope of two. */
function keyOf(index: number): string {
  return JSON.parse(`"user:${String(index).padStart(11, '0')}"`);
}

function indexOf(key: string): number {
  return Number(key.slice('user:'.length));
}

function textOf(index: number): string {
  return JSON.parse(`"${String(index).padStart(VALUE_BYTES, '.')}"`);
}

await serve(process.argv[2] as SideKind, process.argv[3] as ValueKind);
