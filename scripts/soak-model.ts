// ModelRun: random operations on a byte store and on a model of it, which must agree after every one of them.

import { strict as assert } from 'node:assert';
import { ByteView, type EvictionPolicyFactory, type EvictionReason, keyToBytes } from 'hgcache';
import { ByteStore, createSeededRandom, type Random } from 'hgcache/internal/store';
import { SoakClock } from './soak-clock.ts';

/** What a run is made of. */
export interface ModelRunOptions {
  readonly eviction: EvictionPolicyFactory;
  readonly maxBytes: number;
  readonly seed: number;
}

const KIB = 1024;

// Values are pieces of one large piece of noise, so that one which is mixed up with another is found out.
const NOISE_BYTES = 5 * 1024 * KIB;
const LARGEST_VALUE = 4 * 1024 * KIB;
const MEAN_VALUE = 2 * KIB;
const MAX_KEYS = 300_000;

const OPERATIONS_PER_USAGE = 16;

/**
 * The model knows of each key which version of its value the store must have. The store tells of everything that
 * leaves; whatever it has not told of, it must still have, until it expires.
 */
export class ModelRun {
  /** What is run, for people. */
  readonly name: string;
  evicted = 0;
  expired = 0;
  readonly #random: Random;
  readonly #clock = new SoakClock();
  readonly #store: ByteStore;
  readonly #maxBytes: number;
  readonly #noise: ByteView;
  readonly #target: Buffer = Buffer.alloc(LARGEST_VALUE);
  readonly #keys: readonly string[];
  readonly #keyBytes: readonly Buffer[];
  // By the number of the key. A version of 0 is an entry that is not there.
  readonly #versions: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #untilMs: Float64Array;
  #size = 0;
  #operations = 0;

