// GhostTable: which keys were evicted lately, in four bytes for each, for policies that learn from a quick return.

/** The words of a bucket: a cache line. */
const WAYS = 16;

/** The buckets are half full when the table remembers as many keys as it was made for, so few are lost early. */
const MEAN_PER_BUCKET = WAYS / 2;

// A word: the fingerprint of a key, and the tick at which it was remembered; an unused one is 0.
const FINGERPRINT_BITS = 16;
const TICKS = 0xffff;

/** A tick is so many keys that the table's capacity is at most this number of ticks. */
const MAX_LIVE_TICKS = 4096;

/**
 * A queue of hashes without a queue: a table of buckets whose entries carry a time stamp, counted in keys, as the
 * paper of S3-FIFO proposes for its ghost queue. An entry is forgotten by age, or when its bucket needs the place of
 * the oldest. Reading and writing touch one cache line.
 */
export class GhostTable {
  /** How many keys it is made for. */
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #bucketMask: number;
  readonly #fingerprintShift: number;
  readonly #keysPerTick: number;
  #tick = 1;
  #keysInTick = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    const bucketBits = Math.ceil(Math.log2(Math.max(1, capacity / MEAN_PER_BUCKET)));
    this.#words = new Int32Array(WAYS << bucketBits);
    this.#bucketMask = (1 << bucketBits) - 1;
    this.#fingerprintShift = Math.min(bucketBits, 32 - FINGERPRINT_BITS);
    this.#keysPerTick = Math.ceil(capacity / MAX_LIVE_TICKS);
  }

  /** Remembers a key by its 32-bit hash. */
  remember(hash: number): void {
    this.#keysInTick++;
    if (this.#keysInTick >= this.#keysPerTick) {
      this.#keysInTick = 0;
      this.#tick = (this.#tick % TICKS) + 1;
    }
    const start = (hash & this.#bucketMask) * WAYS;
    const fingerprint = this.#fingerprintOf(hash);
    let place = start;
    let oldestAge = -1;
    for (let at = start; at < start + WAYS; at++) {
      const word = this.#words[at] as number;
      const age = this.#ageOf(word);
      // A key that is there already stands there once.
      const isSame = word !== 0 && word >>> FINGERPRINT_BITS === fingerprint;
      if (!isSame && age <= oldestAge) continue;
      place = at;
      oldestAge = age;
      if (isSame) break;
    }
    this.#words[place] = (fingerprint << FINGERPRINT_BITS) | this.#tick;
  }

  /** Whether a key is among the last `limit` that were remembered; if so, it is forgotten. */
  take(hash: number, limit: number): boolean {
    const start = (hash & this.#bucketMask) * WAYS;
    const fingerprint = this.#fingerprintOf(hash);
    const limitTicks = limit / this.#keysPerTick;
    for (let at = start; at < start + WAYS; at++) {
      const word = this.#words[at] as number;
      if (word !== 0 && word >>> FINGERPRINT_BITS === fingerprint && this.#ageOf(word) < limitTicks) {
        this.#words[at] = 0;
        return true;
      }
    }
    return false;
  }

  /** The bytes that the table takes. */
  bytes(): number {
    return this.#words.byteLength;
  }

  #fingerprintOf(hash: number): number {
    return (hash >>> this.#fingerprintShift) & 0xffff;
  }

  /** In ticks; older than everything for an unused word. */
  #ageOf(word: number): number {
    if (word === 0) return TICKS;
    const age = this.#tick - (word & TICKS);
    return age < 0 ? age + TICKS : age;
  }
}
