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

/** A value that is kept, with what is known about it. */
export interface HotEntry<H> {
  readonly kept: H;
  readonly storedAtMs: number;
  /** In ms since the Unix epoch; 0 for never. */
  readonly expiresAtMs: number;
  /** How often it has been handed out. */
  hits: number;
}

interface Entry<H> extends HotEntry<H> {
  readonly bytes: number;
  readonly hash: number;
  wasUsed: boolean;
}

/** What is offered to a hot store. */
export interface HotOffer {
  readonly bytes: ByteView;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Keeps values that are asked for again and again, whoever owns them. A value is let in when a frequency sketch says
 * that it is popular, and when the store is full only if it is more popular than what it would replace (TinyLFU,
 * Einziger et al., 2017, https://dl.acm.org/doi/10.1145/3149371): a scan goes past it. What is replaced is found by a
 * second chance: the oldest entry goes unless it was used since it was looked at last.
 */
export class HotStore<H> {
  readonly #options: HotStoreOptions<H>;
  // In the order in which they get their second chance.
  readonly #entries = new Map<string, Entry<H>>();
  readonly #popularity = new FrequencySketch();
  readonly #sampledEntries: number;
  #bytes = 0;

  constructor(options: HotStoreOptions<H>) {
    this.#options = options;
    this.#sampledEntries = Math.ceil(options.maxBytes / HOT_ENTRY_BYTES);
  }

  /** How many values it keeps. */
  get size(): number {
    return this.#entries.size;
  }

  /** What it takes of its budget, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept of a key's value, counted as a use of it, or `undefined`. A key that is no string is not found. */
  get(key: string): HotEntry<H> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs !== 0 && this.#options.clock.now() >= entry.expiresAtMs) {
      this.#drop(key, entry);
      return undefined;
    }
    entry.wasUsed = true;
    entry.hits++;
    return entry;
  }

  /** A value was asked for that is not here: counts that, and keeps it if it is popular. */
  offer(key: string, { bytes, storedAtMs, expiresAtMs }: HotOffer): void {
    if (this.#options.maxBytes === 0) return;
    const hash = murmur3(key, 0);
    this.#popularity.add(hash, this.#sampledEntries);
    const frequency = this.#popularity.frequency(hash);
    if (frequency < POPULAR) return;
    // Strings take up to two bytes per character; most values are of one.
    const size = bytes.length + key.length + HOT_ENTRY_BYTES;
    if (!this.#makeRoom(size, frequency)) return;
    const older = this.#entries.get(key);
    if (older !== undefined) this.#drop(key, older);
    const kept = this.#options.keep(bytes);
    this.#entries.set(key, { kept, storedAtMs, expiresAtMs, hits: 0, bytes: size, hash, wasUsed: false });
    this.#bytes += size;
  }

  /** Drops a key. */
  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(key, entry);
  }

  /** Drops everything. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Makes room at the cost of what is less popular; says whether there was enough of that. */
  #makeRoom(size: number, frequency: number): boolean {
    const { maxBytes } = this.#options;
    if (size > maxBytes) return false;
    while (this.#bytes + size > maxBytes) {
      const victim = this.#nextVictim();
      if (victim === undefined || this.#popularity.frequency(victim.entry.hash) >= frequency) return false;
      this.#drop(victim.key, victim.entry);
    }
    return true;
  }

  #nextVictim(): { readonly key: string; readonly entry: Entry<H> } | undefined {
    // A bounded search: when all that is looked at was used, the candidate is no better than any of it.
    for (let looks = 0; looks < 8; looks++) {
      const [oldest] = this.#entries;
      if (oldest === undefined) return undefined;
      const [key, entry] = oldest;
      if (!entry.wasUsed) return { key, entry };
      entry.wasUsed = false;
      // What was used counts as asked for, too: the sketch sees only what is not here.
      this.#popularity.add(entry.hash, this.#sampledEntries);
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return undefined;
  }

  #drop(key: string, entry: Entry<H>): void {
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
