// SlotWords: 32-bit words for every slot, in chunks, so that growing by a slot never copies much.

/** The slots of a chunk, as a power of two: few chunks at tens of millions of slots, each made in microseconds. */
const CHUNK_BITS = 16;
const CHUNK_SLOTS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SLOTS - 1;

/** What a small table starts with. */
const FIRST_SLOTS = 16;

/**
 * A table of 32-bit integers, a few for each slot, zero at first. The words of a slot stand side by side, so that
 * what is used together shares a cache line. All chunks are of one kind of array, which keeps `get` and `set` inline.
 */
export class SlotWords {
  readonly #wordsPerSlot: number;
  readonly #chunks: Int32Array[] = [];
  #slots = 0;

  constructor(wordsPerSlot: number) {
    this.#wordsPerSlot = wordsPerSlot;
  }

  /** Makes room for `slot`. */
  ensure(slot: number): void {
    if (slot >= this.#slots) this.#grow(slot);
  }

  /** A word of a slot that there is room for. */
  get(slot: number, word: number): number {
    const chunk = this.#chunks[slot >>> CHUNK_BITS] as Int32Array;
    return chunk[(slot & CHUNK_MASK) * this.#wordsPerSlot + word] as number;
  }

  /** Changes a word of a slot that there is room for. */
  set(slot: number, word: number, value: number): void {
    const chunk = this.#chunks[slot >>> CHUNK_BITS] as Int32Array;
    chunk[(slot & CHUNK_MASK) * this.#wordsPerSlot + word] = value;
  }

  /** The bytes that the table takes. */
  bytes(): number {
    return this.#slots * this.#wordsPerSlot * Int32Array.BYTES_PER_ELEMENT;
  }

  #grow(slot: number): void {
    // The first chunk grows by doubling, so that a small store pays for a small table; others come whole.
    while (this.#slots < CHUNK_SLOTS && slot >= this.#slots) {
      const slots = Math.max(FIRST_SLOTS, this.#slots * 2);
      const chunk = new Int32Array(slots * this.#wordsPerSlot);
      if (this.#chunks[0] !== undefined) chunk.set(this.#chunks[0]);
      this.#chunks[0] = chunk;
      this.#slots = slots;
    }
    while (slot >= this.#slots) {
      this.#chunks.push(new Int32Array(CHUNK_SLOTS * this.#wordsPerSlot));
      this.#slots += CHUNK_SLOTS;
    }
  }
}
