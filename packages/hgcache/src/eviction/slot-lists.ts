// SlotLists: doubly linked lists of slots in typed arrays, so that order costs the garbage collector nothing.

import { SlotWords } from './slot-words.ts';

// The words of a slot.
const OLDER = 0;
const YOUNGER = 1;
const NOTE = 2;

/**
 * A few lists that share one table of links: each slot is in one of them at most. A list is a ring through its head;
 * the heads stand first in the table, and slot n stands behind them. No operation makes garbage, and each takes
 * constant time.
 */
export class SlotLists {
  readonly #heads: number;
  readonly #words: SlotWords;

  /** With `hasNotes` there is a word for each slot that the owner may use as it likes, beside the links. */
  constructor(lists: number, { hasNotes = false }: { readonly hasNotes?: boolean } = {}) {
    this.#heads = lists;
    this.#words = new SlotWords(hasNotes ? 3 : 2);
    this.#words.ensure(lists - 1);
    for (let list = 0; list < lists; list++) this.#link(list, list);
  }

  /** Puts a slot that is in no list at the front of one. */
  pushFront(list: number, slot: number): void {
    const at = slot + this.#heads;
    this.#words.ensure(at);
    const first = this.#words.get(list, OLDER);
    this.#link(at, first);
    this.#link(list, at);
  }

  /** Takes a slot out of the list that it is in. */
  remove(slot: number): void {
    const at = slot + this.#heads;
    this.#link(this.#words.get(at, YOUNGER), this.#words.get(at, OLDER));
  }

  /** Moves a slot from the list that it is in to the front of one. */
  moveToFront(list: number, slot: number): void {
    this.remove(slot);
    this.pushFront(list, slot);
  }

  /** The slot at the back of a list, or -1 when it is empty. */
  back(list: number): number {
    const at = this.#words.get(list, YOUNGER);
    return at === list ? -1 : at - this.#heads;
  }

  /** The slot before `slot`, towards the front of its list, or -1 when `slot` is the first. */
  before(slot: number): number {
    const at = this.#words.get(slot + this.#heads, YOUNGER) - this.#heads;
    return at < 0 ? -1 : at;
  }

  /** Takes the slot at the back of a list out of it and returns it, or -1 when the list is empty. */
  popBack(list: number): number {
    const slot = this.back(list);
    if (slot >= 0) this.remove(slot);
    return slot;
  }

  /** Puts all of one list in front of another, and leaves the one empty. */
  moveAllToFront(from: number, to: number): void {
    const youngest = this.#words.get(from, OLDER);
    if (youngest === from) return;
    const oldest = this.#words.get(from, YOUNGER);
    this.#link(oldest, this.#words.get(to, OLDER));
    this.#link(to, youngest);
    this.#link(from, from);
  }

  /** The owner's word of a slot that was in a list once. */
  note(slot: number): number {
    return this.#words.get(slot + this.#heads, NOTE);
  }

  /** Changes the owner's word of a slot that is or was in a list. */
  setNote(slot: number, note: number): void {
    this.#words.set(slot + this.#heads, NOTE, note);
  }

  /** The bytes that the table takes. */
  bytes(): number {
    return this.#words.bytes();
  }

  #link(younger: number, older: number): void {
    this.#words.set(younger, OLDER, older);
    this.#words.set(older, YOUNGER, younger);
  }
}
