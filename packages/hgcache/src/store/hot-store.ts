// HotStore: a small front on the heap, with the values that are popular at this node ready to be handed out.

import type { ByteView } from '../byte-view.ts';
import type { Clock } from '../clock.ts';
import { FrequencySketch } from '../eviction/frequency-sketch.ts';
import { murmur3 } from '../murmur3.ts';

/** What an entry takes besides its key and value, in bytes: its place in the map, the entry, and the value's object. */
export const HOT_ENTRY_BYTES = 250;

// An entry must have been asked for so often lately to be let in while there is room.
const POPULAR = 2;

/** What a hot store is made of. */
export interface HotStoreOptions<H> {
  /** The budget, in bytes; 0 for none of this at all. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Makes what is kept of a value; it must not share memory with `bytes`. */
  readonly keep: (bytes: ByteView) => H;
}

/** What is offered to a hot store. */
export interface HotOffer {
  readonly bytes: ByteView;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
}

// Entries whose second chance is taken away for one candidate, at most.
const LOOKS_PER_CANDIDATE = 8;

const FIRST_PLACES = 64;

/**
 * Keeps values that are asked for again and again, whoever owns them. A value is let in when a frequency sketch says
 * that it is popular, and when the store is full only if it is more popular than what it would replace (TinyLFU,
 * Einziger et al., 2017, https://dl.acm.org/doi/10.1145/3149371): a scan goes past it. What is replaced is found by
 * CLOCK (Corbató, 1968): a hand goes around the entries, and stops at one that was not used since it last came by.
 *
 * What is known of an entry stands in columns, by its place: a hit then touches little memory, and makes no garbage.
 */
export class HotStore<H> {
  readonly #options: HotStoreOptions<H>;
  readonly #places = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  readonly #kept: (H | undefined)[] = [];
  readonly #freePlaces: number[] = [];
  #expiresAtMs: Float64Array = new Float64Array(FIRST_PLACES);
  #storedAtMs: Float64Array = new Float64Array(FIRST_PLACES);
  #sizes: Int32Array = new Int32Array(FIRST_PLACES);
  #hashes: Uint32Array = new Uint32Array(FIRST_PLACES);
  #wasUsed: Uint8Array = new Uint8Array(FIRST_PLACES);
  #hand = 0;
  readonly #popularity = new FrequencySketch();
  readonly #sampledEntries: number;
  #bytes = 0;

  constructor(options: HotStoreOptions<H>) {
    this.#options = options;
    this.#sampledEntries = Math.ceil(options.maxBytes / HOT_ENTRY_BYTES);
  }

  /** How many values it keeps. */
  get size(): number {
    return this.#places.size;
  }

  /** What it takes of its budget, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The place of a key, counted as a use of it, or -1; good until the store is called with anything but questions
   * about a place. A key that is no string is not found.
   */
  find(key: string): number {
    const place = this.#places.get(key);
    if (place === undefined) return -1;
    const expiresAtMs = this.#expiresAtMs[place] as number;
    if (expiresAtMs !== 0 && this.#options.clock.now() >= expiresAtMs) {
      this.#drop(key, place);
      return -1;
    }
    this.#wasUsed[place] = 1;
    return place;
  }

  /** What is kept at a place that was just found. */
  keptAt(place: number): H {
    return this.#kept[place] as H;
  }

  /** When the value at a place was stored, in ms since the Unix epoch. */
  storedAtMs(place: number): number {
    return this.#storedAtMs[place] as number;
  }

  /** When the time of the value at a place is over, in ms since the Unix epoch; 0 for never. */
  expiresAtMs(place: number): number {
    return this.#expiresAtMs[place] as number;
  }

  /** A value was asked for that is not here: counts that, and keeps it if it is popular. */
  offer(key: string, { bytes, storedAtMs, expiresAtMs }: HotOffer): void {
    if (this.#options.maxBytes === 0) return;
    const hash = murmur3(key, 0);
    this.#popularity.add(hash, this.#sampledEntries);
    const frequency = this.#popularity.frequency(hash);
    if (frequency < POPULAR) return;
    const size = bytes.length + key.length + HOT_ENTRY_BYTES;
    if (!this.#makeRoom(size, frequency)) return;
    this.remove(key);
    const place = this.#takePlace();
    this.#places.set(key, place);
    this.#keys[place] = key;
    this.#kept[place] = this.#options.keep(bytes);
    this.#expiresAtMs[place] = expiresAtMs;
    this.#storedAtMs[place] = storedAtMs;
    this.#sizes[place] = size;
    this.#hashes[place] = hash;
    this.#wasUsed[place] = 0;
    this.#bytes += size;
  }

  /** Drops a key. */
  remove(key: string): void {
    const place = this.#places.get(key);
    if (place !== undefined) this.#drop(key, place);
  }

  /** Drops everything. */
  clear(): void {
    this.#places.clear();
    this.#keys.length = 0;
    this.#kept.length = 0;
    this.#freePlaces.length = 0;
    this.#hand = 0;
    this.#bytes = 0;
  }

  /** Makes room at the cost of what is less popular; says whether there was enough of that. */
  #makeRoom(size: number, frequency: number): boolean {
    const { maxBytes } = this.#options;
    if (size > maxBytes) return false;
    while (this.#bytes + size > maxBytes) {
      const victim = this.#nextVictim();
      if (victim < 0 || this.#popularity.frequency(this.#hashes[victim] as number) >= frequency) return false;
      this.#drop(this.#keys[victim] as string, victim);
    }
    return true;
  }

  /** The next place that was not used lately, or -1: then the candidate is no better than any that was looked at. */
  #nextVictim(): number {
    for (let looks = 0; looks < LOOKS_PER_CANDIDATE; ) {
      this.#hand = this.#hand + 1 < this.#keys.length ? this.#hand + 1 : 0;
      const place = this.#hand;
      if (this.#keys[place] === undefined) continue;
      if (this.#wasUsed[place] === 0) return place;
      this.#wasUsed[place] = 0;
      // What was used counts as asked for, too: the sketch sees only what is not here.
      this.#popularity.add(this.#hashes[place] as number, this.#sampledEntries);
      looks++;
    }
    return -1;
  }

  #takePlace(): number {
    const place = this.#freePlaces.pop() ?? this.#keys.length;
    if (place === this.#sizes.length) {
      this.#expiresAtMs = doubled(this.#expiresAtMs, Float64Array);
      this.#storedAtMs = doubled(this.#storedAtMs, Float64Array);
      this.#sizes = doubled(this.#sizes, Int32Array);
      this.#hashes = doubled(this.#hashes, Uint32Array);
      this.#wasUsed = doubled(this.#wasUsed, Uint8Array);
    }
    return place;
  }

  #drop(key: string, place: number): void {
    this.#places.delete(key);
    this.#keys[place] = undefined;
    this.#kept[place] = undefined;
    this.#freePlaces.push(place);
    this.#bytes -= this.#sizes[place] as number;
  }
}

interface Column<A> {
  readonly length: number;
  set(values: A): void;
}

function doubled<A extends Column<A>>(column: A, type: new (length: number) => A): A {
  const larger = new type(column.length * 2);
  larger.set(column);
  return larger;
}
