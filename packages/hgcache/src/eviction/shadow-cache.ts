// ShadowCache: what W-TinyLFU would do with another window, tried on keys without values.

import type { FrequencySketch } from './frequency-sketch.ts';
import { WindowedSlru } from './windowed-slru.ts';

/** No share is to be chosen by luck: shadows leave nothing to chance. */
const neverByChance = (): number => 1;

/** A simulated cache of up to 32,767 keys, each of size 1; it shares the sketch with the cache that it shadows. */
export class ShadowCache {
  readonly #segments: WindowedSlru;
  readonly #capacity: number;
  // An index by open addressing: the hashes are those of the segments; an empty place holds -1.
  readonly #index: Int16Array;
  readonly #mask: number;
  #entries = 0;

  constructor(capacity: number, windowShare: number, sketch: FrequencySketch) {
    this.#capacity = capacity;
    this.#segments = new WindowedSlru({ sketch, random: neverByChance, bytesOf: () => 1 });
    this.#segments.maxBytes = capacity;
    this.#segments.windowMax = capacity * windowShare;
    this.#mask = 2 ** Math.ceil(Math.log2(2 * capacity)) - 1;
    this.#index = new Int16Array(this.#mask + 1).fill(-1);
  }

  /** Asks for a key by its `sketchHashOf`: whether it is held; if not, it is from now on. */
  request(hash: number): boolean {
    let at = this.#home(hash);
    for (; this.#index[at] !== -1; at = (at + 1) & this.#mask) {
      const slot = this.#index[at] as number;
      if (this.#segments.hashOf(slot) === hash) {
        this.#segments.hit(slot);
        return true;
      }
    }
    // A full cache stays full: what comes gets the slot of what goes.
    const slot = this.#entries < this.#capacity ? this.#entries++ : this.#evict();
    this.#insert(slot, hash);
    return false;
  }

  /** The bytes that the tables take. */
  bytes(): number {
    return this.#segments.bytes() + this.#index.byteLength;
  }

  #insert(slot: number, hash: number): void {
    let at = this.#home(hash);
    while (this.#index[at] !== -1) at = (at + 1) & this.#mask;
    this.#index[at] = slot;
    this.#segments.insert(slot, hash);
  }

  #evict(): number {
    const slot = this.#segments.evict();
    let hole = this.#home(this.#segments.hashOf(slot));
    while (this.#index[hole] !== slot) hole = (hole + 1) & this.#mask;
    // What stands behind the hole moves up, unless that would be before its home.
    for (let at = (hole + 1) & this.#mask; this.#index[at] !== -1; at = (at + 1) & this.#mask) {
      const other = this.#index[at] as number;
      const distance = (at - this.#home(this.#segments.hashOf(other))) & this.#mask;
      if (distance < ((at - hole) & this.#mask)) continue;
      this.#index[hole] = other;
      hole = at;
    }
    this.#index[hole] = -1;
    return slot;
  }

  #home(hash: number): number {
    return (Math.imul(hash, 0x9e3779b1) >>> 8) & this.#mask;
  }
}
