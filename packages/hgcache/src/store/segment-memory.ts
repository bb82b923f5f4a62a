// SegmentMemory: the log-structured memory of a byte store: room for records, and compaction in small steps.

import { expiryAt, markDead, NO_SLOT, slotAt, wordsAt } from './record.ts';
import { Segment } from './segment.ts';
import { type Geometry, geometryFor } from './segment-geometry.ts';

/** Told that a record has been moved by compaction. An address is a 32-bit number above 0. */
export type OnMoved = (from: number, to: number) => void;

// Of the memory for records, how much stays free of live ones, so that compaction has something to gain.
const SLACK = 0.08;

// How many segments are given back, or compacted to be, in one operation.
const TRIMS_AT_ONCE = 4;

// Fewer segments than this are not worth compacting before memory is short.
const SPARSE_FROM_SEGMENTS = 4;

/** Segments that new records leave for compaction to move records to, and for the index to grow into. */
const RESERVE = 2;

/** Hands out addresses, reads by them, and gets memory back from records that are gone. */
export class SegmentMemory {
  readonly #onMoved: OnMoved;
  readonly #geometry: Geometry;
  readonly #offsetMask: number;
  // By id; 0 is none, so that no address is 0.
  readonly #segments: (Segment | undefined)[] = [undefined];
  readonly #freeIds: number[] = [];
  readonly #spares: Segment[] = [];
  #open: Segment | undefined;
  #openForMoved: Segment | undefined;
  #victim: Segment | undefined;
  #scanned = 0;
  #allocatedWords = 0;
  #liveWords = 0;

  constructor(maxBytes: number, onMoved: OnMoved) {
    this.#onMoved = onMoved;
    this.#geometry = geometryFor(maxBytes);
    this.#offsetMask = (1 << this.#geometry.shift) - 1;
  }

  /** What it has taken from the machine, in bytes. */
  get allocatedBytes(): number {
    return this.#allocatedWords * 4;
  }

  /** What of that belongs to entries that are there, in bytes. */
  get liveBytes(): number {
    return this.#liveWords * 4;
  }

  get segmentBytes(): number {
    return this.#geometry.segmentWords * 4;
  }

  /** What it hands out for a budget of `limitBytes` at most, in bytes: some of it is always being moved about. */
  usableBytes(limitBytes: number): number {
    return limitBytes * (1 - SLACK) - (RESERVE + 1) * this.segmentBytes;
  }

