// ExpirySweep: finds expired records without being asked for them, a little at a time.

import type { Clock, Timer } from '../clock.ts';
import { expiryAt, NO_SLOT, slotAt, wordsAt } from './record.ts';
import type { Segment } from './segment.ts';
import type { SegmentMemory } from './segment-memory.ts';

/** Told that the time of the record at `address` is over. */
export type OnExpired = (address: number) => void;

const INTERVAL_MS = 1000;
// While there is more to do: a millisecond of work, and a pause for everybody else.
const PAUSE_MS = 10;
const RECORDS_PER_STEP = 2000;

/**
 * Reads the headers of segments in which something has expired. Every segment knows the earliest expiry of its
 * records, so that one with nothing to find costs nothing, and no entry takes memory for it. Where all entries live
 * equally long, they expire in the order of the log, segment by segment; Segcache (Yang et al., NSDI 2021,
 * https://www.usenix.org/conference/nsdi21/presentation/yang-juncheng) builds on the same.
 */
export class ExpirySweep {
  readonly #memory: SegmentMemory;
  readonly #clock: Clock;
  readonly #onExpired: OnExpired;
  #timer: Timer | undefined;
  #isStopped = false;
  #segment: Segment | undefined;
  #filling = 0;
  #at = 0;

  constructor(memory: SegmentMemory, clock: Clock, onExpired: OnExpired) {
    this.#memory = memory;
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Sweeps now and then from now on, as long as there is anything that expires. */
  start(): void {
    this.#timer ??= this.#stepIn(INTERVAL_MS);
  }

  /** Ends the sweeping for good. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #stepIn(delayMs: number): Timer | undefined {
    if (this.#isStopped) return undefined;
    return this.#clock.setTimer(() => {
      const isMore = this.#step(this.#clock.now());
      const isNeeded = isMore || this.#expiresAnything();
      this.#timer = isNeeded ? this.#stepIn(isMore ? PAUSE_MS : INTERVAL_MS) : undefined;
    }, delayMs);
  }

  /** Says whether there is more to do now. */
  #step(nowMs: number): boolean {
    for (let left = RECORDS_PER_STEP; left > 0; left--) {
      const segment = this.#current(nowMs);
      if (segment === undefined) return false;
      const at = this.#at;
      const expiresAtMs = expiryAt(segment.words, at);
      this.#at += wordsAt(segment.words, at);
      if (expiresAtMs === 0 || slotAt(segment.words, at) === NO_SLOT) continue;
      if (expiresAtMs <= nowMs) this.#onExpired(this.#memory.addressOf(segment, at));
      else segment.nextExpiryMs = Math.min(segment.nextExpiryMs, expiresAtMs);
    }
    return true;
  }

  #expiresAnything(): boolean {
    for (const segment of this.#memory.segments()) {
      if (segment.nextExpiryMs < Number.POSITIVE_INFINITY) return true;
    }
    return false;
  }

  /** The segment with a record to look at. */
  #current(nowMs: number): Segment | undefined {
    const segment = this.#segment;
    // It may have been emptied, and filled with other records, since the last step.
    if (segment !== undefined && segment.fillings === this.#filling && this.#at < segment.used)
      return segment;
    this.#segment = undefined;
    for (const next of this.#memory.segments()) {
      if (next.nextExpiryMs > nowMs) continue;
      this.#segment = next;
      this.#filling = next.fillings;
      this.#at = 0;
      // To be found out again; a record that comes in meanwhile notes its own expiry.
      next.nextExpiryMs = Number.POSITIVE_INFINITY;
      return next;
    }
    return undefined;
  }
}
