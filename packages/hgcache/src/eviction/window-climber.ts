// WindowClimber: finds the share of W-TinyLFU's window that earns the most hits, by trying several on a sample of keys.

import type { FrequencySketch } from './frequency-sketch.ts';
import { ShadowCache } from './shadow-cache.ts';

/** The shares that are tried, in the order of size; the first, nearly no window, is the one to begin with. */
const SHARES = [0.005, 0.05, 0.2, 0.5, 0.95];

// Keys are sampled by bits of their hash, and a shadow is smaller in proportion. A cache of so many entries has shadows
// of its own size, ...
const FULL_SIZE_ENTRIES = 256;
// ... a larger one shadows of half its size, and none has more entries than this.
const MAX_ENTRIES = 2048;

/** How much earlier comparisons count for against the last one; each takes one request per entry of a shadow. */
const MEMORY = 0.97;

// Another share must earn so much more than the present one: this part of the variance of its hits ...
const MARGIN = 0.005;
// ... and so many standard deviations.
const MARGIN_DEVIATIONS = 0.7;

/**
 * Adapts the window to what is asked for. Caffeine climbs to the best size by changing the live cache's window and
 * watching its hit ratio; here each share is tried all the time by a shadow of the cache on a sample of its keys, so
 * that a bad share costs no hit, a change of the requests is not taken for an effect of the window, and a better share
 * is found beyond a worse one.
 *
 * https://www.usenix.org/conference/atc17/technical-sessions/presentation/waldspurger (Cache Modeling and Optimization
 * using Miniature Simulations, ATC'17)
 */
export class WindowClimber {
  readonly #sketch: FrequencySketch;
  readonly #scores: number[] = SHARES.map(() => 0);
  #shadows: readonly ShadowCache[] = [];
  #shadowEntries = 0;
  #sampleBits = 0;
  #requests = 0;
  #weight = 0;
  #present = 0;

  constructor(sketch: FrequencySketch) {
    this.#sketch = sketch;
  }

  /** The window's share of the capacity. */
  get share(): number {
    return SHARES[this.#present] as number;
  }

  /** Learns from a request of a key by its `sketchHashOf`; `capacity` is about how many entries the cache can hold. */
  onRequest(hash: number, capacity: number): void {
    if (this.#sampleBits > 0 && Math.imul(hash, 0x85ebca6b) >>> (32 - this.#sampleBits) !== 0) return;
    if (this.#requests === 0) this.#fit(capacity);
    this.#requests++;
    for (let at = 0; at < this.#shadows.length; at++) {
      if ((this.#shadows[at] as ShadowCache).request(hash)) (this.#scores[at] as number)++;
    }
    if (this.#requests >= this.#shadowEntries) this.#compare();
  }

  /** The bytes that the shadows take. */
  bytes(): number {
    return this.#shadows.reduce((sum, shadow) => sum + shadow.bytes(), 0);
  }

  /** Makes the shadows anew when they would be much too small or too large. */
  #fit(capacity: number): void {
    if (this.#shadowEntries > 0) {
      const fitting = capacity / 2 ** this.#sampleBits / this.#shadowEntries;
      if (fitting > 0.5 && fitting < 2) return;
    }
    const halving = capacity > FULL_SIZE_ENTRIES ? 1 : 0;
    this.#sampleBits = Math.max(halving, Math.ceil(Math.log2(capacity / MAX_ENTRIES)));
    this.#shadowEntries = Math.ceil(capacity / 2 ** this.#sampleBits);
    this.#shadows = SHARES.map((share) => new ShadowCache(this.#shadowEntries, share, this.#sketch));
    this.#scores.fill(0);
    this.#weight = 0;
  }

  #compare(): void {
    this.#weight = this.#weight * MEMORY + this.#requests;
    this.#requests = 0;
    const score = this.#scores[this.#present] as number;
    const variance = score * (1 - score / this.#weight);
    let toBeat = score + MARGIN * variance + MARGIN_DEVIATIONS * Math.sqrt(variance);
    for (let at = 0; at < SHARES.length; at++) {
      const other = this.#scores[at] as number;
      if (other > toBeat) {
        toBeat = other;
        this.#present = at;
      }
      this.#scores[at] = other * MEMORY;
    }
  }
}
