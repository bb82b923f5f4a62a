// SlotList: a doubly linked list of slots in typed arrays, so that order costs the garbage collector nothing.

// The list is a ring through this slot, which never holds an entry; slot n of the store stands at n + 1.
const ENDS = 0;

/** A list of distinct slots. Every operation but growth takes constant time and makes no garbage. */
export class SlotList {
  #next: Int32Array = new Int32Array(64);
  #previous: Int32Array = new Int32Array(64);

  /** Puts a slot that is not in the list at its front. */
  pushFront(slot: number): void {
    const at = slot + 1;
    if (at >= this.#next.length) this.#grow(at);
    const first = this.#next[ENDS] as number;
    this.#next[at] = first;
    this.#previous[at] = ENDS;
    this.#previous[first] = at;
    this.#next[ENDS] = at;
  }

  /** Takes a slot that is in the list out of it. */
  remove(slot: number): void {
    const at = slot + 1;
    const next = this.#next[at] as number;
    const previous = this.#previous[at] as number;
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  /** Takes the slot at the back out of the list and returns it, or -1 when the list is empty. */
  popBack(): number {
    const slot = (this.#previous[ENDS] as number) - 1;
    if (slot >= 0) this.remove(slot);
    return slot;
  }

  /** The bytes that its tables take. */
  bytes(): number {
    return this.#next.byteLength + this.#previous.byteLength;
  }

  #grow(at: number): void {
    const length = Math.max(this.#next.length * 2, at + 1);
    const next = new Int32Array(length);
    next.set(this.#next);
    this.#next = next;
    const previous = new Int32Array(length);
    previous.set(this.#previous);
    this.#previous = previous;
  }
}
