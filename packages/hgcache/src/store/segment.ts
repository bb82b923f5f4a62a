// Segment: a piece of the store's memory that records are appended to.

/** Memory that is filled from its beginning to its end, and given back as a whole. All sizes are in words. */
export class Segment {
  readonly id: number;
  readonly words: Int32Array;
  readonly bytes: Buffer;
  /** How far it is filled. */
  used = 0;
  /** How much of that belongs to entries that are still there. */
  live = 0;
  /** The earliest expiry of its records, in ms since the Unix epoch, or earlier; infinite when none expires. */
  nextExpiryMs: number = Number.POSITIVE_INFINITY;
  /** How often it has been emptied: what was learned about its records holds for one filling. */
  fillings = 0;

  constructor(id: number, size: number) {
    this.id = id;
    const memory = new ArrayBuffer(size * Int32Array.BYTES_PER_ELEMENT);
    this.words = new Int32Array(memory);
    this.bytes = Buffer.from(memory);
  }

  get size(): number {
    return this.words.length;
  }

  /** Forgets its records, to be filled anew. */
  empty(): void {
    this.used = 0;
    this.live = 0;
    this.nextExpiryMs = Number.POSITIVE_INFINITY;
    this.fillings++;
  }

  /** Gives the memory back at once, not when the collector comes around; nothing may read it afterwards. */
  release(): void {
    this.fillings++;
    (this.words.buffer as ArrayBuffer).transfer(0);
  }
}