  /** Every segment, in no order. */
  *segments(): Generator<Segment> {
    for (const segment of this.#segments) if (segment !== undefined) yield segment;
  }

  /** The addresses of all records that belong to entries, as of now. */
  liveAddresses(): number[] {
    const addresses: number[] = [];
    for (const segment of this.segments()) {
      for (let at = 0; at < segment.used; at += wordsAt(segment.words, at)) {
        if (slotAt(segment.words, at) !== NO_SLOT) addresses.push(this.addressOf(segment, at));
      }
    }
    return addresses;
  }

  /** The segment in which `address` lies. */
  segmentOf(address: number): Segment {
    return this.#segments[address >>> this.#geometry.shift] as Segment;
  }

  /** The word at which the record at `address` begins in its segment. */
  offsetOf(address: number): number {
    return address & this.#offsetMask;
  }

  addressOf(segment: Segment, offset: number): number {
    return ((segment.id << this.#geometry.shift) | offset) >>> 0;
  }

  /** Room for a record of so many words, or 0 when it would take the memory beyond `limitBytes`. */
  allocate(words: number, limitBytes: number): number {
    if (this.allocatedBytes > limitBytes) return 0;
    if (words > this.#geometry.largestShared) return this.#allocateOwn(words, limitBytes);
    if (this.#open === undefined || this.#open.size - this.#open.used < words) {
      const next = this.#take(limitBytes, RESERVE);
      if (next === undefined) return 0;
      this.#open = next;
    }
    return this.#append(this.#open, words);
  }

  #allocateOwn(words: number, limitBytes: number): number {
    const left = limitBytes - words * 4;
    while (this.#freeSegments(left) <= RESERVE || this.allocatedBytes > left) {
      const spare = this.#spares.pop();
      if (spare === undefined) return 0;
      this.#destroy(spare);
    }
    const own = this.#create(words);
    return own === undefined ? 0 : this.#append(own, words);
  }

  /** The record at `address` is gone. */
  release(address: number): void {
    const segment = this.segmentOf(address);
    const at = this.offsetOf(address);
    const words = wordsAt(segment.words, at);
    markDead(segment.words, at);
    segment.live -= words;
    this.#liveWords -= words;
    if (segment.size !== this.#geometry.segmentWords) this.#destroy(segment);
    else if (segment.live === 0 && !this.#isInUse(segment)) this.#destroy(segment);
  }

  /** Whether so little of the memory is live that compaction, a little at a time, gives a good part of it back. */
  get isSparse(): boolean {
    return this.#allocatedWords > 2 * this.#liveWords + SPARSE_FROM_SEGMENTS * this.#geometry.segmentWords;
  }

  /** Whether compaction is needed before another segment can be begun. */
  isTight(limitBytes: number): boolean {
    return this.#freeSegments(limitBytes) <= RESERVE;
  }

  /** Gives memory back, so that in the end no more than `limitBytes` is left. */
  trim(limitBytes: number): void {
    for (let tries = 0; tries < TRIMS_AT_ONCE && this.allocatedBytes > limitBytes; tries++) {
      const spare = this.#spares.pop();
      if (spare !== undefined) this.#destroy(spare);
      else if (!this.compact(this.#geometry.segmentWords, limitBytes)) return;
    }
  }

  /**
   * Looks at up to about `words` words of the segment that loses least by it, and moves what is live there to
   * another one. Says whether there was anything to do.
   */
  compact(words: number, limitBytes: number): boolean {
    let left = words;
    while (left > 0) {
      this.#victim ??= this.#pickVictim();
      const victim = this.#victim;
      if (victim === undefined) return false;
      const from = this.#scanned;
      if (!this.#moveSome(victim, from + left, limitBytes)) return false;
      left -= this.#scanned - from;
      if (this.#scanned < victim.used) continue;
      this.#victim = undefined;
      this.#scanned = 0;
      this.#recycle(victim, limitBytes);
    }
    return true;
  }

  /** Forgets every record, and gives all memory back. */
  clear(): void {
    for (const segment of this.#segments) segment?.release();
    this.#segments.length = 1;
    this.#freeIds.length = 0;
    this.#spares.length = 0;
    this.#open = undefined;
    this.#openForMoved = undefined;
    this.#victim = undefined;
    this.#scanned = 0;
    this.#allocatedWords = 0;
    this.#liveWords = 0;
  }

  #append(segment: Segment, words: number): number {
    const address = this.addressOf(segment, segment.used);
    segment.used += words;
    segment.live += words;
    this.#liveWords += words;
    return address;
  }

  /** Moves the live records of a segment up to about the word `until`; says whether there was room for them. */
  #moveSome(victim: Segment, until: number, limitBytes: number): boolean {
    const end = Math.min(until, victim.used);
    while (this.#scanned < end) {
      // A segment whose records have all gone meanwhile needs no look.
      if (victim.live === 0) {
        this.#scanned = victim.used;
        return true;
      }
      const at = this.#scanned;
      const words = wordsAt(victim.words, at);
      const address = this.addressOf(victim, at);
      if (slotAt(victim.words, at) !== NO_SLOT) {
        const to = this.#roomForMoved(words, limitBytes);
        if (to === 0) return false;
        const target = this.segmentOf(to);
        copyWords(victim, at, target, this.offsetOf(to), words);
        const expiresAtMs = expiryAt(victim.words, at);
        if (expiresAtMs !== 0) target.nextExpiryMs = Math.min(target.nextExpiryMs, expiresAtMs);
        markDead(victim.words, at);
        this.#onMoved(address, to);
        victim.live -= words;
        this.#liveWords -= words;
      }
      this.#scanned = at + words;
    }
    return true;
  }

  #roomForMoved(words: number, limitBytes: number): number {
    if (this.#openForMoved === undefined || this.#openForMoved.size - this.#openForMoved.used < words) {
      const next = this.#take(limitBytes, 0);
      if (next === undefined) return 0;
      this.#openForMoved = next;
    }
    return this.#append(this.#openForMoved, words);
  }

  /** The segment of shared records with the fewest live words that nothing is written to. */
  #pickVictim(): Segment | undefined {
    let victim: Segment | undefined;
    for (const segment of this.#segments) {
      if (segment === undefined || segment.used === 0) continue;
      if (this.#isInUse(segment)) continue;
      if (segment.size !== this.#geometry.segmentWords) continue;
      if (victim === undefined || segment.live < victim.live) victim = segment;
    }
    // Moving a segment that is all live would gain nothing.
    return victim !== undefined && victim.live < victim.size ? victim : undefined;
  }

  #isInUse(segment: Segment): boolean {
    return segment === this.#open || segment === this.#openForMoved || segment === this.#victim;
  }

  #recycle(segment: Segment, limitBytes: number): void {
    segment.empty();
    const free = this.#freeSegments(limitBytes);
    if (free < 0 || free > 2 * RESERVE || this.isSparse) this.#destroy(segment);
    else this.#spares.push(segment);
  }

  #take(limitBytes: number, reserve: number): Segment | undefined {
    if (this.#freeSegments(limitBytes) <= reserve) return undefined;
    return this.#spares.pop() ?? this.#create(this.#geometry.segmentWords);
  }

  /** How many segments could be taken before the limit is reached. */
  #freeSegments(limitBytes: number): number {
    const unallocated = Math.floor((limitBytes - this.allocatedBytes) / this.segmentBytes);
    return this.#spares.length + unallocated;
  }

  #create(words: number): Segment | undefined {
    const id = this.#freeIds.pop() ?? this.#segments.length;
    if (id >= 2 ** (32 - this.#geometry.shift)) return undefined;
    const segment = new Segment(id, words);
    this.#segments[id] = segment;
    this.#allocatedWords += words;
    return segment;
  }

  #destroy(segment: Segment): void {
    this.#segments[segment.id] = undefined;
    this.#freeIds.push(segment.id);
    this.#allocatedWords -= segment.size;
    segment.release();
  }
}

// Below this, copying word by word is quicker than making a view to copy from.
const FEW_WORDS = 48;

function copyWords(from: Segment, fromAt: number, to: Segment, toAt: number, words: number): void {
  if (words > FEW_WORDS) {
    to.words.set(from.words.subarray(fromAt, fromAt + words), toAt);
    return;
  }
  const source = from.words;
  const target = to.words;
  for (let at = 0; at < words; at++) target[toAt + at] = source[fromAt + at] as number;
}
