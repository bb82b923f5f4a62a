// SlotBits: a few bits for every slot, packed, so that a hit touches a table small enough for the processor's cache.

import { SlotWords } from './slot-words.ts';

/** A small unsigned number for each slot, zero at first; its bits are a power of two, at most 32. */
export class SlotBits {
  readonly #words: SlotWords = new SlotWords(1);
  readonly #slotShift: number;
  readonly #bitShift: number;
  readonly #slotMask: number;
  readonly #valueMask: number;

  constructor(bitsPerSlot: 1 | 2 | 4 | 8) {
    this.#bitShift = Math.log2(bitsPerSlot);
    this.#slotShift = 5 - this.#bitShift;
    this.#slotMask = (1 << this.#slotShift) - 1;
    this.#valueMask = (1 << bitsPerSlot) - 1;
  }

  /** Makes room for `slot`. */
  ensure(slot: number): void {
    this.#words.ensure(slot >>> this.#slotShift);
  }

  /** The number of a slot that there is room for. */
  get(slot: number): number {
    const shift = (slot & this.#slotMask) << this.#bitShift;
    return (this.#words.get(slot >>> this.#slotShift, 0) >>> shift) & this.#valueMask;
  }

  /** Changes the number of a slot that there is room for. */
  set(slot: number, value: number): void {
    const shift = (slot & this.#slotMask) << this.#bitShift;
    const at = slot >>> this.#slotShift;
    const others = this.#words.get(at, 0) & ~(this.#valueMask << shift);
    this.#words.set(at, 0, others | (value << shift));
  }

  /** The bytes that the table takes. */
  bytes(): number {
    return this.#words.bytes();
  }
}
