// SlotAddresses: where the record of each slot stands, and which slots are free.

import { SlotWords } from '../eviction/slot-words.ts';

// What eviction policies keep in their tables besides the slots of entries, at most.
const SLOTS_OF_OTHERS = 8;

/** Slots are small integers that are given out and taken back; a slot keeps its number when its record moves. */
export class SlotAddresses {
  #words = new SlotWords(1);
  #used = 0;
  // Free slots form a list through their own words: each holds the number of the next one plus one, 0 at the end.
  #firstFree = 0;

  /** What it takes, in bytes. */
  get bytes(): number {
    return this.#words.bytes();
  }

  /** Whether the table, or one like it that holds a few slots more, grows soon. */
  get isNearlyFull(): boolean {
    if (this.#firstFree !== 0) return false;
    return (this.#used + SLOTS_OF_OTHERS) * Int32Array.BYTES_PER_ELEMENT >= this.#words.bytes();
  }

  /** A free slot, for the record at `address`. */
  take(address: number): number {
    let slot = this.#firstFree - 1;
    if (slot >= 0) {
      this.#firstFree = this.#words.get(slot, 0);
    } else {
      slot = this.#used++;
      this.#words.ensure(slot);
    }
    this.#words.set(slot, 0, address);
    return slot;
  }

  /** Takes a slot back. */
  give(slot: number): void {
    this.#words.set(slot, 0, this.#firstFree);
    this.#firstFree = slot + 1;
  }

  /** The address of a slot's record. */
  addressOf(slot: number): number {
    return this.#words.get(slot, 0) >>> 0;
  }

  /** Notes that a slot's record has moved. */
  move(slot: number, address: number): void {
    this.#words.set(slot, 0, address);
  }

  /** Forgets every slot, and gives the memory back. */
  clear(): void {
    this.#words = new SlotWords(1);
    this.#used = 0;
    this.#firstFree = 0;
  }
}
