// ByteStore: the main store: keys and values as bytes outside of the JavaScript heap, within a budget.

import { type ByteView, bytesOf, viewOf } from '../byte-view.ts';
import type { Clock } from '../clock.ts';
import type { EvictionPolicy, EvictionPolicyFactory } from '../eviction/eviction-policy.ts';
import { keyFromBytes } from '../key.ts';
import type { Random } from '../random.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { KeyBuffer } from './key-buffer.ts';
import { LINE_BYTES, LineIndex } from './line-index.ts';
import { recordWords } from './record.ts';
import { Records } from './records.ts';
import { SegmentMemory } from './segment-memory.ts';
import { SlotAddresses } from './slot-addresses.ts';
import type { EvictionReason, OnStoreEvicted, Store, StoredValue, StoreUsage } from './store.ts';

/** What a byte store is made of. */
export interface ByteStoreOptions {
  /** The budget, in bytes, for everything: records, index, tables, and memory that is free but not given back. */
  readonly maxBytes: number;
  readonly eviction: EvictionPolicyFactory;
  readonly clock: Clock;
  /** Keys the index's hash. */
  readonly random: Random;
  readonly onEvicted?: OnStoreEvicted | undefined;
}

// When a value was stored is kept in a 32-bit number of these, which lasts two years from the start of the store.
const STORED_AT_UNIT_MS = 16;

// Hits that the policy is told of together, so that the memory that it touches for one is fetched beside the next's.
const HITS_AT_ONCE = 64;

// Words that compaction looks at for each word that is stored, when memory is short: at least as many must come free.
const COMPACTION_PACE = 10;
const COMPACTION_STEP_WORDS = 512;
// Segments that are compacted in vain before something more is evicted.
const COMPACTIONS_IN_VAIN = 4;

// What the tables of slots take at least, and by how much they grow at most: 64 and 65,536 slots.
const SMALLEST_TABLE_BYTES = 256;
// What an insertion adds to the index: a line that is split, and lines of overflow.
const LARGEST_SPLIT_BYTES = 4 * LINE_BYTES;
const LARGEST_GROWTH_BYTES = 256 * 1024;

/**
 * Values live in log-structured memory ({@link SegmentMemory}), which the garbage collector sees as a few large
 * pieces, however many entries there are. An index of cache lines ({@link LineIndex}) finds the address of a record
 * by the hash of its key's bytes. An entry has a slot, a small integer that stays when its record is moved: the
 * eviction policy knows entries by their slots alone. No operation on the way of a hit makes garbage but the value
 * that it gives out.
 */
export class ByteStore implements Store {
  readonly #options: ByteStoreOptions;
  readonly #sought = new KeyBuffer();
  readonly #index: LineIndex;
  readonly #memory: SegmentMemory;
  readonly #records: Records;
  readonly #slots = new SlotAddresses();
  readonly #sweep: ExpirySweep;
  readonly #startedAtMs: number;
  /** What index and tables take when there is one entry. */
  readonly #smallestBytes: number;
  #policy: EvictionPolicy;
  readonly #hits: Int32Array = new Int32Array(HITS_AT_ONCE);
  #hitCount = 0;
  #evictions = 0;
  // The slot that was found last, whose address need not be looked up again.
  #foundSlot = -1;
  #foundAddress = 0;