  constructor({ eviction, maxBytes, seed }: ModelRunOptions) {
    const random = createSeededRandom(seed);
    this.#random = random;
    this.#maxBytes = maxBytes;
    const keyCount = Math.min(MAX_KEYS, Math.max(60, Math.ceil((3 * maxBytes) / MEAN_VALUE)));
    this.#keys = Array.from({ length: keyCount }, (_, index) => createKey(index, random));
    this.#keyBytes = this.#keys.map(keyToBytes);
    this.#versions = new Uint32Array(keyCount);
    this.#sizes = new Uint32Array(keyCount);
    this.#untilMs = new Float64Array(keyCount);
    this.#noise = createNoise(random);
    this.#store = new ByteStore({
      maxBytes,
      eviction,
      clock: this.#clock,
      random,
      onEvicted: (key, value, reason) => this.#onEvicted(key, value, reason),
    });
    const policy = eviction({ maxBytes, random, bytesOf: () => 1 }).name;
    this.name = `${policy}, ${maxBytes.toLocaleString('en-US')} bytes, ${keyCount.toLocaleString('en-US')} keys`;
  }

  /** Does so many operations; throws at the first difference. */
  operate(operations: number): void {
    for (let done = 0; done < operations; done++) {
      try {
        this.#operate();
      } catch (cause) {
        throw new Error(`${this.name}: operation ${this.#operations}`, { cause });
      }
    }
  }

  /** Looks at every key once more, and closes the store. */
  finish(): void {
    for (let key = 0; key < this.#keys.length; key++) this.#get(key);
    this.#store.close();
    assert.equal(this.#clock.pendingTimers, 0, 'timers after close');
    assert.equal(this.#store.usage().entries, 0, 'entries after close');
  }

  #operate(): void {
    this.#operations++;
    const random = this.#random;
    // Keys at the beginning are asked for more often than those at the end.
    const key = Math.floor(random() * random() * this.#keys.length);
    const chance = random();
    if (chance < 0.45) this.#set(key);
    else if (chance < 0.92) this.#get(key);
    else if (chance < 0.998) this.#remove(key);
    else if (chance < 0.99999) this.#clock.turn(Math.floor(random() * (random() < 0.1 ? 5000 : 50)));
    else this.#clear();
    if (this.#operations % OPERATIONS_PER_USAGE !== 0) return;
    const { bytes, liveBytes, entries } = this.#store.usage();
    assert.equal(entries, this.#size, 'entries');
    assert.ok(bytes <= this.#maxBytes, `${bytes} bytes are more than the budget`);
    assert.ok(liveBytes <= bytes, `${liveBytes} live bytes of ${bytes}`);
  }

  #set(key: number): void {
    const size = this.#drawSize();
    const name = this.#keys[key] as string;
    const version = this.#operations;
    const value = this.#noiseOf(key, version, size);
    const untilMs = this.#random() < 0.3 ? this.#clock.now() + 1 + Math.floor(this.#random() * 10_000) : 0;
    const fits = this.#store.fits(name, value);
    assert.equal(this.#store.set(name, value, untilMs), fits, 'set says whether it was kept');
    assert.equal(this.#versions[key], 0, 'the older value has left');
    if (!fits) return;
    this.#versions[key] = version;
    this.#sizes[key] = size;
    this.#untilMs[key] = untilMs;
    this.#size++;
  }

  #get(key: number): void {
    const untilMs = this.#untilMs[key] as number;
    const isThere = this.#versions[key] !== 0 && (untilMs === 0 || this.#clock.now() < untilMs);
    const expected = this.#noiseOf(key, this.#versions[key] as number, this.#sizes[key] as number);
    const name = this.#keys[key] as string;
    if (this.#random() < 0.5) {
      const stored = this.#store.get(name);
      assert.equal(stored !== undefined, isThere, 'get finds it');
      if (stored === undefined) return;
      assert.ok(stored.value.equals(expected), 'the value');
      assert.equal(stored.expiresAtMs, untilMs, 'the expiry');
      return;
    }
    const bytes = this.#keyBytes[key] as Buffer;
    const slot = this.#store.findBytes(bytes, 0, bytes.length);
    assert.equal(slot >= 0, isThere, 'findBytes finds it');
    if (slot < 0) return;
    const length = this.#store.read(slot, this.#target, 0);
    assert.equal(length, this.#store.valueLength(slot), 'the length');
    assert.ok(expected.equals(this.#target.subarray(0, length)), 'the bytes');
  }

  #remove(key: number): void {
    const wasThere = this.#versions[key] !== 0;
    assert.equal(this.#store.remove(this.#keys[key] as string), wasThere, 'remove says whether it was there');
    assert.equal(this.#versions[key], 0, 'what was removed has left');
  }

  #clear(): void {
    this.#store.clear();
    assert.equal(this.#size, 0, 'what was cleared has left');
  }

  #onEvicted(name: string, value: ByteView, reason: EvictionReason): void {
    const key = Number.parseInt(name, 10);
    const version = this.#versions[key] as number;
    assert.notEqual(version, 0, `${reason}, and was not there`);
    const expected = this.#noiseOf(key, version, this.#sizes[key] as number);
    assert.ok(value.equals(expected), `the value that was ${reason}`);
    if (reason === 'evicted') this.evicted++;
    if (reason === 'expired') {
      const untilMs = this.#untilMs[key] as number;
      assert.ok(untilMs !== 0 && this.#clock.now() >= untilMs, 'expired before its time');
      this.expired++;
    }
    this.#versions[key] = 0;
    this.#size--;
  }

  /** Mostly small, some of a few KiB, and now and then one that is too large for a segment, or for the store. */
  #drawSize(): number {
    const chance = this.#random();
    const most =
      chance < 0.7 ? 200 : chance < 0.95 ? 4 * KIB : chance < 0.9999 ? 32 * KIB : 2 * this.#maxBytes;
    return Math.floor(this.#random() * Math.min(most, LARGEST_VALUE));
  }

  #noiseOf(key: number, version: number, size: number): ByteView {
    const start = (key * 7919 + version * 104_729) % (NOISE_BYTES - LARGEST_VALUE);
    return this.#noise.slice(start, start + size);
  }
}

function createNoise(random: Random): ByteView {
  const words = new Uint32Array(NOISE_BYTES / 4);
  for (let at = 0; at < words.length; at++) words[at] = random() * 2 ** 32;
  return ByteView.from(words.buffer);
}

/** A number, and a tail of any length that is not always ASCII. */
function createKey(index: number, random: Random): string {
  const tail = random() < 0.9 ? Math.floor(random() * 20) : Math.floor(random() * 300);
  return `${index}:${(index % 7 === 0 ? 'ключ' : 'key.').repeat(Math.ceil(tail / 4)).slice(0, tail)}`;
}
