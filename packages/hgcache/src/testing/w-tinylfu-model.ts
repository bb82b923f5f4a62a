// A model of W-TinyLFU in plain arrays. Only the sketch, which has tests of its own, is the policy's.

import type { EvictionPolicyFactory } from '../eviction/eviction-policy.ts';
import { FrequencySketch } from '../eviction/frequency-sketch.ts';
import type { Random } from '../random.ts';
import { modelFactory, without } from './eviction-model.ts';

interface Entry {
  readonly id: number;
  readonly hash: number;
  readonly bytes: number;
  isProven: boolean;
}

/** The three segments, each with the oldest first. */
class Segments {
  window: Entry[] = [];
  probation: Entry[] = [];
  protected: Entry[] = [];
  windowMax = 0;
  readonly #maxBytes: number;
  readonly #sketch: FrequencySketch;
  readonly #random: Random;

  constructor(maxBytes: number, sketch: FrequencySketch, random: Random) {
    this.#maxBytes = maxBytes;
    this.#sketch = sketch;
    this.#random = random;
  }

  get all(): Entry[] {
    return [...this.window, ...this.probation, ...this.protected];
  }

  hit(entry: Entry): void {
    const from = this.#segmentOf(entry);
    without(from, entry);
    (from === this.window ? this.window : this.protected).push(entry);
    this.#demote();
  }

  remove(entry: Entry): void {
    without(this.#segmentOf(entry), entry);
  }

  evict(): Entry | undefined {
    const entry = this.#pick();
    if (entry !== undefined) this.remove(entry);
    return entry;
  }

  #segmentOf(entry: Entry): Entry[] {
    if (this.window.includes(entry)) return this.window;
    return this.probation.includes(entry) ? this.probation : this.protected;
  }

  #demote(): void {
    while (sizeOf(this.protected) > (this.#maxBytes - this.windowMax) * 0.8) {
      const entry = this.protected.shift() as Entry;
      entry.isProven = true;
      this.probation.push(entry);
    }
  }

  #pick(): Entry | undefined {
    this.#demote();
    const victim = this.probation[0] ?? this.protected[0];
    if (this.window.length === 0 || (victim && sizeOf(this.window) < this.windowMax)) return victim;
    while (this.window.length > 1 && sizeOf(this.window.slice(1)) >= this.windowMax) this.#admit();
    const [candidate] = this.window as [Entry];
    if (victim === undefined || !this.#wins(candidate, victim)) return candidate;
    this.#admit();
    return victim;
  }

  #admit(): void {
    const entry = this.window.shift() as Entry;
    entry.isProven = false;
    this.probation.push(entry);
  }

  #wins(candidate: Entry, victim: Entry): boolean {
    const frequency = this.#sketch.frequency(candidate.hash);
    const toBeat = this.#sketch.frequency(victim.hash);
    const isProven = victim.isProven && this.probation.includes(victim) && toBeat >= 3;
    const isFrequent = frequency >= (isProven ? 10 : 3);
    const sizeRatio = Math.max(1, Math.min(4, candidate.bytes / victim.bytes));
    const isBetter = frequency > (toBeat + (isProven ? 1 : 0)) * sizeRatio;
    return isBetter || (isFrequent && this.#random() < 1 / 128);
  }
}

/** A cache of keys of size 1. */
class Shadow {
  readonly #segments: Segments;
  readonly #capacity: number;

  constructor(capacity: number, share: number, sketch: FrequencySketch) {
    this.#capacity = capacity;
    this.#segments = new Segments(capacity, sketch, () => 1);
    this.#segments.windowMax = capacity * share;
  }

  request(hash: number): boolean {
    const held = this.#segments.all.find((entry) => entry.hash === hash);
    if (held !== undefined) {
      this.#segments.hit(held);
      return true;
    }
    if (this.#segments.all.length >= this.#capacity) this.#segments.evict();
    this.#segments.window.push({ id: hash, hash, bytes: 1, isProven: false });
    return false;
  }
}

/** Tries the shares on shadows of a cache that is small enough for every key to be in the sample. */
class Climber {
  share = 0.005;
  readonly #sketch: FrequencySketch;
  #trials: { readonly share: number; readonly shadow: Shadow; score: number }[] = [];
  #entries = 0;
  #requests = 0;
  #weight = 0;

  constructor(sketch: FrequencySketch) {
    this.#sketch = sketch;
  }

  request(hash: number, capacity: number): void {
    const fitting = capacity / this.#entries;
    if (this.#requests === 0 && !(fitting > 0.5 && fitting < 2)) {
      this.#entries = Math.ceil(capacity);
      this.#weight = 0;
      this.#trials = [0.005, 0.05, 0.2, 0.5, 0.95].map((share) => {
        return { share, shadow: new Shadow(this.#entries, share, this.#sketch), score: 0 };
      });
    }
    this.#requests++;
    for (const trial of this.#trials) if (trial.shadow.request(hash)) trial.score++;
    if (this.#requests < this.#entries) return;
    this.#weight = this.#weight * 0.97 + this.#requests;
    this.#requests = 0;
    const present = this.#trials.find(({ share }) => share === this.share) as { score: number };
    const variance = present.score * (1 - present.score / this.#weight);
    const best = this.#trials.toSorted((a, b) => b.score - a.score)[0] as { share: number; score: number };
    if (best.score > present.score + 0.005 * variance + 0.7 * Math.sqrt(variance)) this.share = best.share;
    for (const trial of this.#trials) trial.score *= 0.97;
  }
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** W-TinyLFU, for caches of up to 256 entries. */
export const wTinyLfuModel: EvictionPolicyFactory = modelFactory(({ maxBytes, bytesOf, random }) => {
  const sketch = new FrequencySketch();
  const segments = new Segments(maxBytes, sketch, random);
  const climber = new Climber(sketch);
  let capacity = 0;
  segments.windowMax = maxBytes * climber.share;
  const request = (hash: number): void => {
    sketch.add(hash, segments.all.length);
    const held = sizeOf(segments.all);
    if (held >= maxBytes * 0.03) capacity = (segments.all.length * maxBytes) / held;
    if (capacity === 0) return;
    climber.request(hash, capacity);
    segments.windowMax = maxBytes * climber.share;
  };
  const entryOf = (slot: number): Entry => segments.all.find(({ id }) => id === slot) as Entry;
  return {
    name: 'w-tinylfu',
    onInsert: (slot, hash) => {
      segments.window.push({ id: slot, hash: hash & ~3, bytes: bytesOf(slot), isProven: false });
      request(hash & ~3);
    },
    onHit: (slot) => {
      const entry = entryOf(slot);
      request(entry.hash);
      segments.hit(entry);
    },
    onRemove: (slot) => segments.remove(entryOf(slot)),
    evict: () => segments.evict()?.id ?? -1,
  };
});
