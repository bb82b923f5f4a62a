// WindowedSlru: the three segments of W-TinyLFU, and the contest between those that would enter and those that would go.

import type { Random } from '../random.ts';
import type { FrequencySketch } from './frequency-sketch.ts';
import { SlotLists } from './slot-lists.ts';

// What an entry is in; the first three have a list each.
const WINDOW = 0;
const PROBATION = 1;
const PROTECTED = 2;
// In the list of probation, and was protected before.
const DEMOTED = 3;

/** The protected segment's share of the main space. */
const PROTECTED_SHARE = 0.8;

/** The most entries that one operation moves to meet the segments' limits, so that none takes long. */
const MAX_MOVED = 64;

/**
 * A victim that has had hits in the main space must be beaten by more than this: the candidate was counted a moment
 * ago, and the victim's turn may be still to come. Without the lead, a loop larger than the cache would wash it out.
 */
const PROVEN_LEAD = 1;

/** Unless it is hardly asked for any more. */
const PROVEN_MIN_FREQUENCY = 3;

/** A candidate larger than the victim takes the place of several: it must be more frequent in proportion, up to this. */
const MAX_SIZE_RATIO = 4;

// A candidate that lost is let in all the same once in so many times if it is frequent, and more so if the victim is
// proven: so nobody can keep entries out by keys that collide with those of the victims, and what is in the main space
// by the luck of having come first does not stay for that.
const JITTER_ODDS = 128;
const JITTER_MIN_FREQUENCY = 3;
const JITTER_MIN_FREQUENCY_PROVEN = 10;

// The note of a slot: the hash of its key without the last two bits, and the segment that it is in.
const SEGMENT_MASK = 3;

/** What the segments need to know. */
export interface WindowedSlruOptions {
  readonly sketch: FrequencySketch;
  readonly random: Random;
  bytesOf(slot: number): number;
}

/** The part of a hash that segments and sketch go by; the rest of its 32 bits is used otherwise. */
export function sketchHashOf(hash: number): number {
  return hash & ~SEGMENT_MASK;
}

/** A window in the order of use, in front of a main space of segmented LRU that a frequency sketch guards. */
export class WindowedSlru {
  /** The capacity of all segments. */
  maxBytes = 0;
  /** The capacity of the window; when it changes, the segments follow little by little. */
  windowMax = 0;
  /** The size of all entries. */
  heldBytes = 0;
  readonly #options: WindowedSlruOptions;
  readonly #segments: SlotLists = new SlotLists(3, { hasNotes: true });
  #windowBytes = 0;
  #protectedBytes = 0;

  constructor(options: WindowedSlruOptions) {
    this.#options = options;
  }

  /** Puts a new entry into the window. */
  insert(slot: number, hash: number): void {
    this.#segments.pushFront(WINDOW, slot);
    this.#segments.setNote(slot, sketchHashOf(hash) | WINDOW);
    const bytes = this.#options.bytesOf(slot);
    this.#windowBytes += bytes;
    this.heldBytes += bytes;
  }

  /** The entry in `slot` was used. */
  hit(slot: number): void {
    const segment = this.#segments.note(slot) & SEGMENT_MASK;
    if (segment === PROBATION || segment === DEMOTED) {
      this.#move(slot, PROTECTED);
      this.#demoteProtected();
    } else {
      this.#segments.moveToFront(segment, slot);
    }
  }

  /** Forgets the entry in `slot`. */
  remove(slot: number): void {
    this.#count(slot, -1);
    this.heldBytes -= this.#options.bytesOf(slot);
    this.#segments.remove(slot);
  }

  /** Forgets the entry that goes next and returns its slot, or -1 when there is none. */
  evict(): number {
    const slot = this.#pick();
    if (slot >= 0) this.remove(slot);
    return slot;
  }

  /** The hash of the key of an entry, as `sketchHashOf` gives it. */
  hashOf(slot: number): number {
    return sketchHashOf(this.#segments.note(slot));
  }

  /** The bytes that the tables take. */
  bytes(): number {
    return this.#segments.bytes();
  }

  #pick(): number {
    this.#demoteProtected();
    const probation = this.#segments.back(PROBATION);
    const victim = probation >= 0 ? probation : this.#segments.back(PROTECTED);
    let candidate = this.#segments.back(WINDOW);
    if (victim < 0 && candidate < 0) return -1;
    // A window below its limit grows at the expense of the main space.
    if (candidate < 0 || (victim >= 0 && this.#windowBytes < this.windowMax)) return victim;
    // A window that has shrunk hands over what is too much unchecked: the main space has been given the room.
    for (let moved = 0; moved < MAX_MOVED; moved++) {
      const next = this.#segments.before(candidate);
      if (next < 0 || this.#windowBytes - this.#options.bytesOf(candidate) < this.windowMax) break;
      this.#move(candidate, PROBATION);
      candidate = next;
    }
    if (victim < 0 || !this.#isAdmitted(candidate, victim)) return candidate;
    this.#move(candidate, PROBATION);
    return victim;
  }

  #isAdmitted(candidate: number, victim: number): boolean {
    const { sketch, random, bytesOf } = this.#options;
    const sizeRatio = Math.max(1, Math.min(MAX_SIZE_RATIO, bytesOf(candidate) / bytesOf(victim)));
    const frequency = sketch.frequency(this.hashOf(candidate));
    const toBeat = sketch.frequency(this.hashOf(victim));
    const isProven =
      toBeat >= PROVEN_MIN_FREQUENCY && (this.#segments.note(victim) & SEGMENT_MASK) === DEMOTED;
    if (frequency > (toBeat + (isProven ? PROVEN_LEAD : 0)) * sizeRatio) return true;
    const isFrequent = frequency >= (isProven ? JITTER_MIN_FREQUENCY_PROVEN : JITTER_MIN_FREQUENCY);
    return isFrequent && random() * JITTER_ODDS < 1;
  }

  #demoteProtected(): void {
    const protectedMax = (this.maxBytes - this.windowMax) * PROTECTED_SHARE;
    for (let moved = 0; moved < MAX_MOVED && this.#protectedBytes > protectedMax; moved++) {
      this.#move(this.#segments.back(PROTECTED), DEMOTED);
    }
  }

  #move(slot: number, segment: number): void {
    this.#count(slot, -1);
    this.#segments.setNote(slot, this.hashOf(slot) | segment);
    this.#segments.moveToFront(segment === DEMOTED ? PROBATION : segment, slot);
    this.#count(slot, 1);
  }

  #count(slot: number, sign: 1 | -1): void {
    const segment = this.#segments.note(slot) & SEGMENT_MASK;
    const bytes = sign * this.#options.bytesOf(slot);
    if (segment === WINDOW) this.#windowBytes += bytes;
    else if (segment === PROTECTED) this.#protectedBytes += bytes;
  }
}