  constructor(options: ByteStoreOptions) {
    this.#options = options;
    const { random, clock, maxBytes } = options;
    this.#startedAtMs = clock.now();
    this.#memory = new SegmentMemory(maxBytes, (from, to) => this.#onMoved(from, to));
    this.#records = new Records(this.#memory, { k0: (random() * 2 ** 32) | 0, k1: (random() * 2 ** 32) | 0 });
    this.#index = new LineIndex({
      isSought: (address) => this.#records.hasKey(address, this.#sought),
      hashAt: (address) => this.#records.hashAt(address),
    });
    this.#sweep = new ExpirySweep(this.#memory, clock, (address) => this.#drop(address, 'expired'));
    this.#policy = this.#createPolicy();
    this.#smallestBytes = this.#bookkeepingBytes() + this.#growthBytes();
  }

  find(key: string): number {
    this.#sought.setString(key);
    return this.#find();
  }

  findBytes(key: Uint8Array, start: number, length: number): number {
    this.#sought.setBytes(key, start, length);
    return this.#find();
  }

  valueLength(slot: number): number {
    return this.#records.valueBytesAt(this.#addressOf(slot));
  }

  read(slot: number, target: Uint8Array, targetStart: number): number {
    return this.#records.copyValue(this.#addressOf(slot), target, targetStart);
  }

  get(key: string): StoredValue | undefined {
    if (this.find(key) < 0) return undefined;
    const address = this.#foundAddress;
    return {
      value: viewOf(this.#records.valueAt(address)),
      storedAtMs: this.#startedAtMs + this.#records.storedAtAt(address) * STORED_AT_UNIT_MS,
      expiresAtMs: this.#records.expiryAt(address),
    };
  }

  fits(key: string, value: ByteView): boolean {
    return this.#fits(recordWords(Buffer.byteLength(key), value.length));
  }

  set(key: string, value: ByteView, expiresAtMs: number): boolean {
    const sought = this.#sought;
    sought.setString(key);
    const hash = this.#records.hashOf(sought);
    const older = this.#index.find(hash);
    if (older !== 0) this.#drop(older, 'replaced');
    const words = recordWords(sought.length, value.length);
    const address = this.#fits(words) ? this.#makeRoom(words) : 0;
    if (address === 0) return false;
    const slot = this.#slots.take(address);
    this.#records.write(address, sought, {
      slot,
      value: bytesOf(value),
      expiresAtMs: Math.floor(expiresAtMs),
      storedAt: Math.floor((this.#options.clock.now() - this.#startedAtMs) / STORED_AT_UNIT_MS),
    });
    this.#index.insert(hash, address);
    this.#policy.onInsert(slot, hash);
    if (expiresAtMs !== 0) this.#sweep.start();
    return true;
  }

  remove(key: string): boolean {
    this.#sought.setString(key);
    const address = this.#index.find(this.#records.hashOf(this.#sought));
    if (address !== 0) this.#drop(address, 'removed');
    return address !== 0;
  }

  clear(): void {
    if (this.#options.onEvicted !== undefined) {
      for (const address of this.#memory.liveAddresses()) this.#tellEvicted(address, 'removed');
    }
    this.#reset();
  }

  usage(): StoreUsage {
    return {
      entries: this.#index.size,
      bytes: this.#bookkeepingBytes() + this.#memory.allocatedBytes,
      liveBytes: this.#memory.liveBytes,
      maxBytes: this.#options.maxBytes,
      evictions: this.#evictions,
    };
  }

  close(): void {
    this.#sweep.stop();
    this.#reset();
  }

  #reset(): void {
    this.#index.clear();
    this.#slots.clear();
    this.#memory.clear();
    this.#policy = this.#createPolicy();
    this.#hitCount = 0;
    this.#foundSlot = -1;
  }

  #find(): number {
    const address = this.#index.find(this.#records.hashOf(this.#sought));
    if (address === 0) return -1;
    const expiresAtMs = this.#records.expiryAt(address);
    if (expiresAtMs !== 0 && this.#options.clock.now() >= expiresAtMs) {
      this.#drop(address, 'expired');
      return -1;
    }
    const slot = this.#records.slotAt(address);
    this.#hits[this.#hitCount++] = slot;
    if (this.#hitCount === HITS_AT_ONCE) this.#tellHits();
    this.#foundSlot = slot;
    this.#foundAddress = address;
    return slot;
  }

  /** Whether a record of so many words could be kept if there were no other. */
  #fits(words: number): boolean {
    return words * 4 <= this.#memory.usableBytes(this.#options.maxBytes - this.#smallestBytes);
  }

  /** Evicts and compacts until there is room for a record of so many words; 0 when there is none even then. */
  #makeRoom(words: number): number {
    this.#tellHits();
    let inVain = 0;
    for (;;) {
      const limit = this.#options.maxBytes - this.#bookkeepingBytes() - this.#growthBytes();
      if (this.#memory.allocatedBytes > limit) this.#memory.trim(limit);
      const hasRoom = this.#memory.liveBytes + words * 4 <= this.#memory.usableBytes(limit);
      if (hasRoom && inVain < COMPACTIONS_IN_VAIN) {
        if (this.#memory.isTight(limit)) {
          this.#memory.compact(words * COMPACTION_PACE + COMPACTION_STEP_WORDS, limit);
        }
        const address = this.#memory.allocate(words, limit);
        if (address !== 0) return address;
        inVain++;
        this.#memory.compact(this.#memory.segmentBytes / 4, limit);
      } else if (this.#index.size > 0) {
        inVain = 0;
        this.#evictOne();
      } else if (this.#memory.allocatedBytes + this.#slots.bytes > 0) {
        // Nothing is left but tables that were made for many entries.
        this.#reset();
      } else {
        return 0;
      }
    }
  }

  #createPolicy(): EvictionPolicy {
    const { eviction, maxBytes, random } = this.#options;
    const bytesOfSlot = (slot: number): number => this.#records.wordsAt(this.#addressOf(slot)) * 4;
    return eviction({ maxBytes, random, bytesOf: bytesOfSlot });
  }

  #bookkeepingBytes(): number {
    return this.#index.bytes + this.#slots.bytes + this.#policy.bytes();
  }

  /** What the index and, when the next slot does not fit into them, the tables of slots are about to grow by. */
  #growthBytes(): number {
    if (!this.#slots.isNearlyFull) return LARGEST_SPLIT_BYTES;
    const table = this.#slots.bytes;
    if (table === 0) return LARGEST_SPLIT_BYTES + SMALLEST_TABLE_BYTES;
    return LARGEST_SPLIT_BYTES + Math.min(table, LARGEST_GROWTH_BYTES) * (1 + this.#policy.bytes() / table);
  }

  #evictOne(): void {
    const slot = this.#policy.evict();
    if (slot < 0) throw new Error(`eviction policy ${this.#policy.name} lost count of the slots`);
    this.#evictions++;
    this.#forget(this.#slots.addressOf(slot), 'evicted');
  }

  #tellHits(): void {
    const hits = this.#hits;
    const count = this.#hitCount;
    this.#hitCount = 0;
    for (let n = 0; n < count; n++) this.#policy.onHit(hits[n] as number);
  }

  #drop(address: number, reason: EvictionReason): void {
    this.#tellHits();
    this.#policy.onRemove(this.#records.slotAt(address));
    this.#forget(address, reason);
  }

  #forget(address: number, reason: EvictionReason): void {
    this.#foundSlot = -1;
    this.#index.remove(this.#records.hashAt(address), address);
    this.#slots.give(this.#records.slotAt(address));
    this.#tellEvicted(address, reason);
    this.#memory.release(address);
    if (this.#memory.isSparse) this.#memory.compact(COMPACTION_STEP_WORDS, this.#options.maxBytes);
  }

  #tellEvicted(address: number, reason: EvictionReason): void {
    const { onEvicted } = this.#options;
    if (onEvicted === undefined) return;
    onEvicted(keyFromBytes(this.#records.keyAt(address)), viewOf(this.#records.valueAt(address)), reason);
  }

  #addressOf(slot: number): number {
    return slot === this.#foundSlot ? this.#foundAddress : this.#slots.addressOf(slot);
  }

  #onMoved(from: number, to: number): void {
    this.#index.move(this.#records.hashAt(to), from, to);
    this.#slots.move(this.#records.slotAt(to), to);
    this.#foundSlot = -1;
  }
}
