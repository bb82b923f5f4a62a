// FrequencySketch: how often a key was asked for lately, in eight bytes per entry, with keys that may be long gone.

import { SlotWords } from './slot-words.ts';

/** The words of a block: a cache line, which holds all counters of a key. */
const BLOCK_WORDS = 16;

/** A counter has four bits. */
const MAX_COUNT = 15;

/** Halves eight counters at once. */
const HALF_MASK = 0x77777777;

/** Sixteen counters for each entry. */
const ENTRIES_PER_BLOCK = 8;

// A small cache is asked for many more keys than it holds, and has more counters for each: a block for so many ...
const SMALL_ENTRIES_PER_BLOCK = 2;
// ... up to so many blocks, 64 KiB, and at least so many.
const SMALL_BLOCKS = 1024;
const MIN_BLOCKS = 4;

/** All counters are halved when so many uses have been counted for each entry ... */
const SAMPLE_PER_ENTRY = 16;

/** ... and so many in all: over a shorter time the counts of a small cache would be mere chance. */
const MIN_SAMPLE = 8192;

/** How many blocks a use halves while a halving is under way: about a microsecond's work. */
const BLOCKS_PER_STEP = 64;

/**
 * A count-min sketch with four rows of 4-bit counters and conservative update, all in one cache line for a key. It
 * grows by a block at a time with the number of entries, by linear hashing: a new block is a copy of the one that it
 * takes keys from, so nothing is forgotten. The counters are halved when the sample is full, in small steps.
 *
 * https://dl.acm.org/doi/10.1145/3149371 (TinyLFU: A Highly Efficient Cache Admission Policy)
 */
export class FrequencySketch {
  readonly #words: SlotWords = new SlotWords(BLOCK_WORDS);
  #blocks = 0;
  /** One less than the largest power of two that is not above the number of blocks. */
  #mask = 0;
  #additions = 0;
  /** The next block to be halved; none when it is beyond the last. */
  #nextToHalve: number = Number.MAX_SAFE_INTEGER;

  constructor() {
    while (this.#blocks < MIN_BLOCKS) this.#addBlock();
  }

  /** Counts a use of a key. `entries` is the number of entries held now. */
  add(hash: number, entries: number): void {
    while (this.#blocks < blocksFor(entries)) this.#addBlock();
    const spread = spreadOf(hash);
    const block = this.#blockOf(spread);
    const where = rehash(spread);
    const least = this.#least(block, where);
    if (least < MAX_COUNT) {
      for (let row = 0; row < 4; row++) {
        const at = wordOf(where, row);
        const word = this.#words.get(block, at);
        const shift = shiftOf(where, row);
        if (((word >>> shift) & MAX_COUNT) === least) this.#words.set(block, at, (word + (1 << shift)) | 0);
      }
    }
    this.#additions++;
    if (this.#additions >= Math.max(MIN_SAMPLE, SAMPLE_PER_ENTRY * entries)) {
      this.#additions >>>= 1;
      this.#nextToHalve = 0;
    }
    if (this.#nextToHalve < this.#blocks) this.#halveSome();
  }

  /** How often a key was used lately, about, and at most 15. */
  frequency(hash: number): number {
    const spread = spreadOf(hash);
    return this.#least(this.#blockOf(spread), rehash(spread));
  }

  /** The bytes that the sketch takes. */
  bytes(): number {
    return this.#words.bytes();
  }

  #least(block: number, where: number): number {
    let least = MAX_COUNT;
    for (let row = 0; row < 4; row++) {
      const count = (this.#words.get(block, wordOf(where, row)) >>> shiftOf(where, row)) & MAX_COUNT;
      if (count < least) least = count;
    }
    return least;
  }

  #blockOf(spread: number): number {
    const block = spread & (2 * this.#mask + 1);
    return block < this.#blocks ? block : block & this.#mask;
  }

  #addBlock(): void {
    const added = this.#blocks;
    this.#words.ensure(added);
    this.#blocks++;
    if (added === 0) return;
    const from = added & this.#mask;
    if (this.#blocks === 2 * (this.#mask + 1)) this.#mask = added;
    for (let word = 0; word < BLOCK_WORDS; word++) this.#words.set(added, word, this.#words.get(from, word));
  }

  #halveSome(): void {
    const end = Math.min(this.#blocks, this.#nextToHalve + BLOCKS_PER_STEP);
    for (let block = this.#nextToHalve; block < end; block++) {
      for (let word = 0; word < BLOCK_WORDS; word++) {
        this.#words.set(block, word, (this.#words.get(block, word) >>> 1) & HALF_MASK);
      }
    }
    this.#nextToHalve = end;
  }
}

function blocksFor(entries: number): number {
  return Math.max(entries / ENTRIES_PER_BLOCK, Math.min(entries / SMALL_ENTRIES_PER_BLOCK, SMALL_BLOCKS));
}

/** The word of a row's counter: each row has four of the sixteen. */
function wordOf(where: number, row: number): number {
  return (row << 2) | ((where >>> (row << 3)) & 3);
}

/** Where a row's counter stands in its word. */
function shiftOf(where: number, row: number): number {
  return ((where >>> ((row << 3) + 2)) & 7) << 2;
}

// The finishers of MurmurHash3: hashes of one key are the same everywhere, but nothing is said about how good they are.
function spreadOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function rehash(spread: number): number {
  const mixed = Math.imul(spread, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
